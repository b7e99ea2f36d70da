import { createHash } from 'node:crypto';
import { KEPT_OBJECT_NAMES } from '../../core/access.ts';
import { RollbackError } from '../../core/errors.ts';
import type { SecretObject } from '../../core/kubernetes.ts';
import { type AnyObject, groupOf, type JsonObject, type ManifestRef, manifestText } from '../../core/manifest.ts';
import { kubectl } from '../../core/shell.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext, WriteContext } from '../../ports/context.ts';
import { chooseName, isKeptBy, MANAGED_BY, MAX_BYTES, writeCopy } from '../kept/ring.ts';
import { canonical } from './look.ts';

const SET = '_set';

/** An object as it was before this run, and a hash of what it became: an undo must not overwrite what somebody did after it. */
export interface KeptObject {
  readonly ref: ManifestRef;
  /** Undefined: it was not there. */
  readonly before: AnyObject | undefined;
  /** Hash of the content that took its place; null where it was removed. Absent: not known. */
  readonly set?: string | null;
}

/** Unsalted, and kept only beside the content itself. */
export function contentHash(content: JsonObject): string {
  return createHash('sha256').update(canonical(content)).digest('hex');
}

/** `configmap.-.app-config`: a key of a Secret. */
function keyOf({ apiVersion, kind, name }: ManifestRef): string {
  const key = `${kind.toLowerCase()}.${groupOf(apiVersion) || '-'}.${name}`.replaceAll(':', '_');
  return key.length <= 253 ? key : createHash('sha256').update(key).digest('hex');
}

/** @throws MANIFEST_INVALID when they do not fit into one Secret of our own */
export function assertFits(kept: readonly KeptObject[], namespace: string): void {
  const bytes = kept.reduce((sum, { before }) => sum + Buffer.byteLength(before ? JSON.stringify(before) : ''), 0);
  if (bytes <= MAX_BYTES) return;
  const names = kept.flatMap(({ ref, before }) => (before ? [manifestText(ref)] : []));
  throw new RollbackError(
    'MANIFEST_INVALID',
    tr`what ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', ...' : ''} are now has ${bytes} bytes; at most ${MAX_BYTES} can be kept in a run, and nothing is replaced that is not kept`,
    tr`Restore the manifests in two runs, of half of the files each; or keep them yourself first (${kubectl(namespace, 'get', ...names.slice(0, 10), '-o', 'yaml')}) and take the large ones out.`,
  );
}

/** Where this run keeps objects as they were. */
export function chooseKeptName(ctx: ReadContext): Promise<string> {
  const needed = [ctx.situation.incident, ctx.situation.undoes].flatMap((record) => [
    ...(record?.manifests ?? []),
    ...(record?.flags ? [record.flags] : []),
  ]);
  return chooseName(ctx, {
    names: KEPT_OBJECT_NAMES,
    needed: needed.map(({ keptIn }) => keptIn),
    what: tr`objects`,
    code: 'MANIFEST_INVALID',
  });
}

/**
 * Keeps the objects under the name. What this run kept there already is from before its first write, and stays; only what took its place is
 * told anew.
 */
export async function keepObjects(ctx: WriteContext, keptIn: string, kept: readonly KeptObject[]): Promise<void> {
  const found = await ctx.cluster.get('Secret', keptIn);
  const old = isKeptBy(found, ctx.run.id) ? found?.data : undefined;
  const fresh = Object.fromEntries(
    kept.map(({ ref, before }) => [keyOf(ref), base64(before ? JSON.stringify(before) : '')]),
  );
  const sets = {
    ...setsOf(old),
    ...Object.fromEntries(kept.flatMap(({ ref, set }) => (set === undefined ? [] : [[keyOf(ref), set]]))),
  };
  const data = { ...fresh, ...old, [SET]: base64(JSON.stringify(sets)) };
  if (await writeCopy(ctx, keptIn, found, data)) return;
  throw new RollbackError(
    'PLAN_STALE',
    tr`secret/${keptIn}, which was to keep what is replaced, was changed by another meanwhile; nothing was replaced`,
    tr`Another rollback is under way: wait for it, then run again (safe)`,
  );
}

/** @throws UNDO_IMPOSSIBLE when the copy is gone: the ring has gone round, or somebody removed it */
export async function readKeptObject(
  ctx: ReadContext,
  { apiVersion, kind, name, keptIn, run }: ManifestRef & { readonly keptIn: string; readonly run: string },
): Promise<KeptObject> {
  const ref = { apiVersion, kind, name };
  const found = await ctx.cluster.get('Secret', keptIn);
  const content = isKeptBy(found, run) ? found?.data?.[keyOf(ref)] : undefined;
  if (content !== undefined) {
    const text = Buffer.from(content, 'base64').toString();
    const set = setsOf(found?.data)[keyOf(ref)];
    const before = text === '' ? undefined : (JSON.parse(text) as AnyObject);
    return { ref, before, ...(set === undefined ? {} : { set }) };
  }
  throw new RollbackError(
    'UNDO_IMPOSSIBLE',
    tr`what ${manifestText(ref)} was before is no longer kept in secret/${keptIn}`,
    tr`Deploy it again. See what is kept: ${kubectl(ctx.config.namespace, 'get', 'secrets', '-l', `${MANAGED_BY}=tiered-rollback`)}`,
  );
}

function setsOf(data: SecretObject['data']): Readonly<Record<string, string | null>> {
  try {
    return JSON.parse(Buffer.from(data?.[SET] ?? '', 'base64').toString()) as Record<string, string | null>;
  } catch {
    return {};
  }
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
