import { formatDuration } from '../core/duration.ts';
import type { Failure } from '../core/errors.ts';
import { type Finding, findingSubject } from '../core/finding.ts';
import { refText, type WorkloadObject, type WorkloadRef } from '../core/kubernetes.ts';
import type { Evidence } from '../core/outcome.ts';
import { progressDeadlineAt, type RolloutStatus, rolloutStatus } from '../core/rollout.ts';
import { lastTemplateManager, templateWrittenAt } from '../core/timeline.ts';
import { tr } from '../core/tr.ts';
import { imagesOf, templateHash } from '../core/workload.ts';
import { diagnose } from '../diagnosis/index.ts';
import { indexView } from '../diagnosis/patient.ts';
import type { ReadContext } from '../ports/context.ts';

/** How long a change of the cluster may go unseen: the view wakes the wait much earlier as a rule. */
const POLL_MS = 1000;
/** A cause is named within this time after the API shows it; looking more often costs more than it tells. */
const DIAGNOSE_EVERY_MS = 200;

/** Once one workload has failed, the others get this long to arrive: the report says which release serves where. */
const SETTLE_MS = 3000;

export interface RolloutVerdict {
  readonly evidence: readonly Evidence[];
  /** Set unless every workload runs its expected release completely. */
  readonly failure?: Failure;
}

type Seen =
  | { readonly kind: 'status'; readonly workload: WorkloadObject; readonly status: RolloutStatus }
  | { readonly kind: 'behind' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'other'; readonly workload: WorkloadObject };

/**
 * Waits until each workload runs its expected release (hash by `refText`) completely, or until that cannot come true any more.
 * Naming a cause and giving up are two decisions: every cause is told at once, only a fatal one ends the wait before the deadline.
 */
export async function awaitRollouts(ctx: ReadContext, expected: ReadonlyMap<string, string>): Promise<RolloutVerdict> {
  const members = ctx.situation.members.filter((member) => expected.has(refText(member.ref)));
  const stale = new Map(members.map((member) => [refText(member.ref), progressDeadlineAt(member.workload)]));
  const pending = new Map(members.map((member) => [refText(member.ref), member.ref]));
  const told = new Map<string, string>();
  let diagnosedAt = 0;
  let findings: Finding[] = [];
  let failure: Failure | undefined;
  let settledBy: number | undefined;

  for (;;) {
    const version = ctx.view.version;
    const seen = new Map<string, Seen>();
    for (const [name, ref] of pending) {
      const one = look(ctx, ref, expected.get(name) ?? '', stale.get(name));
      seen.set(name, one);
      if (one.kind === 'status' && one.status.kind === 'complete') pending.delete(name);
      tell(ctx, told, name, one);
    }
    if (pending.size === 0) return { evidence: evidenceOf(ctx, expected) };

    const now = ctx.clock.now();
    const isOver = now >= ctx.deadline;
    const isEnding = isOver || (!failure && [...seen.values()].some(isStopped));
    const isDue = isEnding || now - diagnosedAt >= DIAGNOSE_EVERY_MS;
    if (isDue) {
      diagnosedAt = now;
      findings = findCauses(ctx, [...seen.values()]);
    }
    failure ??= failureOf(ctx, seen, findings, isOver);
    if (failure) {
      settledBy ??= Math.min(ctx.deadline, now + SETTLE_MS);
      if (now >= settledBy || !isAnyArriving(seen, findings)) return { evidence: evidenceOf(ctx, expected), failure };
    }
    // What was shown between two looks is looked at when the next one is due, even if nothing more is shown.
    await ctx.view.changed(version, isDue ? POLL_MS : DIAGNOSE_EVERY_MS - (now - diagnosedAt), ctx.signal);
    await ctx.clock.sleep(Math.max(0, Math.min(20, ctx.deadline - ctx.clock.now())), ctx.signal);
  }
}

/** The wait ends now, so the cause is asked for now. */
function isStopped(seen: Seen): boolean {
  return seen.kind === 'status' && (seen.status.kind === 'deadline-exceeded' || seen.status.kind === 'manual');
}

/** Whether a workload is on its way still, with nothing known against it. */
function isAnyArriving(seen: ReadonlyMap<string, Seen>, findings: readonly Finding[]): boolean {
  const accused = new Set(findings.map(findingSubject));
  return [...seen].some(
    ([name, one]) =>
      one.kind === 'behind' || (one.kind === 'status' && one.status.kind === 'waiting' && !accused.has(name)),
  );
}

const hashes = new WeakMap<object, string>();

/** Objects of the view are replaced, never changed, so their hash can be kept with them. */
function hashOf(workload: WorkloadObject): string {
  const template = workload.spec.template;
  const known = hashes.get(template);
  if (known !== undefined) return known;
  const hash = templateHash(template);
  hashes.set(template, hash);
  return hash;
}

function look(ctx: ReadContext, ref: WorkloadRef, expected: string, stale: string | undefined): Seen {
  const workload = ctx.view.get(ref.kind, ref.name);
  if (!workload) return { kind: 'gone' };
  if ((workload.metadata.generation ?? 0) < (ctx.writtenGeneration(ref) ?? 0)) return { kind: 'behind' };
  if (hashOf(workload) !== expected) return { kind: 'other', workload };
  return { kind: 'status', workload, status: rolloutStatus(workload, stale) };
}

function tell(ctx: ReadContext, told: Map<string, string>, name: string, seen: Seen): void {
  if (seen.kind !== 'status') return;
  const { status } = seen;
  const text =
    status.kind === 'complete'
      ? `complete, ${status.ready} of ${status.desired} ready`
      : status.kind === 'waiting'
        ? `waiting for ${status.waitingFor}`
        : status.reason;
  if (told.get(name) === text) return;
  told.set(name, text);
  ctx.log.debug(`${name}: ${text}`);
}

function findCauses(ctx: ReadContext, seen: readonly Seen[]): Finding[] {
  const index = indexView(ctx.view);
  const findings = seen
    .filter((one) => one.kind === 'status')
    .filter((one) => one.status.kind !== 'complete')
    .flatMap((one) => {
      const ref = { kind: one.workload.kind, name: one.workload.metadata.name };
      // By the cluster's clock: the runner's may be off.
      const since = ctx.writtenAt(ref) === undefined ? 0 : templateWrittenAt(one.workload);
      return diagnose(index.patientOf(one.workload, hashOf(one.workload), since, ctx.clock.now()));
    });
  for (const finding of findings) ctx.found(finding);
  return findings;
}

function failureOf(
  ctx: ReadContext,
  seen: ReadonlyMap<string, Seen>,
  findings: readonly Finding[],
  isOver: boolean,
): Failure | undefined {
  const namespace = ctx.config.namespace;
  for (const [name, one] of seen) {
    if (one.kind === 'gone') {
      return {
        code: 'WORKLOAD_NOT_FOUND',
        message: tr`${name} was deleted while the rollback ran`,
        hint: tr`kubectl get ${name} -n ${namespace}; deploy it again`,
        causes: [],
      };
    }
    if (one.kind === 'other') {
      return {
        code: 'REVISION_MISMATCH',
        message: tr`${name} was changed by ${lastTemplateManager(one.workload)} after the rollback wrote it: it asks for ${imagesOf(one.workload.spec.template).join(', ')}`,
        hint: tr`Stop what deploys it, then run the rollback again (safe): kubectl get ${name} -n ${namespace} -o yaml --show-managed-fields`,
        causes: [],
      };
    }
  }
  const fatal = findings.find((finding) => finding.fatal);
  if (fatal) return failureFrom('ROLLOUT_FAILED', fatal, tr`${findingSubject(fatal)} cannot start`);
  for (const [name, one] of seen) {
    if (one.kind !== 'status') continue;
    if (one.status.kind === 'deadline-exceeded' || one.status.kind === 'manual') {
      const named = findings.find((finding) => findingSubject(finding) === name);
      if (named) return failureFrom('ROLLOUT_FAILED', named, tr`${name}: ${one.status.reason}`);
      const hint =
        one.status.kind === 'manual'
          ? tr`Delete its pods one by one, each after the last is ready: kubectl delete pod POD -n ${namespace}`
          : `kubectl describe ${name} -n ${namespace}`;
      return { code: 'ROLLOUT_FAILED', message: tr`${name}: ${one.status.reason}`, hint, causes: [] };
    }
  }
  if (!isOver) return undefined;
  const [name, one] = [...seen.entries()].find(
    ([, other]) => other.kind !== 'status' || other.status.kind !== 'complete',
  ) ?? ['', undefined];
  const waiting =
    one?.kind === 'status' && one.status.kind === 'waiting'
      ? one.status.waitingFor
      : tr`the cluster to show the change`;
  const named = findings.find((finding) => findingSubject(finding) === name) ?? findings[0];
  const message = tr`${name} was not complete after ${formatDuration(ctx.config.timeoutMs)}: waiting for ${waiting}`;
  if (named) return failureFrom('ROLLOUT_TIMEOUT', named, message);
  return {
    code: 'ROLLOUT_TIMEOUT',
    message,
    hint: tr`kubectl describe ${name} -n ${namespace}; running again is safe and goes on waiting`,
    causes: [],
  };
}

function failureFrom(code: 'ROLLOUT_FAILED' | 'ROLLOUT_TIMEOUT', finding: Finding, message: string): Failure {
  const where = [finding.pod && tr`pod ${finding.pod}`, finding.container && tr`container ${finding.container}`]
    .filter(Boolean)
    .join(', ');
  return {
    code,
    message: `${message} (${finding.cause}${where ? `; ${where}` : ''})`,
    hint: finding.command,
    causes: finding.evidence,
  };
}

function evidenceOf(ctx: ReadContext, expected: ReadonlyMap<string, string>): Evidence[] {
  return ctx.situation.members
    .filter((member) => expected.has(refText(member.ref)))
    .map((member) => {
      const name = refText(member.ref);
      const workload = ctx.view.get(member.ref.kind, member.ref.name);
      if (!workload) return { subject: name, observed: tr`gone`, expected: tr`template ${String(expected.get(name))}` };
      const status = rolloutStatus(workload);
      const observed = tr`template ${hashOf(workload)}, ready ${status.ready}/${status.desired}`;
      return {
        subject: name,
        observed,
        expected: tr`template ${String(expected.get(name))}, ready ${status.desired}/${status.desired}`,
      };
    });
}
