import { createHash } from 'node:crypto';
import { KEPT_NAMES } from '../../core/access.ts';
import { RollbackError } from '../../core/errors.ts';
import type { SecretObject } from '../../core/kubernetes.ts';
import type { SecretRecord } from '../../core/ledger.ts';
import { kubectl, shellWord } from '../../core/shell.ts';
import { tr } from '../../core/tr.ts';
import type { NewSecret, SecretValue } from '../../ports/cluster.ts';
import type { ReadContext, WriteContext } from '../../ports/context.ts';
import { chooseName, isKeptBy, MANAGED_BY, MAX_BYTES, writeCopy } from '../kept/ring.ts';

/** No name of a Secret can be this one. */
const SET = '_set';

/** SHA-256 by key of what was set; null for a key that was removed. They lie beside the old values and are as secret. */
export type SetKeys = Readonly<Record<string, string | null>>;

export interface Copy {
  readonly name: string;
  /** The Secret as it was, as a manifest: only the keys that are replaced, or all of it where it is deleted. Empty: it was not there. */
  readonly text: string;
  /** What took the place of the old values: an undo must not overwrite what somebody set after it. */
  readonly set: SetKeys;
}

export function hashOf(value: SecretValue | null): string | null {
  return value === null ? null : createHash('sha256').update(value).digest('hex');
}

/** @param whole an immutable Secret is deleted: then all of it must be kept */
export function copyOf(
  name: string,
  secret: SecretObject | undefined,
  values: Readonly<Record<string, SecretValue | null>>,
  whole: boolean,
): Copy {
  const set = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, hashOf(value)]));
  if (!secret) return { name, text: '', set };
  const { labels, annotations, ownerReferences } = secret.metadata;
  const data = Object.entries(secret.data ?? {}).filter(([key]) => whole || Object.hasOwn(values, key));
  const manifest = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, ...(whole ? { labels, annotations, ownerReferences } : {}) },
    type: secret.type,
    ...(whole ? { immutable: secret.immutable } : {}),
    data: Object.fromEntries(data),
  };
  return { name, text: JSON.stringify(manifest), set };
}

/** @throws SECRET_INVALID when the copies do not fit into one Secret of our own */
export function assertFits(copies: readonly Copy[], namespace: string): void {
  const bytes = copies.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (bytes <= MAX_BYTES) return;
  const names = copies.map(({ name }) => `secret/${name}`).join(', ');
  throw new RollbackError(
    'SECRET_INVALID',
    tr`what ${names} hold now has ${bytes} bytes; at most ${MAX_BYTES} can be kept, and nothing is replaced that is not kept`,
    tr`Restore large ones in a run of their own: leave the others out of \`secrets\`. See their sizes: ${kubectl(namespace, 'describe', 'secrets', ...copies.map(({ name }) => name))}`,
  );
}

/** Where this run keeps old values. */
export function chooseKeptName(ctx: ReadContext, needed: readonly SecretRecord[]): Promise<string> {
  return chooseName(ctx, {
    names: KEPT_NAMES,
    needed: needed.map(({ keptIn }) => keptIn),
    what: tr`old values`,
    code: 'SECRET_INVALID',
  });
}

/** Keeps the copies under the name, once: what this run kept there already is from before its first write, and stays. */
export async function keep(ctx: WriteContext, keptIn: string, copies: readonly Copy[]): Promise<void> {
  const found = await ctx.cluster.get('Secret', keptIn);
  const fresh = Object.fromEntries(copies.map(({ name, text }) => [name, Buffer.from(text).toString('base64')]));
  const before = isKeptBy(found, ctx.run.id) ? found?.data : undefined;
  const sets = { ...Object.fromEntries(copies.map(({ name, set }) => [name, set])), ...setsOf(before?.[SET]) };
  const data = { ...fresh, ...before, [SET]: Buffer.from(JSON.stringify(sets)).toString('base64') };
  if (await writeCopy(ctx, keptIn, found, data)) return;
  throw new RollbackError(
    'PLAN_STALE',
    tr`secret/${keptIn}, which was to keep the old values, was changed by another meanwhile; no Secret was touched`,
    tr`Another rollback is under way: wait for it, then run again (safe)`,
  );
}

/** What was kept of a Secret. */
export interface Kept {
  /** Undefined: there was none. */
  readonly before: NewSecret | undefined;
  readonly set: SetKeys | undefined;
}

/** @throws UNDO_IMPOSSIBLE when the copy is gone: the ring has gone round, or somebody removed it */
export async function readKept(ctx: ReadContext, record: SecretRecord): Promise<Kept> {
  const found = await ctx.cluster.get('Secret', record.keptIn);
  const isThat = record.run === undefined || isKeptBy(found, record.run);
  const content = isThat ? found?.data?.[record.name] : undefined;
  const before = content === undefined ? undefined : manifestOf(content);
  if (before) return { before: before === 'absent' ? undefined : before, set: setsOf(found?.data?.[SET])[record.name] };
  throw new RollbackError(
    'UNDO_IMPOSSIBLE',
    tr`what secret/${record.name} held before (${record.keys.join(', ')}) is no longer kept in secret/${record.keptIn}`,
    tr`Set the keys by a deployment. See what is kept: ${kubectl(ctx.config.namespace, 'get', 'secrets', '-l', `${MANAGED_BY}=tiered-rollback`, '--show-labels')}`,
  );
}

function manifestOf(content: string): NewSecret | 'absent' | undefined {
  const text = Buffer.from(content, 'base64').toString();
  if (text === '') return 'absent';
  try {
    const manifest = JSON.parse(text) as NewSecret;
    return { ...manifest, data: manifest.data ?? {} };
  } catch {
    return undefined;
  }
}

function setsOf(content: string | undefined): Readonly<Record<string, SetKeys>> {
  try {
    return JSON.parse(Buffer.from(content ?? '', 'base64').toString()) as Record<string, SetKeys>;
  } catch {
    return {};
  }
}

/** When the copy was made, by the clock of the cluster where it tells; ms since the epoch. Pods from before it read the old values. */
export async function keptSince(ctx: ReadContext, keptIn: string): Promise<number | undefined> {
  const found = await ctx.cluster.get('Secret', keptIn);
  if (!found) return undefined;
  const times = (found.metadata.managedFields ?? []).flatMap(({ time }) => time ?? []);
  return Date.parse(times.sort().at(-1) ?? found.metadata.creationTimestamp);
}

/** The command that puts an immutable Secret back from its copy, should this run not come to it. */
export function putBackCommand(namespace: string, keptIn: string, name: string): string {
  const path = `{.data.${name.replaceAll('.', '\\.')}}`;
  const read = kubectl(namespace, 'get', 'secret', keptIn, '-o', `jsonpath=${path}`);
  return `${read} | base64 -d | kubectl -n ${shellWord(namespace)} create -f -`;
}
