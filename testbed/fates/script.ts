import type { PodRun } from '../kubelet/pod-run.ts';

/**
 * What happens to a pod from its first sight on, told in the seconds of a real node (traces.txt of the captures).
 * It never has to end: it is interrupted when the pod is deleted or healed.
 */
export type Script = (run: PodRun) => Promise<void>;

/** Every pod begins like this: ContainerCreating, then its sandbox. */
export async function begin(run: PodRun): Promise<void> {
  await run.admit();
  await run.createSandbox();
}
