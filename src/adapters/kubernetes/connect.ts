import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterReader, ClusterWriter } from '../../ports/cluster.ts';
import type { Log } from '../../ports/log.ts';
import type { ClusterAccess } from './access.ts';
import { ObjectClient } from './object-client.ts';
import { podFile } from './pod-file.ts';
import { type Forward, ServiceForwards } from './port-forward.ts';
import { KubernetesReader } from './reader.ts';
import { Transport } from './transport.ts';
import { KubernetesWriter } from './writer.ts';

export interface ConnectOptions {
  readonly userAgent: string;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Called with each secret that turns up later (a plugin's token), before it is used: to mask it. */
  readonly onSecret?: (secret: string) => void;
  /** Ends reads and waits when the run is cancelled; a write that was sent is brought to its end. */
  readonly signal?: AbortSignal;
  /** ms that one attempt of a request may take (10 000). */
  readonly attemptMs?: number;
  /** ms that all attempts of one request may take (25 000). */
  readonly budgetMs?: number;
}

export interface Cluster {
  readonly reader: ClusterReader;
  readonly writer: ClusterWriter;
  readonly namespace: string;
  /**
   * Where a port of a Service is reached from here: a listener on the loopback interface, the same for the same Service and port, whose
   * connections go through the API server to a Ready pod. Asked before each connection, it tells at once when there is none.
   * @param port number or name of a port of the Service
   * @throws DATABASE_UNREACHABLE, CLUSTER_*
   */
  forward(service: string, port: string): Promise<Forward>;
  /**
   * A file in a pod, read once and whole or with an error.
   * @throws (while it is read) BACKUP_NOT_FOUND, BACKUP_UNREADABLE, BACKUP_CHANGED, INPUT_INVALID, CLUSTER_*, CANCELLED
   */
  podFile(pod: string, path: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Requests sent so far, watches included. */
  requestCount(): number;
  /** Closes all connections, forwarded ones too. */
  close(): Promise<void>;
}

/** Prepares requests to one namespace. Nothing is sent yet: the first read says whether the cluster answers. */
export async function connectCluster(
  access: ClusterAccess,
  namespace: string,
  options: ConnectOptions,
): Promise<Cluster> {
  const transport = new Transport(access, {
    ...options,
    clock: options.clock ?? systemClock,
    onSecret: options.onSecret ?? (() => undefined),
  });
  const client = new ObjectClient(transport, namespace);
  const forwards = new ServiceForwards(client);
  return {
    reader: new KubernetesReader(client, access.server),
    writer: new KubernetesWriter(client),
    namespace,
    forward: (service, port) => forwards.to(service, port),
    podFile: (pod, path, signal) => podFile(client, pod, path, signal ?? options.signal),
    requestCount: () => transport.count,
    close: () => {
      forwards.close();
      return transport.close();
    },
  };
}

const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, signal ? { signal } : undefined);
  },
};
