import type { Pod } from './pod.ts';

/** Memory of a container, bytes; CPU of one, cores. The annotations `testbed/memory` (MiB) and `testbed/cpu` (millicores) of a template change them. */
const MEMORY_MIB = 64;
const CPU_MILLICORES = 5;
const NODE_CPU_CORES = 0.2;
const NODE_MEMORY = 2 * 1024 ** 3;
const startedAt = Date.now();

/** What a kubelet says at /metrics/resource, and metrics-server reads: the running containers of the pods, in the text format of Prometheus. */
export function resourceMetrics(pods: Iterable<Pod>, now = Date.now()): string {
  const cpu: string[] = [];
  const memory: string[] = [];
  const start: string[] = [];
  for (const { metadata, status } of pods) {
    const given = (name: string, standard: number) => Number(metadata.annotations?.[name] ?? standard);
    for (const container of status.phase === 'Running' ? (status.containerStatuses ?? []) : []) {
      const { running } = container.state;
      if (!running) continue;
      const since = Date.parse(running.startedAt ?? '') || startedAt;
      // A time that lies ahead of this one's start would make the counter fall.
      const seconds = Math.max(0, now - since) / 1000;
      const labels = `{container="${container.name}",namespace="${metadata.namespace}",pod="${metadata.name}"}`;
      const cores = given('testbed/cpu', CPU_MILLICORES) / 1000;
      cpu.push(`container_cpu_usage_seconds_total${labels} ${seconds * cores} ${now}`);
      memory.push(
        `container_memory_working_set_bytes${labels} ${given('testbed/memory', MEMORY_MIB) * 1024 ** 2} ${now}`,
      );
      start.push(`container_start_time_seconds${labels} ${since / 1000} ${now}`);
    }
  }
  const nodeCpu = `node_cpu_usage_seconds_total ${((now - startedAt) / 1000) * NODE_CPU_CORES} ${now}`;
  return [
    ...family('container_cpu_usage_seconds_total', 'counter', cpu),
    ...family('container_memory_working_set_bytes', 'gauge', memory),
    ...family('container_start_time_seconds', 'gauge', start),
    ...family('node_cpu_usage_seconds_total', 'counter', [nodeCpu]),
    ...family('node_memory_working_set_bytes', 'gauge', [`node_memory_working_set_bytes ${NODE_MEMORY} ${now}`]),
    '',
  ].join('\n');
}

const family = (name: string, type: string, lines: readonly string[]) => [`# TYPE ${name} ${type}`, ...lines];
