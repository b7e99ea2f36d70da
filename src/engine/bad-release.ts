import type { Finding } from '../core/finding.ts';
import { refText } from '../core/kubernetes.ts';
import type { KeptEvidence } from '../core/report.ts';
import type { Situation } from '../core/situation.ts';
import { diagnose } from '../diagnosis/index.ts';
import { indexView } from '../diagnosis/patient.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClusterReader, ClusterView } from '../ports/cluster.ts';
import { lastLines } from './container-log.ts';

/** Logs are worth a moment of a rollback, not more: what has not arrived by then is left out. */
const LOGS_WITHIN_MS = 3000;
const MAX_LOGS = 8;

export interface BadRelease {
  readonly findings: readonly Finding[];
  readonly kept: readonly KeptEvidence[];
}

/** Names what is wrong with the live release and keeps the last log lines of its broken containers, before its pods are gone. */
export async function keepEvidence(parts: {
  readonly situation: Situation;
  readonly view: ClusterView;
  readonly cluster: ClusterReader;
  readonly clock: Clock;
}): Promise<BadRelease> {
  const { situation, view, cluster, clock } = parts;
  const index = indexView(view);
  const findings = situation.members.flatMap((member) =>
    diagnose(index.patientOf(member.workload, member.hash, 0, situation.readAt)),
  );
  const wanted = findings
    .filter((finding) => finding.pod !== undefined && finding.container !== undefined)
    .slice(0, MAX_LOGS);
  const stop = new AbortController();
  const logs = wanted.map(async (finding): Promise<KeptEvidence | undefined> => {
    const { pod = '', container = '' } = finding;
    const log = await lastLines(cluster, pod, container);
    return log.length > 0 ? { pod, container, log } : undefined;
  });
  const late = clock.sleep(LOGS_WITHIN_MS, stop.signal).then(
    () => undefined,
    () => undefined,
  );
  const kept = await Promise.all(logs.map((log) => Promise.race([log, late])));
  stop.abort();
  return { findings, kept: kept.filter((one) => one !== undefined) };
}

/** `deployment/web: crash-loop` for the log. */
export function findingText(finding: Finding): string {
  const where = [finding.pod, finding.container].filter(Boolean).join('/');
  return `${refText(finding.workload)}: ${finding.cause}${where ? ` (${where})` : ''}${finding.evidence[0] ? `: ${finding.evidence[0]}` : ''}`;
}
