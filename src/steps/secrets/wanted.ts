import { RollbackError, RollbackErrors } from '../../core/errors.ts';
import type { SecretObject } from '../../core/kubernetes.ts';
import type { SecretRecord } from '../../core/ledger.ts';
import { kubectl } from '../../core/shell.ts';
import { tr } from '../../core/tr.ts';
import type { NewSecret, SecretValue } from '../../ports/cluster.ts';
import type { ReadContext } from '../../ports/context.ts';
import { hashOf, readKept, type SetKeys } from './kept.ts';

/** What one Secret must hold in the end. */
export interface Wanted {
  readonly name: string;
  /** By key; null for one that must not be there. */
  readonly values: Readonly<Record<string, SecretValue | null>>;
  /** An undo only: the Secret was not there before the rollback. */
  readonly wasAbsent?: boolean;
  /** An undo only: all of an immutable Secret, should it be gone. */
  readonly whole?: NewSecret;
  /** An undo only: what the rollback had set. */
  readonly set?: SetKeys;
}

/**
 * What the Secrets must hold: the values that the environment gives, or, when a rollback is taken back, those that it kept.
 * @throws SECRET_INVALID where a value is not given, UNDO_IMPOSSIBLE where one is no longer kept; all at once
 */
export async function wantedSecrets(ctx: ReadContext): Promise<readonly Wanted[]> {
  return ctx.config.mode === 'undo' ? keptValues(ctx, ctx.situation.undoes?.secrets ?? []) : givenValues(ctx);
}

function givenValues({ config, values }: ReadContext): Wanted[] {
  const errors: RollbackError[] = [];
  const wanted = config.secrets.map(({ name, keys }) => {
    const entries = Object.entries(keys).map(([key, variable]) => {
      const value = values.get(variable) ?? '';
      // An empty code is one that everybody knows, and `--from-literal=KEY="$VARIABLE"` sets it without a word.
      if (value === '') errors.push(notGiven(name, key, variable));
      return [key, value] as const;
    });
    return { name, values: Object.fromEntries(entries) };
  });
  throwAll(errors);
  return wanted;
}

function notGiven(name: string, key: string, variable: string): RollbackError {
  return new RollbackError(
    'SECRET_INVALID',
    tr`secret/${name}, key ${key}: the environment variable ${variable} is not set, or empty`,
    tr`Pass it in the step: \`env: { ${variable}: \${{ secrets.${variable} }} }\`, and check that a secret of that name exists in the environment or the repository`,
  );
}

/** Records of one Secret with different keys are one; the newest stands first. */
async function keptValues(ctx: ReadContext, records: readonly SecretRecord[]): Promise<Wanted[]> {
  const read = await Promise.allSettled(records.map(async (record) => ({ record, kept: await readKept(ctx, record) })));
  throwAll(read.flatMap((one) => (one.status === 'rejected' ? [one.reason as RollbackError] : [])));
  const all = read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  return [...Map.groupBy(all, ({ record }) => record.name)].map(([name, parts]) => {
    const values: Record<string, SecretValue | null> = {};
    let set: SetKeys = {};
    for (const { record, kept } of parts) {
      for (const key of record.keys) {
        if (Object.hasOwn(values, key)) continue;
        const before = kept.before?.data[key];
        values[key] = before === undefined ? null : Buffer.from(before, 'base64');
        if (kept.set && Object.hasOwn(kept.set, key)) set = { ...set, [key]: kept.set[key] ?? null };
      }
    }
    const whole = parts.find(({ kept }) => kept.before?.immutable === true)?.kept.before;
    const wasAbsent = parts.every(({ kept }) => kept.before === undefined);
    return { name, values, set, ...(whole ? { whole } : {}), ...(wasAbsent ? { wasAbsent } : {}) };
  });
}

/**
 * An undo puts back what the rollback replaced, and nothing that was set after it.
 * @throws UNDO_IMPOSSIBLE
 */
export function assertNotSetSince(
  ctx: ReadContext,
  { name, values, set }: Wanted,
  secret: SecretObject | undefined,
): void {
  for (const [key, value] of Object.entries(values)) {
    if (!set || !Object.hasOwn(set, key)) continue;
    const now = hashOf(bytesOf(secret, key));
    if (now === set[key] || now === hashOf(value)) continue;
    throw new RollbackError(
      'UNDO_IMPOSSIBLE',
      tr`secret/${name}, key ${key} holds neither what the rollback set nor what it held before: it was changed since`,
      tr`Nothing is overwritten. See who wrote it: ${kubectl(ctx.config.namespace, 'get', 'secret', name, '-o', 'yaml', '--show-managed-fields')}; or leave this step out: skip-steps: restore-secrets`,
    );
  }
}

/** The bytes of a key, null where it is not there. Never taken for text: a value may be a keystore. */
export function bytesOf(secret: SecretObject | undefined, key: string): Buffer | null {
  const data = secret?.data ?? {};
  return Object.hasOwn(data, key) ? Buffer.from(data[key] ?? '', 'base64') : null;
}

export function isSameValue(a: SecretValue | null, b: SecretValue | null): boolean {
  return a === null || b === null ? a === b : Buffer.from(a).equals(Buffer.from(b));
}

function throwAll(errors: readonly RollbackError[]): void {
  const [first, ...rest] = errors;
  if (first) throw new RollbackErrors([first, ...rest]);
}
