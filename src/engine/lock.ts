import { LOCK_NAME } from '../core/access.ts';
import { RollbackError } from '../core/errors.ts';
import type { LeaseObject } from '../core/kubernetes.ts';
import { LEASE_SECONDS } from '../core/lease.ts';
import type { RunIdentity } from '../core/run.ts';
import { tr } from '../core/tr.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClusterReader, ClusterWriter } from '../ports/cluster.ts';
import type { LockState } from '../ports/context.ts';
import type { Log } from '../ports/log.ts';

const RENEW_EVERY_MS = 10_000;
const LOOK_EVERY_MS = 2000;

export interface LockOptions {
  readonly reader: ClusterReader;
  readonly writer: ClusterWriter;
  readonly clock: Clock;
  readonly log: Log;
  readonly run: RunIdentity;
  readonly namespace: string;
  /** Emergency takes a held lock over at once, and says from whom. */
  readonly takeOver: boolean;
  /** How long to wait for a held lock, ms. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Called when another run has taken the lock. */
  readonly onLost: (error: RollbackError) => void;
}

export interface Lock {
  readonly state: LockState;
  /** True when another run had to be waited for: what was planned before may be stale. */
  readonly waited: boolean;
  /** Gives the lock back. Never throws: an unreleased lease expires by itself. */
  release(): Promise<void>;
}

/**
 * One rollback at a time in a namespace: a Lease with the owner, its run URL and reason, renewed while the run lasts.
 * @throws LOCK_HELD with the holder's name and run URL.
 */
export async function acquireLock(options: LockOptions): Promise<Lock> {
  try {
    return await acquire(options);
  } catch (error) {
    if (error instanceof RollbackError && error.code === 'CLUSTER_FORBIDDEN') {
      return { state: { kind: 'unavailable', failure: error.toFailure() }, waited: false, release: async () => {} };
    }
    throw error;
  }
}

async function acquire(options: LockOptions): Promise<Lock> {
  const { reader, writer, clock, log, run, signal } = options;
  const giveUpAt = clock.now() + options.waitMs;
  let waited = false;
  for (;;) {
    signal.throwIfAborted();
    const found = await reader.get('Lease', LOCK_NAME);
    const holder = found ? holderOf(found, clock.now()) : undefined;
    if (!holder || holder.holder === run.id || options.takeOver) {
      const written = found
        ? await writer.replace('Lease', leaseFor(options, found))
        : await writer.create('Lease', leaseFor(options));
      if (written) {
        const isTaken = holder !== undefined && holder.holder !== run.id;
        if (isTaken) log.warn(tr`lock taken over from ${holder.holder} ${holder.url}`);
        const state: LockState = { kind: 'held', name: LOCK_NAME, ...(isTaken ? { takenFrom: holder } : {}) };
        return { state, waited, release: keep(options, written) };
      }
      continue;
    }
    if (clock.now() >= giveUpAt) throw held(options, holder);
    if (!waited) log.info(tr`waiting for the rollback of ${holder.holder} ${holder.url}`);
    waited = true;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

interface Holder {
  readonly holder: string;
  readonly url: string;
  readonly reason: string;
}

/** Who holds the lease now; undefined when nobody does or it has expired. */
function holderOf(lease: LeaseObject, now: number): Holder | undefined {
  const holder = lease.spec?.holderIdentity;
  if (!holder) return undefined;
  const renewed = Date.parse(lease.spec?.renewTime ?? '');
  const seconds = lease.spec?.leaseDurationSeconds ?? LEASE_SECONDS;
  if (!(now - renewed < seconds * 1000)) return undefined;
  const annotations = lease.metadata.annotations ?? {};
  return { holder, url: annotations['tiered-rollback/url'] ?? '', reason: annotations['tiered-rollback/reason'] ?? '' };
}

function held({ namespace }: LockOptions, holder: Holder): RollbackError {
  const why = holder.reason ? tr`, reason: ${holder.reason}` : '';
  return new RollbackError(
    'LOCK_HELD',
    tr`lease/${LOCK_NAME} in ${namespace} is held by run ${holder.holder} ${holder.url}${why}`,
    tr`Wait for that run, or use tier emergency, which takes the lock over. If that run is dead the lock expires after ${LEASE_SECONDS} s: kubectl get lease ${LOCK_NAME} -n ${namespace} -o yaml`,
  );
}

function leaseFor({ run, clock }: LockOptions, found?: LeaseObject) {
  const now = microTime(clock.now());
  return {
    metadata: {
      name: LOCK_NAME,
      labels: { 'app.kubernetes.io/managed-by': 'tiered-rollback' },
      annotations: {
        'tiered-rollback/url': run.url,
        'tiered-rollback/actor': run.actor,
        'tiered-rollback/reason': run.reason.slice(0, 500),
      },
      resourceVersion: found?.metadata.resourceVersion ?? '',
    },
    spec: {
      holderIdentity: run.id,
      leaseDurationSeconds: LEASE_SECONDS,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: (found?.spec?.leaseTransitions ?? 0) + (found ? 1 : 0),
    },
  };
}

/** Renews until released; a lease that somebody else holds meanwhile ends the run. */
function keep(options: LockOptions, first: LeaseObject): () => Promise<void> {
  const { writer, reader, clock, run } = options;
  let lease = first;
  let isReleased = false;
  let renewing: Promise<void> = Promise.resolve();
  const write = async (spec: NonNullable<LeaseObject['spec']>) => {
    const written = await writer.replace('Lease', { metadata: { ...pick(lease) }, spec: { ...spec } });
    if (written) lease = written;
    return written !== undefined;
  };
  const renew = async () => {
    try {
      if (await write({ ...lease.spec, renewTime: microTime(clock.now()) })) return;
      const found = await reader.get('Lease', LOCK_NAME);
      if (found?.spec?.holderIdentity === run.id) {
        lease = found;
        return;
      }
      isReleased = true;
      const by = found?.spec?.holderIdentity ?? tr`nobody`;
      const message = tr`lease/${LOCK_NAME} is now held by ${by} ${found?.metadata.annotations?.['tiered-rollback/url'] ?? ''}`;
      options.onLost(
        new RollbackError('LOCK_LOST', message, tr`Look at that run: it goes on from what this one has done`),
      );
    } catch (error) {
      // A renewal that fails for a moment is no loss: the lease lasts for three of them.
      options.log.debug(`lease not renewed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const timer = setInterval(() => {
    renewing = renewing.then(() => (isReleased ? undefined : renew()));
  }, RENEW_EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await renewing;
    if (isReleased) return;
    isReleased = true;
    try {
      await write({ ...lease.spec, holderIdentity: '', renewTime: microTime(clock.now()) });
    } catch (error) {
      options.log.debug(`lease not released: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

function pick(lease: LeaseObject) {
  const { name, resourceVersion, labels, annotations } = lease.metadata;
  return { name, resourceVersion, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
}

/** The MicroTime of the coordination API. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
