import type { Clock } from '../../src/ports/clock.ts';

/** A clock whose waits take no time and are written down, ms. */
export function patientClock(): Clock & { readonly waits: readonly number[] } {
  const waits: number[] = [];
  let passed = 0;
  return {
    waits,
    now: () => Date.now() + passed,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
      passed += ms;
    },
  };
}
