import { RollbackError, RollbackErrors } from '../../core/errors.ts';
import {
  isObject,
  type JsonObject,
  type Manifest,
  type ManifestRef,
  manifestText,
  sameRef,
} from '../../core/manifest.ts';
import { said } from '../../core/said.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext } from '../../ports/context.ts';

/** A manifest that may be applied in this namespace. */
export interface Accepted {
  readonly manifest: Manifest;
  readonly ref: ManifestRef;
  /** `configmaps` */
  readonly resource: string;
}

/**
 * The manifests of the backup, without those that nobody applies: our own state, and what a controller makes (an export of a namespace
 * holds both).
 * @throws MANIFEST_INVALID for every one that may not be applied, all at once
 */
export async function acceptedManifests(ctx: ReadContext): Promise<readonly Accepted[]> {
  const manifests = (await ctx.manifests?.read()) ?? [];
  const errors: RollbackError[] = [];
  const accepted: Accepted[] = [];
  for (const manifest of manifests) {
    const ref = refOf(manifest);
    if (isLeftOut(ctx, manifest, ref)) continue;
    const twice = accepted.find((other) => sameRef(other.ref, ref));
    const fault = twice
      ? invalid(manifest, tr`${manifestText(ref)} stands in ${twice.manifest.from}, too`, tr`Keep one of the two.`)
      : await faultOf(ctx, manifest, ref);
    if (fault instanceof RollbackError) errors.push(fault);
    else accepted.push({ manifest, ref, resource: fault });
  }
  const [first, ...rest] = errors;
  if (first) throw new RollbackErrors([first, ...rest]);
  return accepted;
}

function refOf({ object }: Manifest): ManifestRef {
  const { name } = object['metadata'] as JsonObject;
  return { apiVersion: String(object['apiVersion']), kind: String(object['kind']), name: String(name) };
}

function isLeftOut(ctx: ReadContext, { object }: Manifest, ref: ManifestRef): boolean {
  if (ref.name.startsWith('tiered-rollback') && ['ConfigMap', 'Secret', 'Lease'].includes(ref.kind)) {
    ctx.note(said('note.manifest-own-state', { object: manifestText(ref) }));
    return true;
  }
  const owners = (object['metadata'] as JsonObject)['ownerReferences'];
  const owner = Array.isArray(owners) ? owners.find((one) => isObject(one) && one['controller'] === true) : undefined;
  if (!isObject(owner)) return false;
  ctx.note(
    said('note.manifest-of-controller', {
      object: manifestText(ref),
      owner: `${String(owner['kind'])}/${String(owner['name'])}`,
    }),
  );
  return true;
}

/** @returns what is wrong with it, else the resource of its kind */
async function faultOf(ctx: ReadContext, manifest: Manifest, ref: ManifestRef): Promise<RollbackError | string> {
  const { namespace, manifests } = ctx.config;
  const text = manifestText(ref);
  const resource = await ctx.cluster.resource(ref.apiVersion, ref.kind);
  if (!resource) {
    return invalid(
      manifest,
      tr`the API server has no kind ${ref.kind} of ${ref.apiVersion}`,
      tr`See what it has: kubectl api-resources; install what brings that kind first, or take the manifest out.`,
    );
  }
  const there = (manifest.object['metadata'] as JsonObject)['namespace'];
  if (resource.namespaced) {
    if (there === undefined || there === namespace) return resource.plural;
    return invalid(
      manifest,
      tr`${text} is of namespace ${JSON.stringify(there)}; this run has ${namespace}`,
      tr`Take it out, or roll that namespace back in a run of its own.`,
    );
  }
  const allowed = manifests?.allowClusterScoped ?? [];
  if (allowed.includes(`${ref.kind}/${ref.name}`)) return resource.plural;
  return invalid(
    manifest,
    tr`${text} is of no namespace: it concerns the whole cluster`,
    tr`Take it out, or allow it by name in the config file: allow-cluster-scoped: [${ref.kind}/${ref.name}]`,
  );
}

function invalid({ from }: Manifest, what: string, hint: string): RollbackError {
  return new RollbackError('MANIFEST_INVALID', `manifests: ${from}: ${what}`, hint);
}
