import { spawn } from 'node:child_process';
import { Step } from '../testbed/runner.ts';
import { runFloor } from './floor.ts';
import type { Scene } from './scene.ts';
import { type Usage, UsageMeter } from './usage.ts';

/** One rollback by one contender. */
export interface Round {
  readonly seconds: number;
  /** Of its processes: memory of the largest, time of all. Zeros where it has no process of its own. */
  readonly usage: Usage;
  /** Seconds from the start of the process to the beginning of each phase of its log. */
  readonly phases?: Readonly<Record<string, number>>;
}

export const ACTION = 'tiered-rollback';

export interface Contender {
  readonly name: string;
  /** One line: what exactly is measured. */
  readonly meaning: string;
  run(scene: Scene): Promise<Round>;
}

/**
 * `dist` as a runner runs it, until the process has ended: preflight, proof and report included.
 *
 * @param folder holds `action.yml` and `dist`; this repository without it.
 */
export const action = (folder: string | undefined): Contender => ({
  name: ACTION,
  meaning: 'the whole process of this action, preflight, verification and report included (stable-for: 0s)',
  async run(scene) {
    const phases: Record<string, number> = {};
    let startedAt = 0;
    const step = await Step.start({
      ...(folder === undefined ? {} : { action: folder }),
      with: {
        namespace: scene.namespace,
        workloads: scene.refs.join('\n'),
        kubeconfig: scene.cluster.kubeconfig,
        'stable-for': '0s',
        'max-parallel': '500',
      },
      onLine: (line) => {
        const [, phase] = /^▼ (\w+)/.exec(line) ?? [];
        if (phase) phases[phase] ??= (performance.now() - startedAt) / 1000;
      },
    });
    startedAt = step.startedAt - performance.timeOrigin;
    const meter = new UsageMeter(step.pid);
    await step.mainEnded();
    const usage = meter.stop();
    const result = await step.finish();
    await step.dispose();
    if (result.exitCode !== 0) throw new Error(`the action failed:\n${result.log}`);
    return { seconds: result.durationMs / 1000, usage, phases };
  },
});

/** The commands of the checklist for few workloads; for many, the fewest processes that kubectl offers. */
export const kubectl: Contender = {
  name: 'kubectl',
  meaning:
    'kubectl rollout undo, then kubectl rollout status, whole processes; two workloads: one of each per workload',
  async run(scene) {
    const targets = scene.refs.length <= 2 ? scene.refs.map((ref) => [ref]) : [scene.refs];
    const from = performance.now();
    let usage: Usage = { megabytes: 0, cpuSeconds: 0 };
    for (const verb of ['undo', 'status']) {
      for (const refs of targets) {
        const one = await runKubectl(scene, ['-n', scene.namespace, 'rollout', verb, ...refs]);
        usage = {
          megabytes: Math.max(usage.megabytes, one.megabytes),
          cpuSeconds: usage.cpuSeconds + one.cpuSeconds,
        };
      }
    }
    return { seconds: (performance.now() - from) / 1000, usage };
  },
};

export const floor: Contender = {
  name: 'floor',
  meaning: 'all patches sent at once over one open connection, until a watch has shown every workload ready',
  run: runFloor,
};

export async function runKubectl(scene: Scene, args: readonly string[]): Promise<Usage> {
  const { kubeconfigPath, connection } = scene.cluster;
  const child = spawn(connection.kubectlPath, [`--kubeconfig=${kubeconfigPath}`, ...args], {
    // Its discovery cache is kept between rounds, as on a machine where it is used every day.
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      KUBECACHEDIR: `${kubeconfigPath}.cache`,
    } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const meter = new UsageMeter(child.pid ?? 0);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const usage = meter.stop();
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${said}`);
  return usage;
}
