import type { DatabaseReport } from './report.ts';
import type { Change } from './step.ts';

/** What `restore-database` would do, as data. */
export interface RestoreChange extends Change {
  /** `load`: load a backup and swap it in. `swap`: it is loaded already. `take-back`: the kept database gets the live name again. */
  readonly kind: 'load' | 'swap' | 'take-back';
  readonly live: { readonly name: string; readonly oid: number };
  /** The database that becomes live; without an OID it is yet to be created. */
  readonly side: { readonly name: string; readonly oid?: number };
  /** Name that the live one gets. */
  readonly kept: string;
  /** The live name belongs to the right database already; what is left is to close the other one. */
  readonly isSwapped: boolean;
  readonly marker: string;
  readonly backup?: { readonly name: string; readonly sha256: string; readonly madeAt?: string };
  readonly price?: DatabaseReport['price'];
  /** Which goes first: decides whether readers are restarted after the swap. */
  readonly order: DatabaseOrder['first'];
}

export interface DatabaseOrder {
  readonly first: 'workloads' | 'database';
  readonly why: 'schema-compatible' | 'same-migrations' | 'nothing-serves' | 'nothing-goes' | 'schema-unknown';
}
