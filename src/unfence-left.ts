import { createActionsLog, maskSecrets } from './adapters/actions.ts';
import { composeCluster } from './compose.ts';
import { LOCK_NAME } from './core/access.ts';
import { failuresOf } from './core/errors.ts';
import { LEASE_SECONDS } from './core/lease.ts';
import { loadRun, secretForms, secretsToMask, secretValues } from './inputs.ts';
import type { ClusterReader } from './ports/cluster.ts';
import { Redactor } from './report/redact.ts';
import { unfence } from './steps/fence/fence.ts';
import { STEPS } from './steps/index.ts';

/** `post` has 10 s at most when a job is cancelled. */
const WITHIN_MS = 5000;

/** What became of writers that a killed run had stopped. */
export interface LeftBehind {
  /** What runs again, as `deployment/web`. */
  readonly back: readonly string[];
  /** Set where it is not known whether everything runs again. */
  readonly failure?: string;
}

/**
 * Brings back what a killed run had kept from writing; only where the config says that it may have. Bounded to a few seconds; never
 * throws. Another run that has the lock by now may have stopped them itself: they are its to bring back.
 */
export async function unfenceLeft(
  env: NodeJS.ProcessEnv,
  mask: (secrets: readonly string[]) => void = maskSecrets,
): Promise<LeftBehind | undefined> {
  const redactor = new Redactor();
  try {
    const steps = STEPS.map((step) => step.meta);
    const loaded = loadRun(env, steps);
    const { request, run, secrets } = loaded;
    if (request.kind !== 'ready' || request.config.database?.fenceWriters !== true) return undefined;
    redactor.add(secretValues(secrets));
    mask(secretsToMask(secrets));
    const found = (secret: string) => {
      redactor.add([secret]);
      mask(secretForms(secret));
    };
    const log = createActionsLog((text) => redactor.redact(text));
    const cluster = await composeCluster({ ...loaded, request }, log, AbortSignal.timeout(WITHIN_MS), { found });
    try {
      if (await isHeldByAnother(cluster.reader, run.id)) return undefined;
      return { back: await unfence({ cluster: cluster.reader, write: { cluster: cluster.writer } }) };
    } finally {
      await cluster.close();
    }
  } catch (error) {
    return { back: [], failure: redactor.redact(failuresOf(error)[0]?.message ?? '') };
  }
}

/** The killed run's own name is not known any more, except for its random end: `RUN-ATTEMPT-RANDOM`. */
async function isHeldByAnother(cluster: ClusterReader, run: string): Promise<boolean> {
  const lease = await cluster.get('Lease', LOCK_NAME).catch(() => undefined);
  const { holderIdentity = '', renewTime, leaseDurationSeconds = LEASE_SECONDS } = lease?.spec ?? {};
  const isFresh = renewTime !== undefined && Date.parse(renewTime) + leaseDurationSeconds * 1000 > Date.now();
  return isFresh && holderIdentity !== '' && withoutEnd(holderIdentity) !== withoutEnd(run);
}

function withoutEnd(run: string): string {
  return run.slice(0, Math.max(0, run.lastIndexOf('-')));
}
