import { access } from './access.ts';
import type { PreflightCheck } from './contract.ts';

/** All checks of a run. They run in parallel; the order is that of the report. */
export const PREFLIGHT_CHECKS: readonly PreflightCheck[] = [access];
