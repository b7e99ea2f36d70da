import type { RollbackError } from '../core/errors.ts';

/** What the rules need to know beyond inputs and config file. No secret is in it. */
export interface Surroundings {
  /** An event started the run; nobody asked for this very one. */
  readonly isAutomatic: boolean;
  /** Whether a value was given under this name, by `secret-values` or by an environment variable. */
  hasValue(variable: string): boolean;
  /** The address of the database, as far as it may be shown. */
  readonly database: {
    /** `database-url` was typed. */
    readonly byUrl: boolean;
    /** Something says where the server is. */
    readonly isGiven: boolean;
    /** Every name of a database that stands somewhere, with its place. */
    readonly names: readonly { readonly where: string; readonly name: string }[];
    /** What is wrong with it: told only where it would be used. */
    readonly faults: readonly RollbackError[];
  };
  /** The receivers of messages. */
  readonly receivers: {
    /** `smtp-url` was typed. */
    readonly mail: boolean;
    /** What is wrong with their addresses, which are secrets and are not quoted. */
    faults(allowHttp: boolean): readonly RollbackError[];
  };
}

/** A run that a person asked for, where nothing is known but inputs and file. */
export const NOTHING_AROUND: Surroundings = {
  isAutomatic: false,
  hasValue: () => true,
  database: { byUrl: false, isGiven: false, names: [], faults: [] },
  receivers: { mail: false, faults: () => [] },
};
