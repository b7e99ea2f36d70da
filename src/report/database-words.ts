/** Fixed words and sentences about the database. Names and numbers that a sentence gets are neutral and formatted already. */
export interface DatabaseWords {
  readonly title: string;
  readonly labels: {
    readonly live: string;
    readonly liveUntilThen: string;
    readonly kept: string;
    readonly wouldBeKept: string;
    readonly backup: string;
    readonly forecast: string;
    readonly safetyBackup: string;
    readonly exported: string;
    readonly rowsGivenUp: string;
    readonly wouldGiveUp: string;
  };
  /** What has the live name, after the label. */
  readonly live: Readonly<Record<'restored' | 'before' | 'taken-back' | 'another' | 'unknown', string>>;
  /** `Database {name} is ...`: the same as a sentence of its own. `backup` is empty where it is not known. */
  readonly truth: Readonly<
    Record<
      'restored' | 'before' | 'taken-back' | 'another' | 'unknown' | 'would',
      (name: string, backup: string) => string
    >
  >;
  readonly on: string;
  readonly nothingChangedInIt: string;
  readonly keptBefore: string;
  readonly keptRestored: string;
  readonly wouldKeep: string;
  readonly made: (at: string, age: string) => string;
  readonly madeUnknown: string;
  readonly why: Readonly<Record<'only-one' | 'newest' | 'newest-before-bad-release', string>>;
  readonly proven: (hash: string) => string;
  readonly notProven: (hash: string) => string;
  readonly passedOver: (count: number) => string;
  readonly restoreTakes: (estimate: string, budget: string) => string;
  readonly overBudget: string;
  readonly inKeptOnly: string;
  readonly wouldBeInKeptOnly: string;
  readonly nothingTouched: string;
  /** How many rows, and how sure that is. */
  readonly atLeast: (rows: string) => string;
  readonly noRows: string;
  readonly noRowsKnown: string;
  readonly exact: string;
  readonly counted: string;
  readonly stillIn: (kept: string) => string;
  readonly columns: {
    readonly table: string;
    readonly now: string;
    readonly before: string;
    readonly after: string;
    readonly withBackup: string;
    readonly withKept: string;
    readonly givenUp: string;
    readonly newer: string;
    readonly changes: string;
  };
  readonly changesAre: string;
  readonly equalTables: (count: number) => string;
  readonly moreTables: string;
  readonly byHand: string;
  readonly takeBack: string;
  readonly takeBackHow: string;
  readonly lookOrDrop: string;
  readonly lookHow: string;
  readonly dropHow: string;
  readonly days: (count: number) => string;
  /** Units of 1, 1000, 1000² ... bytes. */
  readonly units: readonly string[];
  /** Digits with every three of them grouped; `groups` are those, most significant first. */
  readonly grouped: (groups: readonly string[]) => string;
}
