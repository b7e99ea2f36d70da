import type { MessageWords, Moment } from './message-words.ts';

const on = ({ day, time }: Moment) => `${time} UTC on ${day}`;

function between(from: Moment, to: Moment): string {
  if (from.day !== to.day) return `between ${on(from)} and ${on(to)}`;
  return from.time === to.time ? `around ${on(from)}` : `on ${from.day} between ${from.time} and ${to.time} UTC`;
}

function about(minutes: number): string {
  if (minutes < 1) return 'less than a minute';
  if (minutes < 2) return 'about a minute';
  if (minutes < 90) return `about ${minutes} minutes`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return `about ${hours} hour${hours > 1 ? 's' : ''}${rest === 0 ? '' : ` and ${rest} minute${rest > 1 ? 's' : ''}`}`;
}

/** English, of the messages to team and users. */
export const enMessages: MessageWords = {
  team: {
    succeeded: (app) => `ROLLBACK DONE - ${app} is back to a stable state`,
    succeededUnproven: (app) => `ROLLBACK DONE, NOT PROVEN - the health of ${app} is not known: have a look`,
    succeededUnhealthy: (app) => `ROLLBACK DONE, BUT NOT HEALTHY - ${app} needs somebody now`,
    noOp: (app) => `NOTHING TO DO - ${app} was already back to a stable state, verified just now`,
    noOpUnproven: (app) => `NOTHING CHANGED - ${app} already runs the target release, but its health is not known`,
    noOpUnhealthy: (app) => `STILL NOT HEALTHY - ${app} already runs the target release and needs somebody now`,
    partial: (app) => `ROLLBACK ONLY PARTIAL - ${app} needs somebody now`,
    failed: (app) => `ROLLBACK FAILED - ${app} needs somebody now`,
    cancelled: (app) => `ROLLBACK CANCELLED UNDER WAY - ${app} may run two releases`,
    cancelledUntouched: (app) => `ROLLBACK CANCELLED - ${app} was not touched`,
    refused: (app) => `ROLLBACK REFUSED - ${app} was not touched`,
    undone: (app) => `ROLLBACK TAKEN BACK - ${app} runs again what it ran before it, verified`,
    undoneUnproven: (app) => `ROLLBACK TAKEN BACK, NOT PROVEN - the health of ${app} is not known: have a look`,
    undoneUnhealthy: (app) => `ROLLBACK TAKEN BACK, BUT NOT HEALTHY - ${app} needs somebody now`,
    undoneAlready: (app) => `NOTHING TO DO - the rollback of ${app} was already taken back, verified just now`,
    undoPartial: (app) => `ROLLBACK TAKEN BACK ONLY IN PART - ${app} needs somebody now`,
    undoFailed: (app) => `UNDO FAILED - the rollback of ${app} could not be taken back`,
  },
  by: (actor) => `By ${actor}`,
  noReason: 'no reason given',
  run: 'Run',
  postMortem: 'Post-mortem',
  due: (day) => `due ${day}`,
  users: {
    ourService: 'our service',
    locale: 'en-GB',
    time: (hour, minute) => `${hour}:${minute}`,
    subject: {
      back: (app) => `${app} is available again`,
      over: (app) => `Maintenance of ${app} is over`,
      working: (app) => `Maintenance of ${app} under way`,
    },
    state: { back: 'Available again', over: 'Maintenance over', working: 'We are working on it' },
    greeting: 'Hello,',
    was: (app, from, to, open) =>
      open
        ? `Access to ${app} was interrupted or disturbed until ${on(to)}. That began at ${from.day === to.day ? `${from.time} UTC` : on(from)} or earlier.`
        : `Access to ${app} was interrupted or disturbed ${between(from, to)}.`,
    is: (app, from, open) =>
      `Access to ${app} has been interrupted or disturbed since ${open ? 'at least ' : ''}${on(from)}.`,
    mayBe: (app) => `Access to ${app} may be interrupted or disturbed at the moment.`,
    lasted: (minutes) => `We measured an interruption of ${about(minutes)}.`,
    maintained: (app, at) => `There was maintenance work on ${app} around ${on(at)}.`,
    worksAgain: 'The service works again, and we have checked that it does.',
    nothingToDo: 'You need not do anything.',
    checkYours:
      'Something that you saved shortly before may not have been kept: please look at your latest entries, and contact us if one is missing.',
    restoring: 'We are working on bringing the service back.',
    stillChecking: 'We are still making sure that everything works as it should.',
    thanks: 'Thank you for your patience. We apologise for the inconvenience.',
    team: (app) => `The ${app} team`,
    theTeam: 'The team',
    automatic: 'This message was sent automatically.',
  },
};
