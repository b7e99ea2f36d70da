import type { CauseRule } from '../core/finding.ts';
import { perContainer } from './reading/containers.ts';
import { crashFinding } from './reading/crash-finding.ts';

/**
 * A container (or native sidecar) ends by itself. Values: exitCode, restarts. A first crash is named and waited for: many
 * applications come up once their database does. Fatal once repeated with the same exit.
 */
export const crashLoop: CauseRule = {
  cause: 'crash-loop',
  detect: (patient) =>
    perContainer(patient, (seen) => (seen.role === 'app' ? crashFinding(patient, seen, 'crash-loop') : undefined)),
};
