import { backupDatabase } from './backup-database.ts';
import { checkAlerts } from './check-alerts.ts';
import { checkEvents } from './check-events.ts';
import { checkHealth } from './check-health.ts';
import { checkMetrics } from './check-metrics.ts';
import { checkPods } from './check-pods.ts';
import { cleanTemporaryResources } from './clean-temporary-resources.ts';
import type { Step } from './contract.ts';
import { disableFeatureFlags } from './disable-feature-flags.ts';
import { freezeRollouts } from './freeze-rollouts.ts';
import { notifyTeam } from './notify-team.ts';
import { notifyUsers } from './notify-users.ts';
import { planPostMortem } from './plan-post-mortem.ts';
import { recordRollback } from './record-rollback.ts';
import { restartWorkloads } from './restart-workloads.ts';
import { restoreDatabase } from './restore-database.ts';
import { restoreManifests } from './restore-manifests.ts';
import { restoreSecrets } from './restore-secrets.ts';
import { rollbackMigrations } from './rollback-migrations.ts';
import { runCommands } from './run-commands.ts';
import { unblockPods } from './unblock-pods.ts';
import { undoWorkloads } from './undo-workloads.ts';

/** The checklist, in its order. `needs` decides what may run side by side. */
export const STEPS: readonly Step[] = [
  freezeRollouts,
  backupDatabase,
  restoreDatabase,
  rollbackMigrations,
  restoreSecrets,
  restoreManifests,
  disableFeatureFlags,
  undoWorkloads,
  restartWorkloads,
  cleanTemporaryResources,
  unblockPods,
  checkPods,
  checkEvents,
  checkHealth,
  runCommands,
  checkMetrics,
  checkAlerts,
  notifyTeam,
  notifyUsers,
  recordRollback,
  planPostMortem,
];
