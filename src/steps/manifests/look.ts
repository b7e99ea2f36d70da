import { createHmac, randomBytes } from 'node:crypto';
import { applierOf, managerKind } from '../../core/deploy-managers.ts';
import { RollbackError } from '../../core/errors.ts';
import {
  type AnyObject,
  changedKeys,
  cleanManifest,
  contentOf,
  type JsonObject,
  type ManifestChange,
  type ManifestRef,
  manifestText,
} from '../../core/manifest.ts';
import { objectDiff } from '../../core/object-diff.ts';
import { settle } from '../../core/settle.ts';
import { kubectl } from '../../core/shell.ts';
import type { ObjectDiff } from '../../core/step.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext } from '../../ports/context.ts';
import type { FieldConflict, ObjectApply } from '../../ports/objects.ts';
import { type Accepted, acceptedManifests } from './accepted.ts';
import { reservedFields } from './reserved.ts';

/** Made anew in each run: a digest of a Secret must not be one that short codes can be tried against. */
const SALT = randomBytes(16);

/** One object, and what there is to do about it. */
export interface ManifestLook {
  /** Where the manifest stands. */
  readonly from: string;
  readonly ref: ManifestRef;
  readonly apply: ObjectApply;
  /** Salted digest of the object as it is. */
  readonly fingerprint: string;
  /** Undefined: it is as it must be. */
  readonly todo?: { readonly change: ManifestChange; readonly diff: ObjectDiff; readonly content: JsonObject };
}

const planned = new WeakMap<ReadContext['situation'], Promise<readonly ManifestLook[]>>();

/** As the run first read it: asked by each step that plans on it, read once. */
export function plannedLooks(ctx: ReadContext): Promise<readonly ManifestLook[]> {
  const looks = planned.get(ctx.situation) ?? lookAtManifests(ctx);
  planned.set(ctx.situation, looks);
  return looks;
}

/** Reads each object and tries its manifest by a server-side dry run. @throws every refusal at once */
export async function lookAtManifests(ctx: ReadContext): Promise<readonly ManifestLook[]> {
  const accepted = await acceptedManifests(ctx);
  return settle(accepted.map((one) => lookAt(ctx, one)));
}

async function lookAt(ctx: ReadContext, { manifest, ref, resource }: Accepted): Promise<ManifestLook> {
  const live = await ctx.cluster.object(ref);
  const clean = cleanManifest(manifest.object);
  const apply: ObjectApply = {
    ref,
    manifest: clean,
    applier: applierOf(live?.metadata.managedFields ?? [], !live && isHelms(clean)),
    live,
    reserved: reservedFields(ctx, ref, live),
  };
  const base = { from: manifest.from, ref, apply, fingerprint: fingerprintOf(live && contentOf(live, apply.reserved)) };
  const { object, conflicts } = await tried(ctx, manifest.from, apply);
  const content = contentOf(object, apply.reserved);
  const before = live && contentOf(live, apply.reserved);
  if (before && fingerprintOf(before) === fingerprintOf(content)) return base;
  if (live) refuseOwned(ctx, ref, live, apply.applier);
  const takenFrom = takenOver(ctx, ref, conflicts);
  const change: ManifestChange = {
    ref,
    resource,
    way: live ? 'apply' : 'create',
    applier: apply.applier,
    ...changedKeys(ref, before, content),
    takenFrom,
  };
  const diff = { object: manifestText(ref), diff: objectDiff(manifestText(ref), before, content) };
  return { ...base, todo: { change, diff, content } };
}

function isHelms(manifest: JsonObject): boolean {
  const { annotations } = manifest['metadata'] as { annotations?: Record<string, string> };
  return annotations?.['meta.helm.sh/release-name'] !== undefined;
}

/** Fingerprint of what is not there. */
export const ABSENT = 'absent';

/** Maps and lists in one order: the same content is the same text. */
export function fingerprintOf(content: JsonObject | undefined): string {
  if (!content) return ABSENT;
  return createHmac('sha256', SALT).update(canonical(content)).digest('hex').slice(0, 16);
}

export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

const NEXT_BY_KIND: Readonly<Record<string, () => string>> = {
  Service: () => tr`Take the field out of the manifest (clusterIP, clusterIPs and ipFamilies are given by the server)`,
  Job: () => tr`A Job is never changed: take it out of the manifests, or delete it and run again`,
  PersistentVolumeClaim: () =>
    tr`A claim can only grow: take it out of the manifests; what another volume needs is a claim of another name`,
  ConfigMap: () => tr`It is immutable: give the ConfigMap another name, or take it out of the manifests`,
  Secret: () => tr`It is immutable: name its keys under \`secrets\`, or take it out of the manifests`,
};

async function tried(ctx: ReadContext, from: string, apply: ObjectApply) {
  try {
    return await ctx.cluster.dryRunApply(apply);
  } catch (error) {
    // A webhook or a policy that denies it is another matter. Told apart, here and below, by the words of the server itself, which are
    // English in every run: `Service "web" is invalid: spec.clusterIP: ...`.
    if (!(error instanceof RollbackError) || error.code !== 'ADMISSION_DENIED' || !/ invalid: /.test(error.message))
      throw error;
    const said = shortened(apply, error.message);
    const isFixed =
      apply.live !== undefined &&
      /immutable|may not (be )?(change|update)|Forbidden: (spec|updates?)|clusterIP/i.test(error.message);
    const next = isFixed
      ? (NEXT_BY_KIND[apply.ref.kind]?.() ?? tr`Take the field out of the manifest, or delete the object and run again`)
      : tr`Correct the manifest`;
    throw new RollbackError(
      'MANIFEST_INVALID',
      isFixed
        ? tr`manifests: ${from}: ${manifestText(apply.ref)} differs in a field that cannot be changed. ${said}`
        : tr`manifests: ${from}: ${manifestText(apply.ref)} cannot be applied. ${said}`,
      tr`${next}. Compare: ${kubectl(ctx.config.namespace, 'get', manifestText(apply.ref), '-o', 'yaml')}`,
      { cause: new Error(said) },
    );
  }
}

/** The server repeats the whole value in its refusal. That of a Secret is nobody's. */
function shortened({ ref }: ObjectApply, message: string): string {
  return ref.kind === 'Secret' ? tr`It is immutable, or of another type, or not valid as it is.` : message;
}

/** What a controller makes, it makes again: what we put there would not last. @throws FIELD_OWNED, GITOPS_OWNED */
function refuseOwned(ctx: ReadContext, ref: ManifestRef, live: AnyObject, applier: string): void {
  const text = manifestText(ref);
  const owner = live.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner && !ctx.config.allowGitops) {
    throw new RollbackError(
      'FIELD_OWNED',
      tr`${text} is made by ${owner.kind} ${owner.name}, which would put its own version back`,
      tr`Change ${owner.kind} ${owner.name} instead, or take ${text} out of the manifests; or set allow-gitops: true`,
    );
  }
  if (managerKind(applier) !== 'gitops' || ctx.config.allowGitops) return;
  throw new RollbackError(
    'GITOPS_OWNED',
    tr`${text} is deployed by ${applier}, which would put its own version back at once`,
    tr`Stop it first, or revert the release at its source; or set allow-gitops: true`,
  );
}

/** Deploy managers lose what they set; nobody else does. @throws FIELD_OWNED */
function takenOver({ config }: ReadContext, ref: ManifestRef, conflicts: readonly FieldConflict[]): string[] {
  const foreign = conflicts.filter(({ manager }) => {
    const kind = managerKind(manager);
    return kind === 'other' || (kind === 'gitops' && !config.allowGitops);
  });
  if (foreign.length === 0) return conflicts.map(({ manager }) => manager);
  const who = foreign.map(({ manager, fields }) => `${manager} (${fields.slice(0, 5).join(', ')})`);
  throw new RollbackError(
    'FIELD_OWNED',
    tr`${manifestText(ref)}: fields that the manifest changes are set by ${who.join(tr` and `)}, which is no deploy tool that is known`,
    tr`Take these fields out of the manifest, or stop who sets them. See: ${kubectl(config.namespace, 'get', manifestText(ref), '-o', 'yaml', '--show-managed-fields')}`,
  );
}
