import type { Cause, CauseValue, Finding } from '../../core/finding.ts';
import type { WorkloadRef } from '../../core/kubernetes.ts';
import { CONTACT_OF_CAUSE } from '../../core/troubleshooting.ts';
import { cleanValues } from '../reading/clean.ts';
import { evidenceLines } from '../reading/evidence.ts';

/** A finding about the way to the pods; text from the cluster is cleaned here. None of them ends a wait: a Service or a name can be mended meanwhile. */
export function namedOnRoute<C extends Cause>(
  cause: C,
  found: {
    readonly object: string;
    readonly workload?: WorkloadRef | undefined;
    readonly values: Readonly<Record<CauseValue<C>, string | number>>;
    readonly evidence: readonly (string | undefined)[];
    readonly command: string;
  },
): Finding {
  return {
    cause,
    ...(found.workload ? { workload: found.workload } : {}),
    object: found.object,
    values: cleanValues(found.values),
    evidence: evidenceLines(found.evidence),
    command: found.command,
    fatal: false,
    contact: CONTACT_OF_CAUSE[cause],
  };
}
