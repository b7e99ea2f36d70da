import { RollbackError } from '../../core/errors.ts';
import { said } from '../../core/said.ts';
import type { RestoreSecretsChange, SecretChange } from '../../core/secret-restore.ts';
import type { SecretValue } from '../../ports/cluster.ts';
import type { WriteContext } from '../../ports/context.ts';
import { type Kept, readKept } from './kept.ts';
import { readersOf, restartReaders, secretOf } from './readers.ts';
import { createOne, setKeys } from './set.ts';
import { assertNotSetSince, bytesOf, isSameValue } from './wanted.ts';

/** Takes the change back: each Secret holds again what this run kept of it, and its readers start once more. */
export async function putBack(ctx: WriteContext, change: RestoreSecretsChange): Promise<void> {
  const { keptIn } = change;
  if (keptIn === undefined) return;
  const back: SecretChange[] = [];
  for (const one of change.secrets) {
    const kept = await keptOf(ctx, one, keptIn);
    if (!kept || !(await putOneBack(ctx, one, kept, keptIn))) continue;
    back.push(one);
    ctx.note(said('note.secret-put-back', { secret: one.name }));
  }
  if (back.length === 0) return;
  await restartReaders(ctx, readersOf(ctx, back.map(secretOf)));
  await ctx.record(({ secrets = [], ...record }) => ({
    ...record,
    secrets: secrets.filter((one) => one.keptIn !== keptIn || !back.some(({ name }) => name === one.name)),
  }));
}

/** Undefined where apply did not come to it: then nothing was changed either. */
async function keptOf(ctx: WriteContext, { name, keys }: SecretChange, keptIn: string): Promise<Kept | undefined> {
  try {
    return await readKept(ctx, { name, keys, keptIn, run: ctx.run.id });
  } catch (error) {
    if (error instanceof RollbackError && error.code === 'UNDO_IMPOSSIBLE') return undefined;
    throw error;
  }
}

/** @returns whether something had to be put back */
async function putOneBack(
  ctx: WriteContext,
  { name, keys }: SecretChange,
  { before, set }: Kept,
  keptIn: string,
): Promise<boolean> {
  const secret = await ctx.cluster.get('Secret', name);
  if (!secret) {
    if (!before) return false;
    await createOne(ctx, before);
    return true;
  }
  const values = Object.fromEntries(
    keys.map((key): [string, SecretValue | null] => {
      const old = before?.data[key];
      return [key, old === undefined ? null : Buffer.from(old, 'base64')];
    }),
  );
  if (keys.every((key) => isSameValue(bytesOf(secret, key), values[key] ?? null))) return false;
  assertNotSetSince(ctx, { name, values, ...(set ? { set } : {}) }, secret);
  const isOnlyOurs = Object.keys(secret.data ?? {}).every((key) => keys.includes(key));
  if (!before && isOnlyOurs) await ctx.write.cluster.remove('Secret', name, secret.metadata.resourceVersion);
  else await setKeys(ctx, secret, values, keptIn);
  return true;
}
