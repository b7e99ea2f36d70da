import type { PodRun } from '../kubelet/pod-run.ts';
import { backOffMessage } from './crash.ts';
import { probeRefused, stamp, startLines } from './healthy.ts';
import { begin, type Script } from './script.ts';

const failed = (probe: 'Readiness' | 'Liveness') => `${probe} probe failed: HTTP probe failed with statuscode: 503`;

/** v5-readiness-failing: it runs and is never Ready; only the events say why. */
export const readinessFailing: Script = async (run) => {
  await startUnhealthy(run);
  const period = run.first.spec.readinessProbe?.periodSeconds ?? 10;
  for (;;) {
    await run.pause(period);
    await run.event('Warning', 'Unhealthy', failed('Readiness'), run.first);
  }
};

/** v5b-liveness-failing: killed and started again; it ends well each time, since it handles SIGTERM. */
export const livenessFailing: Script = async (run) => {
  const container = run.first;
  await startUnhealthy(run);
  for (let restarts = 0; ; restarts++) {
    for (let probe = 0; probe < 2; probe++) {
      await run.pause(1.5);
      await run.event('Warning', 'Unhealthy', failed('Readiness'), container);
      await run.event('Warning', 'Unhealthy', failed('Liveness'), container);
    }
    await run.event(
      'Normal',
      'Killing',
      `Container ${container.spec.name} failed liveness probe, will be restarted`,
      container,
    );
    run.print(container, `${stamp()} SIGTERM, draining`);
    await run.pause(1);
    // A kubelet shows no `terminated` here: the next status already has the next state.
    container.state = { terminated: run.ended(container, 0, 'Completed') };
    if (restarts >= 2) {
      const { name, namespace, uid } = run.pod.metadata;
      const seconds = Math.min(300, 10 * 2 ** (restarts - 2));
      await run.event(
        'Warning',
        'BackOff',
        `Back-off restarting failed container ${container.spec.name} in pod ${name}_${namespace}(${uid})`,
        container,
      );
      await run.wait(container, 'CrashLoopBackOff', backOffMessage(run, container, seconds));
      await run.pause(seconds);
    }
    await startAgain(run);
  }
};

async function startUnhealthy(run: PodRun): Promise<void> {
  await begin(run);
  await startAgain(run);
}

async function startAgain(run: PodRun): Promise<void> {
  await run.pull(run.first);
  await run.start(run.first);
  run.print(run.first, startLines(run.first.spec.image, 'unhealthy'));
  await probeRefused(run);
}
