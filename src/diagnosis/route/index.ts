import { CAUSES, type Finding } from '../../core/finding.ts';
import type { FailedCheck, Route, RouteRule } from '../../core/route.ts';
import { nameNotResolved } from '../name-not-resolved.ts';
import { serviceMissing } from '../service-missing.ts';
import { servicePortMismatch } from '../service-port-mismatch.ts';
import { serviceSelectorMismatch } from '../service-selector-mismatch.ts';
import { serviceWithoutEndpoints } from '../service-without-endpoints.ts';
import { type RouteParts, readRoute } from './read.ts';
import { askedService } from './services.ts';

/** All rules about the way to the pods, beside those about the pods themselves (`CAUSE_RULES`). */
export const ROUTE_RULES: readonly RouteRule[] = [
  serviceMissing,
  serviceSelectorMismatch,
  servicePortMismatch,
  serviceWithoutEndpoints,
  nameNotResolved,
];

/** Longer than this nobody waits for a cause. */
const WITHIN_MS = 3000;

/**
 * Names what keeps requests from reaching pods: at most one cause per Service or host, most decisive first. Pure.
 * @param pods causes that are named for the pods already: a Service is without endpoints because of them, and says nothing new
 */
export function diagnoseRoute(route: Route, pods: readonly Finding[] = []): Finding[] {
  const sorted = ROUTE_RULES.flatMap((rule) => rule.detect(route)).toSorted(
    (a, b) => CAUSES.indexOf(a.cause) - CAUSES.indexOf(b.cause),
  );
  return sorted
    .filter(({ object }, index) => sorted.findIndex((other) => other.object === object) === index)
    .filter(({ cause, workload }) => cause !== 'service-without-endpoints' || !pods.some((one) => isOf(one, workload)));
}

function isOf(finding: Finding, workload: Finding['workload']): boolean {
  return (
    finding.object === undefined &&
    workload !== undefined &&
    finding.workload?.kind === workload.kind &&
    finding.workload.name === workload.name
  );
}

/** The cause that explains why this check fails. */
export function causeOfCheck(findings: readonly Finding[], check: FailedCheck, namespace: string): Finding | undefined {
  const asked = askedService({ namespace }, check);
  return findings.find(({ cause, object }) => {
    if (cause === 'name-not-resolved') return check.last.silence === 'name-not-resolved';
    return asked ? object === `service/${asked.name}` : check.last.silence !== 'name-not-resolved';
  });
}

/** Reads the way and diagnoses it. Never throws, and never takes long: a cause that cannot be found leaves the failure as it is. */
export async function causesOnRoute(
  parts: RouteParts,
  checks: readonly FailedCheck[],
  pods: readonly Finding[] = [],
): Promise<Finding[]> {
  if (checks.length === 0) return [];
  const stop = new AbortController();
  const late = parts.clock.sleep(WITHIN_MS, stop.signal).then(
    () => [],
    () => [],
  );
  const found = readRoute(parts, checks).then(
    (route) => diagnoseRoute(route, pods),
    () => [],
  );
  try {
    return await Promise.race([found, late]);
  } finally {
    stop.abort();
  }
}
