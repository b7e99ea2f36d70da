import type { DatabaseWords } from './database-words.ts';

const from = (backup: string) => (backup === '' ? '' : ` à partir de ${backup}`);

/** French, about the database. */
export const frDatabase: DatabaseWords = {
  title: 'Base de données',
  labels: {
    live: 'En service',
    liveUntilThen: 'En service jusque-là',
    kept: 'Conservée',
    wouldBeKept: 'Serait conservée',
    backup: 'Backup',
    forecast: 'Prévision',
    safetyBackup: 'Sauvegarde de secours',
    exported: 'Lignes en fichiers',
    rowsGivenUp: 'lignes abandonnées',
    wouldGiveUp: 'lignes qui seraient abandonnées',
  },
  live: {
    restored: 'la base restaurée',
    before: "la même base qu'avant",
    'taken-back': "la base d'avant le rollback",
    another: "une autre base, ni celle d'avant ni la base restaurée",
    unknown: 'on ne sait pas',
  },
  truth: {
    restored: (name, backup) =>
      backup === '' ? `La base ${name} est la base restaurée.` : `La base ${name} est celle restaurée${from(backup)}.`,
    before: (name) => `La base ${name} est toujours celle d'avant.`,
    'taken-back': (name) => `La base ${name} est de nouveau celle d'avant le rollback.`,
    another: (name) => `La base ${name} n'est ni celle d'avant ni la base restaurée.`,
    unknown: (name) => `On ne sait pas quelle base porte le nom ${name}.`,
    would: (name, backup) => `La base ${name} serait restaurée${from(backup)}.`,
  },
  on: 'sur',
  nothingChangedInIt: "La restauration n'y a rien changé",
  keptBefore: "la base d'avant, avec toutes ses lignes. Fermée aux connexions ; aucune exécution ne la supprime jamais",
  keptRestored:
    'la base restaurée, avec tout ce qui a été écrit depuis. Fermée aux connexions ; aucune exécution ne la supprime jamais',
  wouldKeep: 'la base en service, avec toutes ses lignes, fermée aux connexions',
  made: (at, age) => `fait le ${at}${age === '' ? '' : `, ${age} avant cette exécution`}`,
  madeUnknown: 'date inconnue',
  why: {
    'only-one': 'le seul',
    newest: 'le plus récent',
    'newest-before-bad-release': "le plus récent d'avant la mauvaise version",
  },
  proven: (hash) => `Intégrité prouvée : le SHA-256 ${hash} est bien celui attendu`,
  notProven: (hash) =>
    `Intégrité NON prouvée : complet et lisible, mais aucune empreinte n'était attendue (son SHA-256 : ${hash})`,
  passedOver: (count) => (count === 1 ? '1 autre backup écarté' : `${count} autres backups écartés`),
  restoreTakes: (estimate, budget) => `la restauration prend environ ${estimate}, le palier prévoit ${budget}`,
  overBudget: 'Augmentez `timeout`, sinon elle sera interrompue.',
  inKeptOnly: "aucune copie ailleurs. La base conservée en tient lieu, mais ce n'est pas une sauvegarde de secours",
  wouldBeInKeptOnly:
    "aucun emplacement n'est configuré (`safety-backup`). La base conservée en tiendrait lieu, mais ce n'est pas une sauvegarde de secours",
  nothingTouched: "Rien n'a été touché, ni dans le cluster ni dans la base.",
  atLeast: (rows) => `au moins ${rows}`,
  noRows: 'aucune',
  noRowsKnown: 'aucune connue',
  exact: 'comparées ligne à ligne',
  counted: "d'après les comptes, les dates et les statistiques ; des lignes seulement modifiées peuvent manquer ici",
  stillIn: (kept) => `Elles sont toujours dans ${kept}.`,
  columns: {
    table: 'Table',
    now: 'Lignes maintenant',
    before: 'Lignes avant',
    after: 'Lignes maintenant',
    withBackup: 'Avec le backup',
    withKept: 'Avec la base conservée',
    givenUp: 'Abandonnées',
    newer: 'Plus récentes que le backup',
    changes: 'Changements',
  },
  changesAre: 'Changements : lignes ajoutées (+), modifiées (~) et supprimées (−) depuis que le serveur les compte.',
  equalTables: (count) =>
    count === 1 ? "1 autre table n'abandonne rien." : `${count} autres tables n'abandonnent rien.`,
  moreTables: 'Autres tables qui abandonnent des lignes',
  byHand: 'À la main, dans cet ordre',
  takeBack: 'Pour défaire ce rollback',
  takeBackHow: "relancez avec ces entrées. Les lignes écrites depuis sont d'abord comptées, et conservées.",
  lookOrDrop: 'Consulter la base conservée, ou la supprimer',
  lookHow: "Pour la consulter (seuls son propriétaire et ceux qui ont le droit de s'y connecter entrent) :",
  dropHow: "Quand plus personne n'en a besoin. C'est sans retour :",
  days: (count) => `${count} jours`,
  units: ['o', 'ko', 'Mo', 'Go', 'To'],
  grouped: (groups) => groups.join('\u202f'),
};
