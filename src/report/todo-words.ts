import type { ValidationItemId } from '../core/report.ts';

/** What is left to a person, by item of the validation checklist. Each is a hint: words, then a command where one helps. */
export interface TodoWords {
  /** Head of the column. */
  readonly column: string;
  /** Of an item that nobody proved. */
  readonly unproven: Readonly<Record<ValidationItemId, (namespace: string) => string>>;
  /** Of a restore that passed: the database before is still there. */
  readonly kept: (database: string) => string;
  /** Of a post-mortem that is planned; the day is empty where none is known. */
  readonly postMortem: (day: string) => string;
}
