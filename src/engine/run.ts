import { type Failure, failuresOf, RollbackError } from '../core/errors.ts';
import type { Report } from '../core/report.ts';
import type { CheckItem, Plan, StepReport } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import type { ClusterIdentity } from '../ports/cluster.ts';
import { accessNeeds, reviewAccess } from '../preflight/access-review.ts';
import { PREFLIGHT_CHECKS } from '../preflight/index.ts';
import { unfence } from '../steps/fence/fence.ts';
import { leftFencedIn } from '../steps/fence/left-fenced.ts';
import { STEPS } from '../steps/index.ts';
import { applyPlan, revertPlan } from './apply.ts';
import { findingText, healthCauses, keepEvidence } from './bad-release.ts';
import { watchBudget } from './budget.ts';
import { conclude, ROLLS_BACK } from './conclude.ts';
import { discoverNamespace } from './discover.ts';
import { tellForecast } from './forecast.ts';
import { acquireLock, type Lock } from './lock.ts';
import { buildPlan } from './plan.ts';
import { HealthProbe } from './probe.ts';
import { recordAfter, recordBefore } from './record.ts';
import { explainForbidden } from './refusal.ts';
import { releaseSteps, withReleased } from './release.ts';
import { readSituation } from './situation.ts';
import { type Parts, RunState } from './state.ts';
import { tellVerdict } from './tell.ts';
import { verifySteps } from './verify.ts';

/** How long a second run waits for the first before it refuses; emergency does not wait. */
const LOCK_WAIT_MS = 60_000;
const LAST_LOGS_MS = 1000;

interface Planned {
  readonly plan: Plan;
  readonly preflight: readonly CheckItem[];
}

/**
 * One run, from the first read to the report: read, plan, preflight, apply, verify, conclude. Never throws; nothing is touched before
 * every preflight check has agreed, and the report says what is true at the end, whatever happened on the way.
 */
export async function run(parts: Parts): Promise<Report> {
  const probe = new HealthProbe(parts.config.health, {
    http: parts.http,
    cluster: parts.cluster.reader,
    clock: parts.clock,
  });
  const state = new RunState(parts, probe);
  probe.start();
  const verdict = await toVerdict(state, probe);
  return tellVerdict(state, STEPS, verdict);
}

/** All of it but telling; afterwards nothing is held any more. */
async function toVerdict(state: RunState, probe: HealthProbe): Promise<Report> {
  const { parts } = state;
  const endWatch = watchBudget(state);
  let identity: ClusterIdentity | undefined;
  let planned: Planned | undefined;
  let lock: Lock | undefined;
  try {
    identity = await readWorld(state);
    if (parts.config.mode === 'plan' && isDiscovery(state)) {
      const discovery = await discoverNamespace(state);
      return conclude(state, { identity, preflight: [], steps: [], failures: [], outcome: 'planned', discovery });
    }
    planned = await planAndCheck(state);
    const refusals = refusalsOf(planned.preflight);
    if (refusals.length > 0)
      return conclude(state, { identity, ...planned, steps: [], failures: refusals, outcome: 'refused' });
    if (parts.config.mode === 'plan')
      return conclude(state, { identity, ...planned, steps: [], failures: [], outcome: 'planned' });

    lock = await lockFor(state);
    if (lock.waited) {
      // The run that we waited for has changed the world: what was planned before it is stale.
      parts.log.info(tr`planning again, after the rollback that was waited for`);
      planned = await rePlan(state);
      const again = refusalsOf(planned.preflight);
      if (again.length > 0)
        return conclude(state, { identity, ...planned, steps: [], failures: again, outcome: 'refused' });
    }
    return await carryOut(state, identity, planned);
  } catch (error) {
    const failures = failuresOf(state.isCancelled ? cancelled(error) : error);
    const preflight = [...(planned?.preflight ?? []), ...(await explainForbidden(state, failures))];
    const outcome = state.isCancelled ? 'cancelled' : state.hasWritten ? 'failed' : 'refused';
    return conclude(state, { ...(identity ? { identity } : {}), ...planned, preflight, steps: [], failures, outcome });
  } finally {
    await Promise.all([probe.stop(), lock?.release(), endWatch()]);
    state.view?.close();
  }
}

async function readWorld(state: RunState): Promise<ClusterIdentity> {
  const { config, cluster, log } = state.parts;
  log.phase(tr`Read`);
  // Asked now, answered from memory when preflight wants it. Its refusals are preflight's to tell.
  void reviewAccess(cluster.reader, accessNeeds({ config })).catch(() => {});
  const [identity] = await Promise.all([cluster.reader.identity(), readGroup(state), assertNamespace(state)]);
  log.info(
    tr`cluster ${identity.server} (${identity.version ?? tr`version unknown`}), namespace ${config.namespace}, ${state.situation?.members.length ?? 0} workloads`,
  );
  return identity;
}

async function readGroup(state: RunState): Promise<void> {
  const { config, cluster, clock, signal } = state.parts;
  const { view, situation } = await readSituation({ config, cluster: cluster.reader, clock, signal });
  state.view = view;
  state.situation = situation;
  state.takeTierOf(situation.undoes);
}

async function assertNamespace(state: RunState): Promise<void> {
  const { config, cluster } = state.parts;
  try {
    if (await cluster.reader.get('Namespace', config.namespace)) return;
  } catch (error) {
    // Without the right to read namespaces the workloads themselves tell whether it is there.
    if (error instanceof RollbackError && error.code === 'CLUSTER_FORBIDDEN') return;
    throw error;
  }
  throw new RollbackError(
    'NAMESPACE_NOT_FOUND',
    tr`namespace ${config.namespace} does not exist in this cluster`,
    tr`kubectl get namespaces; or the kubeconfig points at another cluster: kubectl config get-contexts`,
  );
}

function isDiscovery(state: RunState): boolean {
  return state.parts.config.workloads.length === 0 && state.parts.config.selector === undefined;
}

async function planAndCheck(state: RunState): Promise<Planned> {
  const { situation, view } = state;
  const { cluster, clock, log } = state.parts;
  log.phase(tr`Plan`);
  const ctx = state.context();
  // The bad release is looked at beside the planning: its pods are gone soon after.
  const evidence = situation && view ? keepEvidence({ situation, view, cluster: cluster.reader, clock }) : undefined;
  // A failing plan must not leave this promise without a listener.
  evidence?.catch(() => {});
  const { plan, refusals } = await buildPlan(ctx, STEPS);
  const checked = await Promise.all(PREFLIGHT_CHECKS.map((check) => check.check(ctx, plan)));
  const bad = await evidence;
  if (bad) {
    state.findings.before = [...bad.findings, ...(await healthCauses(state, bad.findings))];
    state.kept.push(...bad.kept);
    for (const finding of state.findings.before) log.info(tr`live release, ${findingText(finding)}`);
  }
  tellForecast(state, plan);
  for (const { planned } of plan.steps) {
    if (planned.kind === 'change') for (const line of planned.change.summary) log.info(line);
  }
  return { plan, preflight: [...refusals, ...checked.flat()] };
}

async function rePlan(state: RunState): Promise<Planned> {
  state.view?.close();
  await readGroup(state);
  return planAndCheck(state);
}

function refusalsOf(items: readonly CheckItem[]): Failure[] {
  return items.flatMap((item) => (item.severity === 'refuse' && item.failure ? [item.failure] : []));
}

async function lockFor(state: RunState): Promise<Lock> {
  const { config, cluster, clock, log, run: identity } = state.parts;
  const lock = await acquireLock({
    reader: cluster.reader,
    writer: cluster.writer,
    clock,
    log,
    run: identity,
    namespace: config.namespace,
    takeOver: config.tier === 'emergency' && config.mode === 'rollback',
    waitMs: Math.min(LOCK_WAIT_MS, Math.max(0, state.deadline - clock.now())),
    signal: state.signal,
    onLost: (error) => state.abort(error),
  });
  state.lock = lock.state;
  if (lock.state.kind === 'held' && lock.state.takenFrom) {
    state.note({
      key: 'note.lock-taken-over',
      values: { holder: lock.state.takenFrom.holder, url: lock.state.takenFrom.url },
    });
  }
  return lock;
}

async function carryOut(state: RunState, identity: ClusterIdentity, { plan, preflight }: Planned): Promise<Report> {
  const { config, log, clock } = state.parts;
  const journal = await recordBefore(state, STEPS, plan);
  const failures: Failure[] = [];
  let steps: readonly StepReport[] = [];
  try {
    log.phase(tr`Apply`);
    const applied = await applyPlan(state, STEPS, plan);
    await bringBack(state);
    log.phase(tr`Verify`);
    steps = await verifySteps(state, STEPS, plan, applied);
    if (config.onFailure === 'revert' && state.hasWritten && !state.isCancelled && isRed(steps)) {
      log.phase(tr`Revert`);
      failures.push(...(await revertPlan(state, STEPS, applied)));
      steps = steps.map((step) => ({ ...step, changed: step.changed && !ROLLS_BACK.includes(step.step) }));
    }
  } finally {
    steps = withReleased(steps, await releaseSteps(state, STEPS, plan));
    for (const { step, outcome } of steps) state.outcomes.set(step, outcome);
  }
  await state.logsArrived(LAST_LOGS_MS);
  const outcome = state.isCancelled ? ('cancelled' as const) : undefined;
  const report = conclude(state, { identity, plan, preflight, steps, failures, ...(outcome ? { outcome } : {}) });
  await recordAfter(state, report, journal, new Date(clock.now()).toISOString());
  return report;
}

/** What an earlier run kept from writing and did not live to bring back: whichever tier this one has. */
async function bringBack(state: RunState): Promise<void> {
  const left = leftFencedIn((state.situation?.members ?? []).map(({ workload }) => workload));
  // A run that only left CronJobs suspended shows in no workload.
  if (left.workloads.length === 0 && !state.parts.config.database?.fenceWriters) return;
  try {
    await unfence(state.context());
  } catch (error) {
    for (const failure of failuresOf(error)) state.parts.log.warn(failure.message);
  }
}

function isRed(steps: readonly StepReport[]): boolean {
  return steps.some((step) => step.required && step.outcome.status !== 'passed');
}

function cancelled(error: unknown): RollbackError {
  return new RollbackError(
    'CANCELLED',
    tr`the run was cancelled`,
    tr`Run again: it goes on from what the cluster shows`,
    { cause: error },
  );
}
