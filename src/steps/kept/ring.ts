import { type ErrorCode, RollbackError } from '../../core/errors.ts';
import type { SecretObject } from '../../core/kubernetes.ts';
import { kubectl } from '../../core/shell.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext, WriteContext } from '../../ports/context.ts';

/*
 * What runs replace is kept in Secrets of our own, under fixed names: nothing has to be collected, and a Role can name them all. The oldest is
 * used again, as with the journals.
 */

export const MANAGED_BY = 'app.kubernetes.io/managed-by';
const LABELS = { [MANAGED_BY]: 'tiered-rollback' };
const RUN = 'tiered-rollback/run';
const KEPT_AT = 'tiered-rollback/kept-at';
/** A Secret holds 1 MiB; the rest is room for the metadata. */
export const MAX_BYTES = 900_000;

export interface Ring {
  readonly names: readonly string[];
  /** Names that the rollback under way still needs. */
  readonly needed: readonly (string | undefined)[];
  /** What is kept in it, for the error. */
  readonly what: string;
  readonly code: ErrorCode;
}

/** The name under which this run keeps: a free one, else the oldest. @throws `code` when none is left */
export async function chooseName(ctx: ReadContext, { names: all, needed, what, code }: Ring): Promise<string> {
  const names = all.filter((name) => !needed.includes(name));
  const found = await Promise.all(names.map(async (name) => ({ name, secret: await ctx.cluster.get('Secret', name) })));
  const free = found.find(({ secret }) => !secret);
  const [oldest] = found
    .filter(({ secret }) => secret?.metadata.labels?.[MANAGED_BY] === LABELS[MANAGED_BY])
    .sort((a, b) => (keptAt(a.secret) < keptAt(b.secret) ? -1 : 1));
  const chosen = free ?? oldest;
  if (chosen) return chosen.name;
  throw new RollbackError(
    code,
    tr`no name is left to keep ${what} under: ${names.join(', ')} are not ours, or are needed by the rollback under way`,
    tr`Look at them: ${kubectl(ctx.config.namespace, 'get', 'secrets', ...names)}`,
  );
}

function keptAt(secret: SecretObject | undefined): string {
  return secret?.metadata.annotations?.[KEPT_AT] ?? '';
}

/** Whether the copy was made by that run: names are used again. */
export function isKeptBy(secret: SecretObject | undefined, run: string): boolean {
  return secret?.metadata.annotations?.[RUN] === run;
}

/** Writes the copy whole. @param found what lies under the name now @returns whether nobody else wrote it meanwhile */
export async function writeCopy(
  ctx: WriteContext,
  name: string,
  found: SecretObject | undefined,
  data: Readonly<Record<string, string>>,
): Promise<boolean> {
  const annotations = { [RUN]: ctx.run.id, [KEPT_AT]: new Date(ctx.clock.now()).toISOString() };
  const object = { metadata: { name, labels: LABELS, annotations }, type: 'Opaque', data };
  const written = found
    ? await ctx.write.cluster.replace('Secret', {
        ...object,
        metadata: { ...object.metadata, resourceVersion: found.metadata.resourceVersion },
      })
    : await ctx.write.cluster.create('Secret', object);
  return written !== undefined;
}
