import type { Cause, CauseValue, Finding, Patient } from '../../core/finding.ts';
import { CONTACT_OF_CAUSE } from '../../core/troubleshooting.ts';
import { cleanValues } from './clean.ts';
import { evidenceLines } from './evidence.ts';

/** Builds a finding; text from the cluster is cleaned here, so that no rule can forget it. */
export function named<C extends Cause>(
  patient: Patient,
  cause: C,
  found: {
    readonly values: Readonly<Record<CauseValue<C>, string | number>>;
    readonly evidence: readonly (string | undefined)[];
    readonly command: string;
    readonly pod?: string | undefined;
    readonly container?: string | undefined;
    /** Default false: named at once, and waited for. */
    readonly fatal?: boolean;
    /** Where the rule knows better than the table of causes. */
    readonly contact?: Finding['contact'];
  },
): Finding {
  return {
    cause,
    workload: { kind: patient.workload.kind, name: patient.workload.metadata.name },
    ...(found.pod === undefined ? {} : { pod: found.pod }),
    ...(found.container === undefined ? {} : { container: found.container }),
    values: cleanValues(found.values),
    evidence: evidenceLines(found.evidence),
    command: found.command,
    fatal: found.fatal ?? false,
    contact: found.contact ?? CONTACT_OF_CAUSE[cause],
  };
}
