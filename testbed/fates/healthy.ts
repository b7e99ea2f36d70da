import { tagOf } from '../kubelet/log-store.ts';
import type { PodRun } from '../kubelet/pod-run.ts';
import { begin, type Script } from './script.ts';

/** Also how a pod goes on that was healed: what ran badly before counts as one restart more. */
export const healthy: Script = async (run) => {
  await begin(run);
  for (const container of run.initContainers) {
    if (container.state.terminated?.exitCode === 0) continue;
    await run.pull(container);
    await run.start(container);
    await run.pause(0.3);
    await run.terminate(container, 0, 'Completed');
  }
  for (const container of run.containers) {
    await run.pull(container);
    await run.start(container);
    run.print(container, startLines(container.spec.image, 'ok'));
  }
  await run.pause(0.1);
  for (const container of run.containers) await run.ready(container);
};

/** Becomes Ready, and restarts once some seconds later: a pod that is not as stable as it looks. */
export const restartOnce: Script = async (run) => {
  await healthy(run);
  await run.pause(20);
  await run.terminate(run.first, 1, 'Error');
  await run.pause(0.1);
  await run.start(run.first);
  await run.pause(0.2);
  await run.ready(run.first);
};

export const startLines = (image: string, mode: string) =>
  `${stamp()} app ${tagOf(image)} starting (mode=${mode})\n${stamp()} listening on :8080`;

/** As Go's log package writes it. */
export const stamp = () => new Date().toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/');

/** A probe reaches the container before it listens. */
export async function probeRefused(run: PodRun): Promise<void> {
  const probe = run.first.spec.readinessProbe?.httpGet;
  if (!probe) return;
  const target = `${run.address}:${probe.port}`;
  await run.event(
    'Warning',
    'Unhealthy',
    `Readiness probe failed: Get "http://${target}${probe.path ?? '/'}": dial tcp ${target}: connect: connection refused`,
    run.first,
  );
}
