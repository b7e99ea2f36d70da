import { access } from './access.ts';
import type { PreflightCheck } from './contract.ts';
import { database } from './database.ts';
import { gitops } from './gitops.ts';
import { identity } from './identity.ts';
import { quota } from './quota.ts';
import { references } from './references.ts';
import { target } from './target.ts';

/** All checks of a run. They run in parallel; the order is that of the report. */
export const PREFLIGHT_CHECKS: readonly PreflightCheck[] = [
  identity,
  access,
  target,
  references,
  quota,
  gitops,
  database,
];
