import type { Cause, CauseValue, Finding, Patient } from '../../core/finding.ts';
import { evidenceLine, evidenceLines } from './evidence.ts';

/** Text values fit into one sentence. */
const LONGEST_VALUE = 200;

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
    /** Default devops: who deploys is who can mend nearly all of it. */
    readonly contact?: Finding['contact'];
  },
): Finding {
  const values = Object.entries<string | number>(found.values).map(
    ([name, value]) => [name, cleanValue(value)] as const,
  );
  return {
    cause,
    workload: { kind: patient.workload.kind, name: patient.workload.metadata.name },
    ...(found.pod === undefined ? {} : { pod: found.pod }),
    ...(found.container === undefined ? {} : { container: found.container }),
    values: Object.fromEntries(values),
    evidence: evidenceLines(found.evidence),
    command: found.command,
    fatal: found.fatal ?? false,
    contact: found.contact ?? 'devops',
  };
}

function cleanValue(value: string | number): string | number {
  if (typeof value === 'number') return value;
  const line = evidenceLine(value);
  return line.length <= LONGEST_VALUE ? line : `${[...line].slice(0, LONGEST_VALUE - 1).join('')}…`;
}
