import { RollbackError } from '../core/errors.ts';
import { type AnyObject, type ManifestRef, manifestText } from '../core/manifest.ts';
import type { Evidence } from '../core/outcome.ts';
import { said } from '../core/said.ts';
import { settle } from '../core/settle.ts';
import { kubectl } from '../core/shell.ts';
import type { Planned } from '../core/step.ts';
import { type CleanChange, type Leftover, temporaryRef } from '../core/temporary.ts';
import { tr } from '../core/tr.ts';
import type { ReadContext } from '../ports/context.ts';
import { defineStep } from './contract.ts';
import { assertUnused, foundLeftovers } from './temporary/look.ts';

/** Volumes are detached and pods end within their grace period, 30 s unless told otherwise. */
const WAIT_MS = 45_000;
const POLL_MS = 500;

/** The named leftovers of the release are gone, and what they owned. What hangs in its deletion is reported, and never forced. */
export const cleanTemporaryResources = defineStep<CleanChange>({
  meta: {
    id: 'clean-temporary-resources',
    tiers: ['secure'],
    required: false,
    needs: ['freeze-rollouts', 'undo-workloads', 'restart-workloads'],
  },

  async plan(ctx): Promise<Planned<CleanChange>> {
    const none = nothingOf(ctx);
    if (none) return none;
    const found = await foundLeftovers(ctx);
    await assertUnused(ctx, found);
    if (found.length === 0) return { kind: 'no-op', reason: said('skipped.nothing-left') };
    const leftovers = found.map(
      ({ ref, uid, size }): Leftover => ({ ref, uid, ...(size === undefined ? {} : { size }) }),
    );
    return { kind: 'change', change: { summary: found.map(summaryOf), leftovers } };
  },

  async apply(ctx, { leftovers }) {
    if (ctx.clock.now() >= ctx.irreversibleUntil) throw tooLate(leftovers);
    const found = await foundLeftovers(ctx);
    // Asked again: a pod may have begun to use it meanwhile.
    await assertUnused(ctx, found);
    const there = leftovers.filter(({ uid }) => found.some((one) => one.uid === uid));
    await settle(there.map(({ ref, uid }) => ctx.write.cluster.deleteObject(ref, uid)));
    for (const { ref, size } of there) {
      if (ref.kind !== 'PersistentVolumeClaim') continue;
      ctx.note(said('note.data-lost', { claim: ref.name, ...(size === undefined ? {} : { size }) }));
    }
  },

  async verify(ctx, change) {
    const none = nothingOf(ctx);
    if (none) return { status: 'skipped', reason: none.reason };
    const refs = (ctx.config.temporaryResources ?? []).map(temporaryRef);
    const left = change ? await awaitGone(ctx, refs) : await stillThere(ctx, refs);
    const evidence = refs.map((ref): Evidence => {
      const object = left.find((one) => one.kind === ref.kind && one.metadata.name === ref.name);
      return { subject: manifestText(ref), observed: object ? stateOf(object) : tr`gone`, expected: tr`gone` };
    });
    const [first, ...rest] = evidence;
    if (!first) return { status: 'skipped', reason: said('skipped.nothing-left') };
    const [stuck] = left;
    if (!stuck) return { status: 'passed', evidence: [first, ...rest] };
    return {
      status: 'failed',
      evidence,
      failure: {
        code: 'LEFTOVER_STAYS',
        message: left.map((one) => tr`${textOf(one)}: ${stateOf(one)}`).join('; '),
        hint: hintFor(ctx, stuck),
        causes: [],
      },
    };
  },
});

function tooLate(leftovers: readonly Leftover[]): RollbackError {
  const names = leftovers.map(({ ref }) => manifestText(ref)).join(', ');
  return new RollbackError(
    'DEADLINE_PASSED',
    tr`${names}: not deleted, as the time for what cannot be taken back has passed`,
    tr`Run again (safe); only what is left is done then.`,
  );
}

function nothingOf({ config }: ReadContext): Extract<Planned<never>, { kind: 'skipped' | 'no-op' }> | undefined {
  // What was deleted as temporary is not brought back.
  if (config.mode === 'undo') return { kind: 'no-op', reason: said('skipped.nothing-to-do') };
  if ((config.temporaryResources ?? []).length > 0) return undefined;
  return { kind: 'skipped', reason: said('skipped.not-configured', { what: 'temporary-resources' }) };
}

function summaryOf({ ref, size, object }: Leftover & { readonly object: AnyObject }): string {
  const text = manifestText(ref);
  if (ref.kind === 'Job') return tr`${text}: delete, its pods first`;
  if (ref.kind === 'Pod') return tr`${text}: delete`;
  const { volumeName } = (object['spec'] ?? {}) as { volumeName?: string };
  if (volumeName === undefined) return tr`${text}: delete; no volume is bound to it`;
  return tr`${text}: delete; its data${size === undefined ? '' : ` (${size})`} on volume ${volumeName} is lost, unless the volume is one that is retained`;
}

async function stillThere(ctx: ReadContext, refs: readonly ManifestRef[]): Promise<AnyObject[]> {
  return (await settle(refs.map((ref) => ctx.cluster.object(ref)))).filter((object) => object !== undefined);
}

/** Waits for what ends by itself, at most until the deadline. */
async function awaitGone(ctx: ReadContext, refs: readonly ManifestRef[]): Promise<AnyObject[]> {
  const until = Math.min(ctx.deadline, ctx.clock.now() + WAIT_MS);
  for (;;) {
    const left = await stillThere(ctx, refs);
    if (left.length === 0 || ctx.clock.now() >= until) return left;
    await ctx.clock.sleep(Math.min(POLL_MS, Math.max(1, until - ctx.clock.now())), ctx.signal);
  }
}

function textOf({ apiVersion, kind, metadata }: AnyObject): string {
  return manifestText({ apiVersion, kind, name: metadata.name });
}

function stateOf({ metadata }: AnyObject): string {
  if (metadata.deletionTimestamp === undefined) return tr`there`;
  const held = metadata.finalizers ?? [];
  return held.length > 0
    ? tr`being deleted since ${metadata.deletionTimestamp}, held by ${held.join(', ')}`
    : tr`being deleted since ${metadata.deletionTimestamp}`;
}

/** A finalizer is somebody's word that something is still to be done: taking it away by force can leave a volume or a load balancer behind. */
function hintFor(ctx: ReadContext, object: AnyObject): string {
  const { namespace } = ctx.config;
  const look = kubectl(namespace, 'describe', textOf(object));
  if (object.metadata.deletionTimestamp === undefined) return tr`It was created again. See by whom: ${look}`;
  const held = object.metadata.finalizers ?? [];
  if (held.includes('kubernetes.io/pvc-protection')) {
    return tr`A pod still uses it. Which one: ${look}`;
  }
  if (held.length === 0) return tr`Its grace period is not over, or its node does not answer. Look: ${look}`;
  return tr`See that the controller of ${held.join(', ')} runs; it takes its finalizer away when it is done. Look: ${look}`;
}
