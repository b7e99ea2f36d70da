import type { PageWords } from './page-words.ts';

/** French, of the pictures and the HTML report. */
export const frPage: PageWords = {
  title: 'Rapport de rollback',
  contents: 'Sur cette page',
  skip: 'Aller au rapport',
  timeline: 'Chronologie des étapes',
  availability: 'Disponibilité',
  began: 'Début',
  afterStart: 'Après le départ',
  from: 'De',
  until: 'À',
  lasted: 'Durée',
  budget: 'Temps par rapport au budget',
  budgetEnds: 'Fin du budget',
  ofBudget: 'part du budget',
  percent: (share) => `${share}\u00a0%`,
  timelinePicture: (from, to) => `Une barre par étape, de ${from} à ${to}.`,
  availabilityPicture: (from, to) =>
    `Une ligne par test de santé, de ${from} à ${to} : pleine quand la réponse était bonne, basse sinon.`,
  tableSaysTheSame: 'Le tableau ci-dessous dit la même chose.',
  madeBy: 'Écrit par Tiered Rollback à partir de son rapport JSON, qui contient tout.',
};
