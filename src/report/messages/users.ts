import type { ProbeReport, Report } from '../../core/report.ts';
import type { Catalogue } from '../catalogue.ts';
import { rowsGivenUpBy, wasSwapped } from '../database-state.ts';
import { catalogueOf } from '../languages.ts';
import type { Moment } from '../message-words.ts';
import { oneLine } from '../neutral.ts';
import { headlineOf } from '../verdict.ts';
import { renderNoticePage } from './users-page.ts';

export interface UsersNotice {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What users are told: available again, maintenance over (nobody may have noticed), or not proven to be well yet. */
export type NoticeState = 'back' | 'over' | 'working';

/** The notice as words, before it is text or a page. */
export interface Notice {
  readonly language: Report['language'];
  readonly state: NoticeState;
  readonly stateText: string;
  readonly subject: string;
  readonly greeting: string;
  readonly paragraphs: readonly string[];
  readonly signature: string;
  readonly automatic: string;
}

/** When the health checks got no right answer, as far as the run has seen. Times are RFC 3339. */
interface Window {
  readonly from: string;
  /** Absent while it goes on. */
  readonly to?: string;
  /** It had begun before the run looked. */
  readonly open: boolean;
}

/**
 * A maintenance notice for the people who use the application, who know neither images nor namespaces. It says that the service is back only
 * where that was verified. `application`: what its users call it; empty: "our service".
 */
export function renderUsersNotice(report: Report, { application }: { readonly application: string }): UsersNotice {
  const notice = noticeOf(report, oneLine(application, 100));
  const { subject, greeting, paragraphs, signature, automatic } = notice;
  return {
    subject,
    text: `${[greeting, ...paragraphs, signature, `-- \n${automatic}`].join('\n\n')}\n`,
    html: renderNoticePage(notice),
  };
}

function noticeOf(report: Report, application: string): Notice {
  const catalogue = catalogueOf(report.language);
  const { users } = catalogue.messages;
  const name = application === '' ? users.ourService : application;
  const window = windowOf(report);
  const state = stateOf(report, window);
  return {
    language: report.language,
    state,
    stateText: users.state[state],
    // A name is written as it is: `eBay` begins with a small letter also at the beginning of a sentence.
    subject: application === '' ? capital(users.subject[state](name)) : users.subject[state](name),
    greeting: users.greeting,
    paragraphs: paragraphsOf(catalogue, report, state, window, name),
    signature: application === '' ? users.theTeam : users.team(name),
    automatic: users.automatic,
  };
}

/** As for the team: what is not proven is never called good. */
function stateOf(report: Report, window: Window | undefined): NoticeState {
  if (headlineOf(report).icon !== '✅') return 'working';
  return window ? 'back' : 'over';
}

function paragraphsOf(
  catalogue: Catalogue,
  report: Report,
  state: NoticeState,
  window: Window | undefined,
  name: string,
): string[] {
  const { users } = catalogue.messages;
  const moment = (time: string) => momentOf(catalogue, time);
  const seconds = report.downtimeSeconds ?? 0;
  const what = !window
    ? state === 'over'
      ? users.maintained(name, moment(report.startedAt))
      : users.mayBe(name)
    : window.to === undefined
      ? users.is(name, moment(window.from), window.open)
      : `${users.was(name, moment(window.from), moment(window.to), window.open)} ${users.lasted(Math.round(seconds / 60))}`;
  const isLost = wasSwapped(report) && (rowsGivenUpBy(report) ?? 0) > 0;
  const now =
    state === 'working'
      ? [window?.to === undefined ? users.restoring : users.stillChecking]
      : [users.worksAgain, ...(isLost ? [] : [users.nothingToDo])];
  return [what, now.join(' '), ...(isLost ? [users.checkYours] : []), users.thanks];
}

/** From the health check that was away the longest; undefined where none was. */
function windowOf({ probes, healthy }: Report): Window | undefined {
  const [worst] = probes.filter(({ spans }) => spans.some(({ ok }) => !ok)).sort((a, b) => b.downtimeMs - a.downtimeMs);
  const wrong = worst?.spans.filter(({ ok }) => !ok) ?? [];
  const [first] = wrong;
  const last = wrong.at(-1);
  if (!worst || !first || !last) return undefined;
  const goesOn = healthy !== true && isAway(worst);
  return { from: first.from, ...(goesOn ? {} : { to: last.to }), open: worst.spans[0] === first };
}

const isAway = ({ spans }: ProbeReport) => spans.at(-1)?.ok === false;

function momentOf({ messages: { users } }: Catalogue, time: string): Moment {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return { day: '?', time: '?' };
  const [, hour = '', minute = ''] = /T(\d\d):(\d\d)/.exec(date.toISOString()) ?? [];
  const form = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return { day: new Intl.DateTimeFormat(users.locale, form).format(date), time: users.time(hour, minute) };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
