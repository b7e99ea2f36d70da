import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Cluster, connectCluster, readKubeconfig } from '../../../../src/adapters/kubernetes/index.ts';
import type { ClusterView } from '../../../../src/ports/cluster.ts';
import { waitFor } from '../../../../testbed/condition.ts';
import { VirtualClock } from '../../../fakes/cluster-clock.ts';
import { FaultyServer, status } from '../../../fakes/cluster-http.ts';

const SOON = { timeoutMs: 10_000, everyMs: 2 };

/** Pods as a list knows them, and the watches that are open: the test writes into those. */
class Pods {
  readonly pods = new Map<string, { phase: string; version: number }>();
  readonly watches: { readonly response: ServerResponse; readonly from: string }[] = [];
  version = 10;
  lists = 0;
  /** Answers the next watch with this instead of opening it. */
  refuseWatch: number | undefined;

  set(name: string, phase: string): void {
    this.pods.set(name, { phase, version: ++this.version });
  }

  object(name: string): object {
    const pod = this.pods.get(name);
    return {
      metadata: {
        name,
        uid: name,
        resourceVersion: String(pod?.version ?? this.version),
        managedFields: [{ manager: 'm' }],
      },
      spec: { containers: [] },
      status: { phase: pod?.phase },
    };
  }

  tell(type: string, name: string): void {
    this.send({ type, object: this.object(name) });
  }

  send(event: object): void {
    this.watches.at(-1)?.response.write(`${JSON.stringify(event)}\n`);
  }
}

let server: FaultyServer;
let clock: VirtualClock;
let pods: Pods;
let cluster: Cluster;
let view: ClusterView | undefined;

beforeEach(async () => {
  server = await FaultyServer.start();
  clock = new VirtualClock({ manual: true });
  pods = new Pods();
  server.handler = ({ query }, response) => {
    if (!query.has('watch')) {
      pods.lists++;
      const items = [...pods.pods.keys()].map((name) => pods.object(name));
      return { json: { metadata: { resourceVersion: String(pods.version) }, items } };
    }
    if (pods.refuseWatch) {
      const code = pods.refuseWatch;
      pods.refuseWatch = undefined;
      return { status: code, json: status(code, 'Expired', 'too old resource version') };
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    pods.watches.push({ response, from: query.get('resourceVersion') ?? '' });
    return undefined;
  };
  pods.set('a', 'Pending');
  const access = await readKubeconfig({
    text: server.kubeconfig(),
    workspace: tmpdir(),
    temp: tmpdir(),
    allowInsecure: ['http'],
    allowExecPlugins: [],
  });
  cluster = await connectCluster(access, 'prod', { userAgent: 'test', clock });
  view = await cluster.reader.view(['Pod'], new AbortController().signal);
  await watching(1);
});
afterEach(async () => {
  view?.close();
  await cluster.close();
  await server.close();
});

async function watching(count: number): Promise<void> {
  await waitFor(
    `watch ${count}`,
    () => {
      // Pauses between attempts are over at once; they are shorter than what the guard of a silent watch waits.
      clock.advance(1);
      return pods.watches.length >= count;
    },
    SOON,
  );
}

async function phase(name: string, expected: string | undefined): Promise<void> {
  await waitFor(`${name} is ${expected}`, () => view?.get('Pod', name)?.status?.phase === expected, SOON);
}

describe('a view', () => {
  it('follows its watch, with the kind filled in and without what no rule reads', async () => {
    expect(view?.get('Pod', 'a')?.status?.phase).toBe('Pending');
    expect(pods.watches[0]?.from).toBe('11');
    pods.set('a', 'Running');
    pods.tell('MODIFIED', 'a');
    await phase('a', 'Running');
    expect(view?.get('Pod', 'a')).toMatchObject({ kind: 'Pod', apiVersion: 'v1' });
    expect(view?.get('Pod', 'a')?.metadata.managedFields).toBeUndefined();
    pods.pods.delete('a');
    pods.tell('DELETED', 'a');
    await phase('a', undefined);
  });

  it('goes on from the last event or bookmark when the watch is closed', async () => {
    pods.send({ type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion: '77' } } });
    pods.watches[0]?.response.end();
    await watching(2);
    expect(pods.watches[1]?.from).toBe('77');
    expect(pods.lists).toBe(1);
  });

  it('goes on when the connection is cut in the middle of an event', async () => {
    pods.set('b', 'Running');
    pods.watches[0]?.response.write('{"type":"ADDED","obj');
    server.dropConnections();
    await watching(2);
    expect(pods.watches[1]?.from).toBe('11');
    pods.tell('ADDED', 'b');
    await phase('b', 'Running');
  });

  it('lists anew when what it watches has expired: told in the stream', async () => {
    pods.set('b', 'Running');
    pods.pods.delete('a');
    pods.send({ type: 'ERROR', object: status(410, 'Expired', 'too old resource version: 11 (12)') });
    await watching(2);
    await phase('b', 'Running');
    expect(view?.get('Pod', 'a')).toBeUndefined();
    expect(pods.watches[1]?.from).toBe('12');
    expect(pods.lists).toBe(2);
  });

  it('lists anew when what it watches has expired: told by the status of the answer', async () => {
    pods.refuseWatch = 410;
    pods.set('b', 'Running');
    pods.watches[0]?.response.end();
    await watching(2);
    await phase('b', 'Running');
    expect(pods.lists).toBe(2);
  });

  it('finds out that a watch is dead', async () => {
    pods.set('a', 'Running');
    await waitFor(
      'a is Running',
      () => {
        // In steps: the guard may begin to wait only after the first of them.
        clock.advance(1_000);
        return view?.get('Pod', 'a')?.status?.phase === 'Running';
      },
      SOON,
    );
    await watching(2);
    expect(pods.watches[1]?.from).toBe('12');
  });

  it('leaves a watch alone that is silent because nothing happens', async () => {
    for (let i = 0; i < 3; i++) {
      const { lists } = pods;
      await waitFor(
        'a list',
        () => {
          clock.advance(1_000);
          return pods.lists > lists;
        },
        SOON,
      );
    }
    expect(pods.watches).toHaveLength(1);
    pods.set('a', 'Running');
    pods.tell('MODIFIED', 'a');
    await phase('a', 'Running');
  });

  it('wakes those who wait once for a burst', async () => {
    const end = AbortSignal.timeout(10_000);
    let woken = 0;
    const before = view?.version ?? 0;
    const burst: string[] = Array.from({ length: 500 }, (_, i) => {
      pods.set(`p${i}`, 'Running');
      return JSON.stringify({ type: 'ADDED', object: pods.object(`p${i}`) });
    });
    pods.watches[0]?.response.write(`${burst.join('\n')}\n`);
    for (let version = before; view && view.all('Pod').length < 501; ) {
      await view.changed(version, 60_000, end);
      version = view.version;
      woken++;
    }
    expect(woken).toBeLessThan(100);
    expect(view?.all('Pod')).toBe(view?.all('Pod'));
  });

  it('fails for good, and says so to those who wait, when the permission is taken away', async () => {
    const failure = view?.changed(view.version, 1e9, AbortSignal.timeout(10_000)).catch((error: unknown) => error);
    server.handler = () => ({ status: 401, json: status(401, 'Unauthorized', 'Unauthorized') });
    pods.watches[0]?.response.end();
    let told: unknown;
    void failure?.then((error) => {
      told = error;
    });
    await waitFor(
      'the failure',
      () => {
        clock.advance(10);
        return told;
      },
      SOON,
    );
    expect(told).toMatchObject({ code: 'CLUSTER_UNAUTHORIZED' });
    await expect(view?.changed(0, 60_000, AbortSignal.timeout(10_000))).rejects.toMatchObject({
      code: 'CLUSTER_UNAUTHORIZED',
    });
  });

  it('asks again and again where listing is allowed and watching is not', async () => {
    const list = server.handler;
    server.handler = (seen, response) =>
      seen.query.has('watch') ? { status: 403, json: status(403, 'Forbidden', 'no watch') } : list(seen, response);
    pods.watches[0]?.response.end();
    pods.set('a', 'Running');
    await waitFor(
      'the change',
      () => {
        clock.advance(500);
        return view?.get('Pod', 'a')?.status?.phase === 'Running';
      },
      SOON,
    );
  });
});
