/** Words of the pictures and of the HTML report. */
export interface PageWords {
  /** Name of the document. */
  readonly title: string;
  readonly contents: string;
  readonly skip: string;
  readonly timeline: string;
  readonly availability: string;
  readonly began: string;
  readonly afterStart: string;
  readonly from: string;
  readonly until: string;
  readonly lasted: string;
  readonly budget: string;
  readonly budgetEnds: string;
  /** `52 s of 5 min, 17%`: what a share of the budget is called in the head of a column. */
  readonly ofBudget: string;
  readonly percent: (share: number) => string;
  /** What the picture of the steps shows, for those who do not see it. */
  readonly timelinePicture: (from: string, to: string) => string;
  readonly availabilityPicture: (from: string, to: string) => string;
  readonly tableSaysTheSame: string;
  readonly madeBy: string;
}
