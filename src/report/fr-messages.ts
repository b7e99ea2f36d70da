import type { MessageWords, Moment } from './message-words.ts';

const day = (text: string) => `le ${text.replace(/^1 /, '1er ')}`;
const at = (moment: Moment) => `${day(moment.day)} à ${moment.time} (UTC)`;

function between(from: Moment, to: Moment): string {
  if (from.day !== to.day) return `du ${at(from).slice(3)} au ${at(to).slice(3)}`;
  return from.time === to.time
    ? `${day(from.day)} vers ${from.time} (UTC)`
    : `${day(from.day)} entre ${from.time} et ${to.time} (UTC)`;
}

function about(minutes: number): string {
  if (minutes < 1) return "moins d'une minute";
  if (minutes < 2) return 'environ une minute';
  if (minutes < 90) return `environ ${minutes} minutes`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return `environ ${hours} heure${hours > 1 ? 's' : ''}${rest === 0 ? '' : ` et ${rest} minute${rest > 1 ? 's' : ''}`}`;
}

/** French, of the messages to team and users; the sentence about success is the checklist's own. */
export const frMessages: MessageWords = {
  team: {
    succeeded: (app) => `ROLLBACK EFFECTUÉ - ${app} est revenu à un état stable`,
    succeededUnproven: (app) => `ROLLBACK EFFECTUÉ, NON PROUVÉ - ${app}\u00a0: la santé n'est pas connue, à vérifier`,
    succeededUnhealthy: (app) => `ROLLBACK EFFECTUÉ, MAIS SANTÉ MAUVAISE - ${app}\u00a0: quelqu'un doit intervenir`,
    noOp: (app) => `RIEN À FAIRE - ${app} était déjà revenu à un état stable, vérifié à l'instant`,
    noOpUnproven: (app) => `RIEN N'A CHANGÉ - ${app} est déjà sur la version cible, mais la santé n'est pas connue`,
    noOpUnhealthy: (app) =>
      `SANTÉ TOUJOURS MAUVAISE - ${app} est déjà sur la version cible\u00a0: quelqu'un doit intervenir`,
    partial: (app) => `ROLLBACK SEULEMENT PARTIEL - ${app}\u00a0: quelqu'un doit intervenir`,
    failed: (app) => `ROLLBACK ÉCHOUÉ - ${app}\u00a0: quelqu'un doit intervenir`,
    cancelled: (app) => `ROLLBACK ANNULÉ EN COURS DE ROUTE - ${app} exécute peut-être deux versions`,
    cancelledUntouched: (app) => `ROLLBACK ANNULÉ - ${app}\u00a0: rien n'a été modifié`,
    refused: (app) => `ROLLBACK REFUSÉ - ${app}\u00a0: rien n'a été modifié`,
    undone: (app) => `ROLLBACK DÉFAIT - ${app} exécute de nouveau ce qui tournait avant, vérifié`,
    undoneUnproven: (app) => `ROLLBACK DÉFAIT, NON PROUVÉ - ${app}\u00a0: la santé n'est pas connue, à vérifier`,
    undoneUnhealthy: (app) => `ROLLBACK DÉFAIT, MAIS SANTÉ MAUVAISE - ${app}\u00a0: quelqu'un doit intervenir`,
    undoneAlready: (app) => `RIEN À FAIRE - ${app}\u00a0: le rollback était déjà défait, vérifié à l'instant`,
    undoPartial: (app) => `ROLLBACK DÉFAIT EN PARTIE SEULEMENT - ${app}\u00a0: quelqu'un doit intervenir`,
    undoFailed: (app) => `UNDO ÉCHOUÉ - ${app}\u00a0: le rollback n'a pas pu être défait`,
  },
  by: (actor) => `Par ${actor}`,
  noReason: 'aucune raison donnée',
  run: 'Exécution',
  postMortem: 'Post-mortem',
  due: (text) => `échéance ${text}`,
  users: {
    ourService: 'notre service',
    locale: 'fr-FR',
    time: (hour, minute) => `${hour}\u00a0h\u00a0${minute}`,
    subject: {
      back: (app) => `${app} est de nouveau disponible`,
      over: (app) => `${app}\u00a0: maintenance terminée`,
      working: (app) => `${app}\u00a0: maintenance en cours`,
    },
    state: { back: 'De nouveau disponible', over: 'Maintenance terminée', working: 'Nous y travaillons' },
    greeting: 'Bonjour,',
    was: (app, from, to, open) =>
      open
        ? `L'accès à ${app} a été interrompu ou perturbé jusqu'au ${at(to).slice(3)}. Cela avait commencé ${from.day === to.day ? `à ${from.time}` : at(from)} ou avant.`
        : `L'accès à ${app} a été interrompu ou perturbé ${between(from, to)}.`,
    is: (app, from, open) =>
      `L'accès à ${app} est interrompu ou perturbé depuis ${open ? 'au moins ' : ''}${at(from)}.`,
    mayBe: (app) => `L'accès à ${app} peut être interrompu ou perturbé en ce moment.`,
    lasted: (minutes) => `Nous avons mesuré une interruption ${minutes < 1 ? 'de ' : "d'"}${about(minutes)}.`,
    maintained: (app, moment) => `Une maintenance a eu lieu sur ${app} ${day(moment.day)} vers ${moment.time} (UTC).`,
    worksAgain: "Le service fonctionne de nouveau, et nous l'avons vérifié.",
    nothingToDo: "Vous n'avez rien à faire.",
    checkYours:
      "Ce que vous avez enregistré peu avant n'a peut-être pas été conservé\u00a0: vérifiez vos dernières opérations, et contactez-nous s'il en manque une.",
    restoring: 'Nous travaillons à rétablir le service.',
    stillChecking: 'Nous nous assurons encore que tout fonctionne comme il faut.',
    thanks: 'Merci de votre patience. Veuillez nous excuser pour la gêne occasionnée.',
    team: (app) => `L'équipe ${app}`,
    theTeam: "L'équipe",
    automatic: 'Ce message a été envoyé automatiquement.',
  },
};
