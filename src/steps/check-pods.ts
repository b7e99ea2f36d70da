import { formatDuration } from '../core/duration.ts';
import type { Failure } from '../core/errors.ts';
import { type PodObject, refText, type WorkloadObject } from '../core/kubernetes.ts';
import type { Evidence } from '../core/outcome.ts';
import { isReady, restartsOf, rolloutStatus } from '../core/rollout.ts';
import { said } from '../core/said.ts';
import type { Member } from '../core/situation.ts';
import { templateWrittenAt } from '../core/timeline.ts';
import { tr } from '../core/tr.ts';
import { templateHash } from '../core/workload.ts';
import { diagnose } from '../diagnosis/index.ts';
import { indexView } from '../diagnosis/patient.ts';
import type { ReadContext } from '../ports/context.ts';
import { defineStep } from './contract.ts';
import { podsOfGroup } from './group-pods.ts';
import { beginWithLogs, withLogs } from './logs/verdict.ts';

/**
 * Every pod of the group is ready and stays so for `stable-for`, without a restart. A rollout that completed is no proof: a pod that
 * is killed for memory after it became ready leaves `rollout status` at success while requests fail. Their logs are looked at in the end
 * (`core/log-errors.ts`): never by `logs -f`, as the checklist has it, which does not end.
 */
export const checkPods = defineStep({
  meta: {
    id: 'check-pods',
    tiers: ['rapid', 'complete', 'secure', 'emergency'],
    required: true,
    needs: ['undo-workloads', 'unblock-pods'],
  },

  async plan(ctx) {
    beginWithLogs(ctx);
    return { kind: 'check' };
  },

  async apply() {},

  async verify(ctx) {
    const rollout = ctx.outcomeOf('undo-workloads');
    const canWait = rollout === undefined || rollout.status !== 'failed';
    const first = new Map(podsOfGroup(ctx).map((pod) => [pod.metadata.uid, restartsOf(pod)]));
    let steadySince: number | undefined;
    for (;;) {
      const version = ctx.view.version;
      const now = ctx.clock.now();
      const pods = podsOfGroup(ctx);
      const restarted = pods.filter((pod) => restartsOf(pod) > (first.get(pod.metadata.uid) ?? restartsOf(pod)));
      for (const pod of pods) if (!first.has(pod.metadata.uid)) first.set(pod.metadata.uid, restartsOf(pod));
      const notReady = [
        ...pods.filter((pod) => !isReady(pod)).map((pod) => `pod/${pod.metadata.name}`),
        ...incomplete(ctx),
      ];
      const evidence = evidenceOf(ctx, pods);
      const [restartedPod] = restarted;
      if (restartedPod) {
        const name = restartedPod.metadata.name;
        return {
          status: 'failed',
          evidence,
          failure: unstable(
            ctx,
            tr`pod/${name} restarted after it was ready`,
            `kubectl logs ${name} -n ${ctx.config.namespace} --previous`,
          ),
        };
      }
      if (notReady.length > 0) {
        steadySince = undefined;
        if (!canWait || now >= ctx.deadline) {
          const names = notReady.slice(0, 5).join(', ');
          return {
            status: 'failed',
            evidence,
            failure: unstable(
              ctx,
              tr`${notReady.length} not ready: ${names}`,
              `kubectl get pods -n ${ctx.config.namespace}`,
            ),
          };
        }
      } else {
        steadySince ??= now;
        if (now - steadySince >= ctx.config.stableForMs) {
          const [one, ...rest] = evidence;
          return one
            ? withLogs(ctx, { status: 'passed', evidence: [one, ...rest] })
            : { status: 'skipped', reason: said('skipped.nothing-to-do') };
        }
      }
      const left = steadySince === undefined ? 1000 : ctx.config.stableForMs - (now - steadySince);
      await ctx.view.changed(version, Math.min(1000, Math.max(1, left)), ctx.signal);
    }
  },
});

function live(ctx: ReadContext, member: Member): WorkloadObject | undefined {
  return ctx.view.get(member.ref.kind, member.ref.name);
}

function incomplete(ctx: ReadContext): string[] {
  return ctx.situation.members.flatMap((member) => {
    const workload = live(ctx, member);
    return workload && rolloutStatus(workload).kind === 'complete' ? [] : [refText(member.ref)];
  });
}

/** One line per workload: how many of its pods are ready, and how often they restarted. */
function evidenceOf(ctx: ReadContext, pods: readonly PodObject[]): Evidence[] {
  const restarts = pods.reduce((sum, pod) => sum + restartsOf(pod), 0);
  const ready = pods.filter(isReady).length;
  const steady = ctx.config.stableForMs > 0 ? `, ${formatDuration(ctx.config.stableForMs)}` : '';
  return [
    {
      subject: 'pods',
      observed: tr`ready ${ready}/${pods.length}, restarts ${restarts}`,
      expected: tr`ready ${pods.length}/${pods.length}, restarts +0${steady}`,
    },
    ...ctx.situation.members.slice(0, 20).map((member) => {
      const workload = live(ctx, member);
      const status = workload ? rolloutStatus(workload) : undefined;
      return {
        subject: refText(member.ref),
        observed: status ? tr`ready ${status.ready}/${status.desired}` : tr`gone`,
        expected: status ? tr`ready ${status.desired}/${status.desired}` : tr`there`,
      };
    }),
  ];
}

/** The cause, where diagnosis can name it, instead of the mere symptom. */
function unstable(ctx: ReadContext, message: string, command: string): Failure {
  const index = indexView(ctx.view);
  const findings = ctx.situation.members.flatMap((member) => {
    const workload = live(ctx, member);
    if (!workload) return [];
    const since = ctx.writtenAt(member.ref) === undefined ? 0 : templateWrittenAt(workload);
    return diagnose(index.patientOf(workload, templateHash(workload.spec.template), since, ctx.clock.now()));
  });
  for (const finding of findings) ctx.found(finding);
  const [named] = findings;
  return named
    ? { code: 'PODS_UNSTABLE', message: `${message} (${named.cause})`, hint: named.command, causes: named.evidence }
    : { code: 'PODS_UNSTABLE', message, hint: command, causes: [] };
}
