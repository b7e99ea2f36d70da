import { randomBytes } from 'node:crypto';
import { RollbackError } from '../../core/errors.ts';
import { fingerprint } from '../../core/fingerprint.ts';
import type { SecretObject } from '../../core/kubernetes.ts';
import type { SecretRecord } from '../../core/ledger.ts';
import { said } from '../../core/said.ts';
import type { KeyFingerprints, SecretChange, SecretWay } from '../../core/secret-restore.ts';
import { settle } from '../../core/settle.ts';
import { tr } from '../../core/tr.ts';
import type { NewSecret, SecretValue } from '../../ports/cluster.ts';
import type { ReadContext } from '../../ports/context.ts';
import { type Copy, copyOf, readKept } from './kept.ts';
import { assertNotSetSince, bytesOf, isSameValue, type Wanted, wantedSecrets } from './wanted.ts';

/**
 * Made anew in each run and kept nowhere. The ledger's own salt would not do: whoever may read ConfigMaps could try all codes of a few digits
 * against a fingerprint of the report.
 */
const SALT = randomBytes(16).toString('hex');

/** One Secret as it is, and what there is to do about it. */
export interface Look {
  readonly wanted: Wanted;
  readonly secret: SecretObject | undefined;
  /** Undefined: it is as it must be. */
  readonly todo?: {
    readonly change: SecretChange;
    readonly values: Readonly<Record<string, SecretValue | null>>;
    readonly fingerprints: Readonly<Record<string, KeyFingerprints>>;
    readonly copy: Copy;
    /** Of a Secret that is put back whole. */
    readonly whole?: NewSecret;
  };
}

export async function lookAtAll(ctx: ReadContext): Promise<Look[]> {
  const wanted = await wantedSecrets(ctx);
  return settle(wanted.map((one) => lookAt(ctx, one)));
}

export async function lookAt(ctx: ReadContext, wanted: Wanted): Promise<Look> {
  const { name } = wanted;
  const secret = await ctx.cluster.get('Secret', name);
  assertNotSetSince(ctx, wanted, secret);
  const entries = Object.entries(wanted.values).filter(([key, value]) => !isSameValue(bytesOf(secret, key), value));
  if (entries.length === 0) return { wanted, secret };
  const values = Object.fromEntries(entries);
  const whole = secret ? undefined : (wanted.whole ?? (await interrupted(ctx, name)));
  const way = wayOf(wanted, secret, whole);
  const fingerprints = Object.fromEntries(
    entries.map(([key, value]) => [key, fingerprintsOf(name, key, bytesOf(secret, key), value)]),
  );
  // What a killed run deleted is not absent: what it kept is what was there before.
  const copy =
    way === 'put-back' && whole && !wanted.whole
      ? { ...copyOf(name, undefined, values, true), text: JSON.stringify(whole) }
      : copyOf(name, secret, values, way === 'recreate' || way === 'remove');
  return {
    wanted,
    secret,
    todo: {
      change: { name, way, keys: Object.keys(values) },
      values,
      fingerprints,
      copy,
      ...(whole && way === 'put-back' ? { whole } : {}),
    },
  };
}

function wayOf(
  { wasAbsent, values }: Wanted,
  secret: SecretObject | undefined,
  whole: NewSecret | undefined,
): SecretWay {
  if (!secret) return whole ? 'put-back' : 'create';
  const isOnlyOurs = Object.keys(secret.data ?? {}).every((key) => Object.hasOwn(values, key));
  if (wasAbsent && isOnlyOurs) return 'remove';
  return secret.immutable === true ? 'recreate' : 'set';
}

/** All of an immutable Secret that a run deleted and was killed before it created it again. */
async function interrupted(ctx: ReadContext, name: string): Promise<NewSecret | undefined> {
  const record = ctx.situation.incident?.secrets?.find((one) => one.name === name);
  if (!record) return undefined;
  try {
    const { before } = await readKept(ctx, record);
    return before?.immutable === true ? before : undefined;
  } catch (error) {
    if (error instanceof RollbackError && error.code === 'UNDO_IMPOSSIBLE') return undefined;
    throw error;
  }
}

function fingerprintsOf(name: string, key: string, from: SecretValue | null, to: SecretValue | null): KeyFingerprints {
  return {
    ...(from === null ? {} : { from: fingerprint(SALT, name, key, from) }),
    ...(to === null ? {} : { to: fingerprint(SALT, name, key, to) }),
  };
}

/** `fingerprint ab12...` of a value, `absent` where there is none: how reports speak of it. */
export function shown(name: string, key: string, value: SecretValue | null): string {
  return value === null ? tr`absent` : tr`fingerprint ${fingerprint(SALT, name, key, value)}`;
}

/** A controller that makes the Secret from something else will make it again. */
export function noteOwner(ctx: ReadContext, secret: SecretObject | undefined): void {
  const owner = secret?.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (!secret || !owner) return;
  ctx.note(said('note.secret-owned', { secret: secret.metadata.name, owner: `${owner.kind}/${owner.name}` }));
}

/** Records of an incident with newer ones: for a key the newest stands, since it holds what was replaced last. */
export function mergedRecords(newer: readonly SecretRecord[], older: readonly SecretRecord[]): SecretRecord[] {
  const left = older.flatMap((record) => {
    const taken = new Set(newer.filter(({ name }) => name === record.name).flatMap(({ keys }) => keys));
    const keys = record.keys.filter((key) => !taken.has(key));
    return keys.length > 0 ? [{ ...record, keys }] : [];
  });
  return [...newer, ...left];
}
