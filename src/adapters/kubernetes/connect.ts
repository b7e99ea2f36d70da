import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterReader, ClusterWriter } from '../../ports/cluster.ts';
import type { Log } from '../../ports/log.ts';
import type { ClusterAccess } from './access.ts';
import { ObjectClient } from './object-client.ts';
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
  /** Requests sent so far, watches included. */
  requestCount(): number;
  /** Closes all connections. */
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
  return {
    reader: new KubernetesReader(client, access.server),
    writer: new KubernetesWriter(client),
    namespace,
    requestCount: () => transport.count,
    close: () => transport.close(),
  };
}

const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, signal ? { signal } : undefined);
  },
};
