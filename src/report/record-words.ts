/** Words of the post-mortem, of the record of a rollback, and of the deployment on GitHub. Names that a sentence gets are neutral already. */
export interface RecordWords {
  /** Title of the issue; `day` as `2026-03-01`. */
  readonly postMortem: (namespace: string, day: string) => string;
  /** Heading of the committed record. */
  readonly record: (namespace: string, at: string) => string;
  readonly commit: (namespace: string, run: string) => string;
  readonly whatHappened: string;
  readonly timeline: string;
  readonly when: string;
  readonly what: string;
  readonly target: string;
  readonly evidence: string;
  readonly downtime: string;
  readonly price: string;
  readonly noDatabase: string;
  readonly whoAndWhy: string;
  readonly noReason: string;
  readonly causes: string;
  readonly noCauses: string;
  readonly troubles: string;
  readonly events: {
    readonly badRelease: (workload: string, images: string) => string;
    readonly began: (actor: string) => string;
    readonly ended: string;
    readonly wrongFrom: (check: string) => string;
    readonly rightFrom: (check: string) => string;
  };
  readonly openQuestions: string;
  readonly questions: Readonly<
    Record<
      'cause' | 'how-it-got-there' | 'notice' | 'users' | 'state' | 'rows' | 'kept' | 'again' | 'helped' | 'actions',
      string
    >
  >;
  readonly due: (day: string) => string;
  /** Below what the action writes. */
  readonly yours: string;
  readonly seePostMortem: string;
  /** At most 140 characters with a namespace of usual length. */
  readonly deployment: (headline: string, namespace: string) => string;
}
