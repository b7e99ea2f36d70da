import { RollbackError } from '../../core/errors.ts';
import { type PodObject, type PodTemplate, refText } from '../../core/kubernetes.ts';
import { type AnyObject, manifestText } from '../../core/manifest.ts';
import { referencesOf } from '../../core/references.ts';
import { settle } from '../../core/settle.ts';
import { kubectl } from '../../core/shell.ts';
import { type Leftover, temporaryRef } from '../../core/temporary.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext } from '../../ports/context.ts';

/** A temporary resource that is there. */
export interface Found extends Leftover {
  readonly object: AnyObject;
}

/** Those of the configured ones that are there. */
export async function foundLeftovers(ctx: ReadContext): Promise<Found[]> {
  const refs = (ctx.config.temporaryResources ?? []).map(temporaryRef);
  const found = await settle(refs.map(async (ref) => ({ ref, object: await ctx.cluster.object(ref) })));
  return found.flatMap(({ ref, object }) => {
    if (!object) return [];
    const size = ref.kind === 'PersistentVolumeClaim' ? sizeOf(object) : undefined;
    return [{ ref, object, uid: object.metadata.uid, ...(size === undefined ? {} : { size }) }];
  });
}

function sizeOf(claim: AnyObject): string | undefined {
  const { capacity } = (claim['status'] ?? {}) as { capacity?: { storage?: string } };
  return capacity?.storage;
}

/**
 * What a pod of the application needs, or what somebody makes again, is not temporary.
 * @throws LEFTOVER_IN_USE for each, all at once
 */
export async function assertUnused(ctx: ReadContext, found: readonly Found[]): Promise<void> {
  const pods = found.length > 0 ? await ctx.cluster.list('Pod') : [];
  await settle(
    found.map(async (one) => {
      if (one.ref.kind === 'Pod') assertNobodyMakes(ctx, one, found);
      if (one.ref.kind === 'PersistentVolumeClaim') assertUnusedClaim(ctx, one, found, pods);
    }),
  );
}

function assertNobodyMakes({ config }: ReadContext, { ref, object }: Found, found: readonly Found[]): void {
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (!owner || found.some(({ uid }) => uid === owner.uid)) return;
  throw inUse(
    tr`${manifestText(ref)} is made by ${owner.kind} ${owner.name}, which would make another one`,
    tr`Name what makes it instead (job/${owner.name} where it is a Job), or leave it out. Look: ${kubectl(config.namespace, 'describe', 'pod', ref.name)}`,
  );
}

/** A claim whose only pods belong to what is deleted with it, or have ended, is used by nobody. */
function assertUnusedClaim(
  ctx: ReadContext,
  { ref, object }: Found,
  found: readonly Found[],
  pods: readonly PodObject[],
): void {
  const isGoing = ({ metadata }: PodObject) =>
    found.some(({ uid }) => uid === metadata.uid || metadata.ownerReferences?.some((owner) => owner.uid === uid));
  const user = pods.find(
    (pod) =>
      !/^(Succeeded|Failed)$/.test(pod.status?.phase ?? '') &&
      !isGoing(pod) &&
      claimsOf({ spec: pod.spec }).includes(ref.name),
  );
  const next = tr`Leave it out of \`temporary-resources\`. Look: ${kubectl(ctx.config.namespace, 'describe', 'pvc', ref.name)}`;
  if (user) throw inUse(tr`${manifestText(ref)} is used by pod/${user.metadata.name}`, next);
  const owner = object.metadata.ownerReferences?.find(({ uid }) => !found.some((one) => one.uid === uid));
  if (owner) throw inUse(tr`${manifestText(ref)} belongs to ${owner.kind} ${owner.name}`, next);
  const reader = readerOf(ctx, ref.name);
  if (reader !== undefined) throw inUse(tr`${manifestText(ref)} is part of ${reader}`, next);
}

/** The group may have no pods just now; its templates, old and new, say what they will need. */
function readerOf({ situation }: ReadContext, claim: string): string | undefined {
  const going = situation.choice.kind === 'chosen' ? situation.choice.members : [];
  for (const { ref, workload } of situation.members) {
    const choice = going.find((one) => refText(one.member.ref) === refText(ref));
    const templates = [workload.spec.template, ...(choice?.kind === 'go' ? [choice.to.template] : [])];
    if (templates.some((template) => claimsOf(template).includes(claim))) return refText(ref);
    // A StatefulSet's claims are named TEMPLATE-NAME-ORDINAL.
    if (ref.kind === 'StatefulSet' && new RegExp(`^.+-${ref.name.replaceAll('.', '\\.')}-\\d+$`).test(claim))
      return refText(ref);
  }
  return undefined;
}

function claimsOf(template: Pick<PodTemplate, 'spec'>): string[] {
  return referencesOf(template as PodTemplate).flatMap(({ kind, name }) =>
    kind === 'PersistentVolumeClaim' ? [name] : [],
  );
}

function inUse(message: string, hint: string): RollbackError {
  return new RollbackError('LEFTOVER_IN_USE', message, hint);
}
