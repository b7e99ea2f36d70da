import { tagOf } from '../kubelet/log-store.ts';
import type { Container, PodRun } from '../kubelet/pod-run.ts';
import { probeRefused, stamp, startLines } from './healthy.ts';
import { begin, type Script } from './script.ts';

interface Crash {
  readonly exitCode: number;
  readonly reason: string;
  /** Seconds that each run lasts. */
  readonly lasts: number;
  readonly ready: boolean;
  readonly prints: (image: string) => string;
}

/** v2-crash */
export const crash: Script = crashing({
  exitCode: 1,
  reason: 'Error',
  lasts: 1.3,
  ready: false,
  prints: (image) =>
    `${stamp()} app ${tagOf(image)} starting (mode=crash)\n${stamp()} fatal: cannot read config: key DATABASE_URL is empty`,
});

/** v2b-panic */
export const panic: Script = crashing({
  exitCode: 2,
  reason: 'Error',
  lasts: 0.8,
  ready: false,
  prints: (image) =>
    `${stamp()} app ${tagOf(image)} starting (mode=panic)\npanic: assignment to entry in nil map\n\ngoroutine 1 [running]:\nmain.main()\n\tapp/main.go:29 +0x2bc`,
});

/** v6-oom: Ready first, so the rollout completes before it breaks. */
export const oom: Script = crashing({
  exitCode: 137,
  reason: 'OOMKilled',
  lasts: 2.7,
  ready: true,
  prints: (image) =>
    `${startLines(image, 'oom')}\n${Array.from({ length: 11 }, (_, step) => `${stamp()} cache warm-up: ${(step + 1) * 4} MiB`).join('\n')}`,
});

function crashing(crash: Crash): Script {
  return async (run) => {
    await begin(run);
    for (let restarts = 0; ; restarts++) {
      await run.pull(run.first);
      await run.start(run.first);
      run.print(run.first, crash.prints(run.first.spec.image));
      if (!crash.ready || restarts > 0) await probeRefused(run);
      if (crash.ready) await run.ready(run.first);
      await run.pause(crash.lasts);
      await run.terminate(run.first, crash.exitCode, crash.reason);
      await backOff(run, run.first, restarts, 1);
    }
  };
}

/** v9-init-crash: the application's own container never gets its turn. */
export const initCrash: Script = async (run) => {
  const container = run.initContainers[0] ?? run.first;
  await begin(run);
  for (let restarts = 0; ; restarts++) {
    await run.pull(container);
    await run.start(container);
    run.print(container, 'migration 0042 failed: relation users does not exist');
    await run.pause(1.9);
    await run.terminate(container, 3, 'Error');
    await backOff(run, container, restarts, 14);
  }
};

/**
 * From one end to the next start. The first restart comes at once. After that the kubelet backs off 10, 20, 40 ... 300 s, and
 * for most of that time the API still shows `terminated`: `firstTerminated` seconds in the first back-off, nearly all of it later.
 */
async function backOff(run: PodRun, container: Container, restarts: number, firstTerminated: number): Promise<void> {
  if (restarts === 0) return run.pause(0.1);
  const seconds = Math.min(300, 10 * 2 ** (restarts - 1));
  const total = seconds * 1.3;
  const terminated = restarts === 1 ? firstTerminated : total;
  const { name, namespace, uid } = run.pod.metadata;
  const saying = () =>
    run.event(
      'Warning',
      'BackOff',
      `Back-off restarting failed container ${container.spec.name} in pod ${name}_${namespace}(${uid})`,
      container,
    );
  await run.pause(Math.min(1, terminated));
  await saying();
  if (terminated > 1) {
    await run.pause(terminated - 1);
    await saying();
  }
  await run.wait(container, 'CrashLoopBackOff', backOffMessage(run, container, seconds));
  await run.pause(Math.max(0.13, total - terminated));
}

export function backOffMessage(run: PodRun, container: Container, seconds: number): string {
  const { name, namespace, uid } = run.pod.metadata;
  const time = seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  return `back-off ${time} restarting failed container=${container.spec.name} pod=${name}_${namespace}(${uid})`;
}
