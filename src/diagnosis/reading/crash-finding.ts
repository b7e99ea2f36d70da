import type { Finding, Patient } from '../../core/finding.ts';
import { tr } from '../../core/tr.ts';
import type { Seen } from './containers.ts';
import { containerEvents, eventText } from './events.ts';
import { crash } from './exits.ts';
import { kubectl } from './kubectl.ts';
import { named } from './named.ts';

/** A container that ends by its own doing, as a finding; undefined when it does not. */
export function crashFinding(
  patient: Patient,
  seen: Seen,
  cause: 'crash-loop' | 'init-crash',
  contact?: Finding['contact'],
): Finding | undefined {
  const found = crash(patient, seen);
  if (!found) return undefined;
  const { pod, spec, status } = seen;
  const { exit, repeated } = found;
  // Plain logs show an ended container's text; `--previous` is for a run that has begun anew.
  const previous = status.state?.running ? ['--previous'] : [];
  return named(patient, cause, {
    values: { exitCode: exit.exitCode, restarts: status.restartCount },
    evidence: [
      tr`${spec.name}: ${exit.reason ?? tr`ended`}, exit ${exit.exitCode}, at ${exit.finishedAt ?? tr`an unknown time`}`,
      exit.message,
      ...containerEvents(patient, pod, spec.name, 'BackOff').map(eventText),
    ],
    command: kubectl(patient, 'logs', pod.metadata.name, '-c', spec.name, ...previous, '--tail=50'),
    pod: pod.metadata.name,
    container: spec.name,
    fatal: repeated,
    ...(contact === undefined ? {} : { contact }),
  });
}
