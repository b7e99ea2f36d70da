import { timestamp } from '../kubelet/event-recorder.ts';
import { backOffMessage } from './crash.ts';
import { begin, type Script } from './script.ts';

/** v7-command-not-found: the container is created but never runs, and prints nothing. */
export const commandNotFound: Script = async (run) => {
  const container = run.first;
  const command = container.spec.command?.[0] ?? '/app';
  const message =
    'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
    `unable to start container process: exec: "${command}": stat ${command}: no such file or directory`;
  await begin(run);
  for (let restarts = 0; ; restarts++) {
    await run.pull(container);
    run.create(container);
    run.markRunning();
    await run.event('Normal', 'Created', 'Container created', container);
    await run.event('Warning', 'Failed', `Error: ${message}`, container);
    container.lastState = {
      terminated: {
        exitCode: 128,
        reason: 'StartError',
        message,
        startedAt: '1970-01-01T00:00:00Z',
        finishedAt: timestamp(),
        containerID: container.id,
      },
    };
    await run.wait(container, 'RunContainerError', message);
    await run.pause(1);
    if (restarts === 0) continue;
    const { name, namespace, uid } = run.pod.metadata;
    const seconds = Math.min(300, 10 * 2 ** (restarts - 1));
    await run.event(
      'Warning',
      'BackOff',
      `Back-off restarting failed container ${container.spec.name} in pod ${name}_${namespace}(${uid})`,
      container,
    );
    await run.wait(container, 'CrashLoopBackOff', backOffMessage(run, container, seconds));
    await run.pause(seconds);
  }
};
