import type { CauseRule } from '../core/finding.ts';
import { perContainer } from './reading/containers.ts';
import { crashFinding } from './reading/crash-finding.ts';

/** Init containers that change a database are named after what they do. */
const MIGRATES = /migrat|schema|flyway|liquibase|alembic/i;

/**
 * An init container ends with an error, so the application does not start. Values: exitCode, restarts. Fatal once repeated
 * with the same exit. Contact: the database administrator where the container is named after a migration, else devops.
 */
export const initCrash: CauseRule = {
  cause: 'init-crash',
  detect: (patient) =>
    perContainer(patient, (seen) =>
      seen.role === 'init'
        ? crashFinding(patient, seen, 'init-crash', MIGRATES.test(seen.spec.name) ? 'database' : undefined)
        : undefined,
    ),
};
