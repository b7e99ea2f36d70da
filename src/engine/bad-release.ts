import { type Finding, findingSubject } from '../core/finding.ts';
import type { KeptEvidence } from '../core/report.ts';
import type { Situation } from '../core/situation.ts';
import { diagnose } from '../diagnosis/index.ts';
import { indexView } from '../diagnosis/patient.ts';
import { causesOnRoute } from '../diagnosis/route/index.ts';
import { failedChecks } from '../diagnosis/route/read.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClusterReader, ClusterView } from '../ports/cluster.ts';
import type { ProbeMonitor } from '../ports/context.ts';
import { lastLines } from './container-log.ts';
import type { RunState } from './state.ts';

/** Logs are worth a moment of a rollback, not more: what has not arrived by then is left out. */
const LOGS_WITHIN_MS = 3000;
const MAX_LOGS = 8;
/** A rollback does not wait for a health check that takes its time to fail. */
const FIRST_ANSWERS_MS = 500;
const PLAN_ANSWERS_MS = 10_000;

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

/**
 * What keeps health checks from the pods of the live release, where some fail already. Their first answers are waited for a moment only; a
 * plan has time for them.
 */
export async function healthCauses(state: RunState, pods: readonly Finding[]): Promise<Finding[]> {
  const { situation, view, probe, parts } = state;
  if (!situation || !view) return [];
  const { config, cluster, clock } = parts;
  await firstAnswers(probe, clock, config.mode === 'plan' ? PLAN_ANSWERS_MS : FIRST_ANSWERS_MS);
  const failed = failedChecks(config.health, probe.report());
  return causesOnRoute({ cluster: cluster.reader, view, situation, namespace: config.namespace, clock }, failed, pods);
}

async function firstAnswers(probe: ProbeMonitor, clock: Clock, withinMs: number): Promise<void> {
  const stop = new AbortController();
  let isLate = false;
  const late = clock
    .sleep(withinMs, stop.signal)
    .catch(() => {})
    .then(() => {
      isLate = true;
    });
  while (!isLate && probe.report().some(({ samples }) => samples === 0)) {
    await Promise.race([probe.sampled(stop.signal).catch(() => {}), late]);
  }
  stop.abort();
}

/** `deployment/web: crash-loop` for the log. */
export function findingText(finding: Finding): string {
  const where = [finding.pod, finding.container].filter(Boolean).join('/');
  return `${findingSubject(finding)}: ${finding.cause}${where ? ` (${where})` : ''}${finding.evidence[0] ? `: ${finding.evidence[0]}` : ''}`;
}
