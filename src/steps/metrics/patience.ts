import type { ReadContext } from '../../ports/context.ts';

/** Also where nothing may be waited for, one honest look fits. */
const LOOK_MS = 3000;
const WATCH_EVERY_MS = 250;
/** What an emergency waits for anyway. */
const OTHERS = ['check-pods', 'check-health'];

/** How long metrics may be waited for: to the run's deadline; in an emergency only as long as the other checks take anyway. */
export interface Patience {
  /** Of requests: aborted when there is no more time for them, or the run was cancelled. */
  readonly signal: AbortSignal;
  /** Resolves after `ms`, or sooner when the waiting is over. @returns whether it goes on @throws when the run was cancelled */
  sleep(ms: number): Promise<boolean>;
  /** Nothing is waited for any more; to be called on every way out. */
  end(): void;
}

export function patienceOf(ctx: ReadContext): Patience {
  const { clock, config, deadline } = ctx;
  const [over, tooLate, ended] = [new AbortController(), new AbortController(), new AbortController()];
  const unlooked = clock.now() + LOOK_MS;
  const isHeldUp = () => config.tier === 'emergency' && OTHERS.every((id) => ctx.outcomeOf(id) !== undefined);
  const until = async (holds: () => boolean) => {
    while (!holds()) await clock.sleep(WATCH_EVERY_MS, AbortSignal.any([ctx.signal, ended.signal]));
  };
  const watch = async () => {
    await until(() => clock.now() >= deadline || isHeldUp());
    over.abort();
    await until(() => clock.now() >= unlooked);
    tooLate.abort();
  };
  watch().catch(() => {});
  return {
    signal: AbortSignal.any([ctx.signal, tooLate.signal, ended.signal]),
    async sleep(ms) {
      await clock.sleep(ms, AbortSignal.any([ctx.signal, over.signal, ended.signal])).catch(() => {});
      ctx.signal.throwIfAborted();
      return !over.signal.aborted;
    },
    end: () => ended.abort(),
  };
}
