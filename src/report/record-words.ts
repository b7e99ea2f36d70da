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
  readonly seeRecord: string;
  /** Behind a link to the post-mortem; `day` as `2026-03-08`. */
  readonly dueOn: (day: string) => string;
  /** Heading of the runs of one incident, the newest last. */
  readonly runs: string;
  readonly run: string;
  readonly outcome: string;
  /** Title of what an earlier run found; `run` and `at` are neutral already. */
  readonly earlierRun: (run: string, at: string) => string;
  readonly takenBack: string;
  /** In a repository that everybody may read; `link` to the run, or empty. */
  readonly leftOut: (link: string) => string;
  /** At most 140 characters with a namespace of usual length. */
  readonly deployment: (headline: string, namespace: string) => string;
}
