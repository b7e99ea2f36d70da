import { RollbackError } from '../../core/errors.ts';
import type { SecretObject } from '../../core/kubernetes.ts';
import { kubectl } from '../../core/shell.ts';
import { tr } from '../../core/tr.ts';
import type { NewSecret, SecretValue } from '../../ports/cluster.ts';
import type { WriteContext } from '../../ports/context.ts';
import { putBackCommand } from './kept.ts';
import type { Look } from './look.ts';

/** Gives one Secret its keys, in the way that it takes. What it held before must have been kept. */
export async function setOne(ctx: WriteContext, { secret, wanted, todo }: Look, keptIn: string): Promise<void> {
  if (!todo) return;
  const { name } = wanted;
  switch (todo.change.way) {
    case 'create':
      return createOne(ctx, { metadata: { name }, type: 'Opaque', data: overlaid({}, todo.values) });
    case 'put-back':
      if (!todo.whole) return;
      return createOne(ctx, { ...todo.whole, data: overlaid(todo.whole.data, todo.values) });
    case 'remove':
      return ctx.write.cluster.remove('Secret', name, secret?.metadata.resourceVersion);
    case 'set':
    case 'recreate':
      if (secret) await setKeys(ctx, secret, todo.values, keptIn);
  }
}

/** @throws what the writer throws; where an immutable Secret is gone then, with the command that puts it back */
export async function setKeys(
  ctx: WriteContext,
  secret: SecretObject,
  values: Readonly<Record<string, SecretValue | null>>,
  keptIn: string,
): Promise<void> {
  const { name } = secret.metadata;
  try {
    await ctx.write.cluster.setSecretKeys(secret, values);
  } catch (error) {
    if (secret.immutable !== true || !(error instanceof RollbackError) || !(await isGone(ctx, name))) throw error;
    throw new RollbackError(
      error.code,
      tr`secret/${name} is immutable, was deleted to be created again, and could not be created: ${error.message}`,
      tr`What it held is kept in secret/${keptIn}. Put it back: ${putBackCommand(ctx.config.namespace, keptIn, name)}; or run again: it is created from that copy.`,
      { cause: error },
    );
  }
}

async function isGone(ctx: WriteContext, name: string): Promise<boolean> {
  try {
    return (await ctx.cluster.get('Secret', name)) === undefined;
  } catch {
    // Nobody knows: then the command is better said than left out.
    return true;
  }
}

export async function createOne(ctx: WriteContext, secret: NewSecret): Promise<void> {
  if (await ctx.write.cluster.createSecret(secret)) return;
  const { name } = secret.metadata;
  throw new RollbackError(
    'PLAN_STALE',
    tr`secret/${name} was created by another since the plan was made, with other content`,
    tr`Look at it, then run again: ${kubectl(ctx.config.namespace, 'describe', 'secret', name)}`,
  );
}

function overlaid(
  data: Readonly<Record<string, string>>,
  values: Readonly<Record<string, SecretValue | null>>,
): Record<string, string> {
  const given = Object.entries(values).map(([key, value]) => [key, value === null ? null : base64(value)] as const);
  const all: readonly (readonly [string, string | null])[] = Object.entries({ ...data, ...Object.fromEntries(given) });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}

function base64(value: SecretValue): string {
  return Buffer.from(value).toString('base64');
}
