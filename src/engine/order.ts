import type { Step } from '../steps/contract.ts';

/**
 * Runs `work` for each step as soon as the steps it needs are through, side by side where they allow. A step that is not in the list
 * holds nobody up. `work` must not reject.
 *
 * @param needsOf the steps before; those of the registry unless told. They must not go round in a circle.
 */
export async function inOrder(
  steps: readonly Step[],
  work: (step: Step) => Promise<void>,
  needsOf: (step: Step) => readonly string[] = (step) => step.meta.needs,
): Promise<void> {
  const byId = new Map(steps.map((step) => [step.meta.id, step]));
  const done = new Map<string, Promise<void>>();
  const begin = (step: Step): Promise<void> => {
    const known = done.get(step.meta.id);
    if (known !== undefined) return known;
    const { promise, resolve } = Promise.withResolvers<void>();
    done.set(step.meta.id, promise);
    const before = needsOf(step).flatMap((id) => {
      const one = byId.get(id);
      return one ? [begin(one)] : [];
    });
    void Promise.all(before)
      .then(() => work(step))
      .then(resolve);
    return promise;
  };
  await Promise.all(steps.map(begin));
}
