import type { PageWords } from './page-words.ts';

/** English, of the pictures and the HTML report. */
export const enPage: PageWords = {
  title: 'Rollback report',
  contents: 'On this page',
  skip: 'Skip to the report',
  timeline: 'Timeline of the steps',
  availability: 'Availability',
  began: 'Began',
  afterStart: 'After the start',
  from: 'From',
  until: 'Until',
  lasted: 'Lasted',
  budget: 'Time against the budget',
  budgetEnds: 'Budget ends',
  ofBudget: 'of the budget',
  percent: (share) => `${share}%`,
  timelinePicture: (from, to) => `One bar per step, from ${from} to ${to}.`,
  availabilityPicture: (from, to) =>
    `One track per health check, from ${from} to ${to}: full where it answered right, low where it did not.`,
  tableSaysTheSame: 'The table below says the same.',
  madeBy: 'Written by Tiered Rollback from its JSON report, which has everything.',
};
