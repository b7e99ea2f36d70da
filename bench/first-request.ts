import { Step } from '../testbed/runner.ts';
import { runKubectl } from './contenders.ts';
import type { Scene } from './scene.ts';
import { UsageMeter } from './usage.ts';

export interface FirstRequest {
  /** Seconds from the start of our process to its first request, by the API server's audit log. */
  readonly action: readonly number[];
  /** MB at that size of work: two workloads, a dry run. */
  readonly actionMegabytes: readonly number[];
  /** Seconds of a whole `kubectl get deployments`. */
  readonly kubectl: readonly number[];
  readonly kubectlMegabytes: readonly number[];
}

/** A dry run reads what a rollback reads, so its start is the same; the API server's own clock says when the first request came. */
export async function measureFirstRequest(
  scene: Scene,
  rounds: number,
  action: string | undefined,
): Promise<FirstRequest> {
  const { cluster } = scene;
  const user = 'bench-first-request';
  const kubeconfig = await cluster.kubeconfigFor({ name: user, groups: ['system:masters'] });
  const result = {
    action: [] as number[],
    actionMegabytes: [] as number[],
    kubectl: [] as number[],
    kubectlMegabytes: [] as number[],
  };
  for (let round = 0; round < rounds; round++) {
    const since = await cluster.auditMark();
    const step = await Step.start({
      ...(action === undefined ? {} : { action }),
      with: { mode: 'plan', namespace: scene.namespace, workloads: scene.refs.join('\n'), kubeconfig },
    });
    const meter = new UsageMeter(step.pid);
    await step.mainEnded();
    result.actionMegabytes.push(meter.stop().megabytes);
    const { exitCode, log } = await step.finish();
    await step.dispose();
    if (exitCode !== 0) throw new Error(`the dry run failed:\n${log}`);
    const times = (await cluster.audit({ user, since })).map((event) => preciseMs(event.requestReceivedTimestamp));
    result.action.push((Math.min(...times) - step.startedAt) / 1000);

    const from = performance.now();
    const { megabytes } = await runKubectl(scene, ['-n', scene.namespace, 'get', 'deployments']);
    result.kubectlMegabytes.push(megabytes);
    result.kubectl.push((performance.now() - from) / 1000);
  }
  return result;
}

/** RFC 3339 with microseconds, of which Date.parse keeps milliseconds only. */
function preciseMs(timestamp: string): number {
  const micros = /\.\d{3}(\d{3})/.exec(timestamp)?.[1] ?? '0';
  return Date.parse(timestamp) + Number(micros) / 1000;
}
