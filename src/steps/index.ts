import { backupDatabase } from './backup-database.ts';
import { checkHealth } from './check-health.ts';
import { checkPods } from './check-pods.ts';
import type { Step } from './contract.ts';
import { freezeRollouts } from './freeze-rollouts.ts';
import { restoreDatabase } from './restore-database.ts';
import { restoreSecrets } from './restore-secrets.ts';
import { rollbackMigrations } from './rollback-migrations.ts';
import { unblockPods } from './unblock-pods.ts';
import { undoWorkloads } from './undo-workloads.ts';

/** The checklist, in its order. `needs` decides what may run side by side. */
export const STEPS: readonly Step[] = [
  freezeRollouts,
  backupDatabase,
  restoreDatabase,
  rollbackMigrations,
  restoreSecrets,
  undoWorkloads,
  unblockPods,
  checkPods,
  checkHealth,
];
