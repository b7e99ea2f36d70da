import type { Step } from '../steps/contract.ts';

/**
 * Runs `work` for each step as soon as the steps it needs are through, side by side where they allow. A step that is not in the list
 * holds nobody up. `work` must not reject.
 */
export async function inOrder(steps: readonly Step[], work: (step: Step) => Promise<void>): Promise<void> {
  const done = new Map<string, Promise<void>>();
  for (const step of steps) {
    const before = step.meta.needs.flatMap((id) => done.get(id) ?? []);
    done.set(
      step.meta.id,
      Promise.all(before).then(() => work(step)),
    );
  }
  await Promise.all(done.values());
}
