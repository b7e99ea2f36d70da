import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { type Cluster as Adapter, connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import { connectDatabase } from '../../src/adapters/postgres/index.ts';
import type { RollbackError } from '../../src/core/errors.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import type { Postgres } from '../../testbed/postgres.ts';

let cluster: Cluster;
let postgres: Postgres;
let namespace: string;
let adapter: Adapter;
const opened: Adapter[] = [];

beforeAll(async () => {
  [cluster, postgres] = await Promise.all([sharedCluster(), sharedPostgres()]);
  namespace = await cluster.namespace('forward');
  adapter = await connect(cluster.kubeconfig);
  await serve('db', { port: postgres.port });
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
});

async function connect(kubeconfig: string): Promise<Adapter> {
  const access = await readKubeconfig({
    text: kubeconfig,
    workspace: '/nowhere',
    temp: '/nowhere',
    allowInsecure: [],
    allowExecPlugins: [],
  });
  const one = await connectCluster(access, namespace, { userAgent: 'forward' });
  opened.push(one);
  return one;
}

/** A Deployment of one pod behind which a real server stands, and a Service with port 5432. */
async function serve(
  name: string,
  {
    port,
    annotations = {},
    service = {},
    containerPort = 5432,
  }: { port: number; annotations?: Record<string, string>; service?: object; containerPort?: number },
): Promise<void> {
  const labels = { app: name };
  await cluster.apply([
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, annotations: { 'testbed/serve': `5432=127.0.0.1:${port}`, ...annotations } },
          spec: {
            containers: [{ name: 'postgres', image: 'postgres:18', ports: [{ name: 'sql', containerPort }] }],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { selector: labels, ports: [{ name: 'sql', port: 5432, targetPort: 'sql' }], ...service },
    },
  ]);
  await readyPod(name);
}

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

function readyPod(app: string, except?: string): Promise<Pod> {
  return waitFor(
    `a Ready pod of ${app}`,
    async () => {
      const { body } = await cluster.api.call('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`);
      return (body.items as Pod[]).find(
        ({ metadata, status }) =>
          metadata.name !== except &&
          metadata.deletionTimestamp === undefined &&
          status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'),
      );
    },
    { timeoutMs: 30_000 },
  );
}

const through = (database: string, service = 'db', by = adapter) =>
  connectDatabase({
    url: postgres.url(database),
    host: `service/${service}`,
    port: 5432,
    forward: (host, port) => by.forward(host.replace('service/', ''), String(port)),
  });

/** A client of the library itself, on the listener. */
async function client(database: string, service = 'db'): Promise<pg.Client> {
  const { host, port } = await adapter.forward(service, '5432');
  const one = new pg.Client({
    host,
    port,
    database,
    user: 'owner',
    password: postgres.connection.passwords.owner,
    ssl: false,
  });
  one.on('error', () => {});
  await one.connect();
  return one;
}

/** `once` would reject on the error that comes first. */
const ended = (one: pg.Client) => new Promise<void>((resolve) => one.on('end', () => resolve()));

async function failure(work: Promise<unknown>): Promise<RollbackError> {
  return work.then(
    () => {
      throw new Error('it was expected to fail');
    },
    (error) => error,
  );
}

async function digest(source: AsyncIterable<Buffer>): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { sha256: hash.digest('hex'), bytes };
}

describe('a database behind a Service', () => {
  it('is read and written as if it were here', async () => {
    const name = await postgres.createDatabase({ sql: 'CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)' });
    const database = through(name);
    expect((await database.server()).user).toBe('owner');
    expect(await database.queryValue(name, 'SELECT sum(n)::int FROM t', { timeoutMs: 5000 })).toBe('3');
    const again = await adapter.forward('db', '5432');
    expect(again.port).toBe((await adapter.forward('db', '5432')).port);
    expect(again.host).toBe('127.0.0.1');
  });

  it.each(['node', 'kwok'])(
    'COPY of tens of megabytes equals direct, both ways, streams served by the %s',
    async (by) => {
      if (by === 'kwok') await serve('by-kwok', { port: postgres.port, annotations: { 'testbed/forward-by': 'kwok' } });
      const name = await postgres.createDatabase({
        sql: 'CREATE TABLE source (n int, t text); CREATE TABLE copy (n int, t text)',
      });
      await postgres.query(
        name,
        'INSERT INTO source SELECT n, repeat(md5(n::text), 1 + n % 40) FROM generate_series(1, 60000) n',
      );
      const forwarded = await client(name, by === 'kwok' ? 'by-kwok' : 'db');
      const direct = await postgres.client(name, 'postgres');
      try {
        const query = 'COPY (SELECT * FROM source ORDER BY n) TO STDOUT';
        const expected = await digest(direct.query(copyTo(query)));
        expect(expected.bytes).toBeGreaterThan(30e6);
        expect(await digest(forwarded.query(copyTo(query)))).toEqual(expected);
        await pipeline(direct.query(copyTo(query)), forwarded.query(copyFrom('COPY copy FROM STDIN')));
        expect(await digest(direct.query(copyTo(query.replace('source', 'copy'))))).toEqual(expected);
      } finally {
        await Promise.all([forwarded.end(), direct.end()]);
      }
    },
    60_000,
  );

  it('takes ten connections at once', async () => {
    const name = await postgres.createDatabase();
    const clients = await Promise.all(Array.from({ length: 10 }, () => client(name)));
    try {
      const rows = await Promise.all(
        clients.map((one, n) => one.query('SELECT $1::int AS n, pg_backend_pid() AS pid', [n])),
      );
      expect(rows.map(({ rows: [row] }) => row.n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(new Set(rows.map(({ rows: [row] }) => row.pid)).size).toBe(10);
    } finally {
      await Promise.all(clients.map((one) => one.end()));
    }
    await waitFor(
      'the sessions to end',
      async () => {
        const [row] = await postgres.query(
          'postgres',
          'SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = $1',
          [name],
        );
        return row.n === 0;
      },
      { timeoutMs: 10_000 },
    );
  });

  it('heals by itself when the pod is replaced', async () => {
    await serve('moving', { port: postgres.port });
    const name = await postgres.createDatabase();
    const database = through(name, 'moving');
    const before = await client(name, 'moving');
    const lost = ended(before);
    const { metadata } = await readyPod('moving');
    await cluster.kubectl(['-n', namespace, 'delete', 'pod', metadata.name, '--wait=false'], { check: true });
    await lost;
    await readyPod('moving', metadata.name);
    expect((await database.server()).user).toBe('owner');
    await before.end().catch(() => {});
  });

  it('a session that the server ends, ends here', async () => {
    const name = await postgres.createDatabase();
    const one = await client(name);
    const { rows } = await one.query('SELECT pg_backend_pid() AS pid');
    const lost = ended(one);
    await postgres.query('postgres', 'SELECT pg_terminate_backend($1)', [rows[0].pid]);
    await lost;
    await one.end().catch(() => {});
  });
});

describe('what is missing is named', () => {
  it('no Service', async () => {
    const error = await failure(through('x', 'none').server());
    expect(error).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    expect(error.message).toContain(`service/none does not exist in namespace "${namespace}"`);
  });

  it('no pod that is Ready', async () => {
    await serve('empty', { port: postgres.port });
    await cluster.kubectl(['-n', namespace, 'scale', 'deployment/empty', '--replicas=0'], { check: true });
    await cluster.kubectl(['-n', namespace, 'wait', '--for=delete', 'pod', '-l', 'app=empty', '--timeout=30s'], {
      check: true,
    });
    const error = await failure(through('x', 'empty').server());
    expect(error).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    expect(error.message).toContain('none of the 0 pods behind service/empty is Ready (selector app=empty)');
    expect(error.hint).toContain(`kubectl -n ${namespace} get pods -l app=empty`);
  });

  it('a port that the Service does not have', async () => {
    const error = await failure(adapter.forward('db', '5433'));
    expect(error).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    expect(error.message).toContain('service/db has no TCP port "5433"; it has 5432 (sql)');
  });

  it('a port name that no container has', async () => {
    await serve('misnamed', { port: postgres.port, service: { ports: [{ port: 5432, targetPort: 'pgsql' }] } });
    const error = await failure(adapter.forward('misnamed', '5432'));
    expect(error.message).toMatch(/leads to the port "pgsql", which pod\/misnamed-\S+ does not have/);
  });

  it('a port of the pod on which nothing listens: the node says so', async () => {
    await serve('deaf', { port: postgres.port, service: { ports: [{ port: 5432, targetPort: 9999 }] } });
    const error = await failure(through('x', 'deaf').server());
    expect(error).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    expect(error.message).toMatch(
      /The node could not reach port 9999 of pod\/deaf-\S+ \(behind service\/deaf\): .*connection refused/,
    );
  });

  it('a Service without a selector, and one for a name outside', async () => {
    await cluster.apply([
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'byhand', namespace }, spec: { ports: [{ port: 5432 }] } },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'outside', namespace },
        spec: { type: 'ExternalName', externalName: 'db.example.com' },
      },
    ]);
    expect((await failure(adapter.forward('byhand', '5432'))).message).toContain('selects no pods');
    expect((await failure(adapter.forward('outside', '5432'))).message).toContain('ExternalName');
  });

  it('the permission', async () => {
    const verbs = ['get', 'list'];
    await cluster.apply([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'looker', namespace },
        rules: [{ apiGroups: [''], resources: ['pods', 'services'], verbs }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'getter', namespace },
        rules: [{ apiGroups: [''], resources: ['pods/portforward'], verbs: ['get'] }],
      },
      ...[
        ['looker', 'looker'],
        ['looker', 'half'],
        ['getter', 'half'],
      ].map(([role, name]) => ({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: `${role}-${name}`, namespace },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
      })),
    ]);
    for (const name of ['looker', 'half']) {
      const by = await connect(await cluster.kubeconfigFor({ name, namespace }));
      const error = await failure(through('x', 'db', by).server());
      expect(error).toMatchObject({ code: 'CLUSTER_FORBIDDEN' });
      expect(error.hint).toContain('resources: ["pods/portforward"], verbs: ["get", "create"]');
    }
    const nobody = await connect(await cluster.kubeconfigFor({ name: 'nobody', namespace }));
    expect(await failure(through('x', 'db', nobody).server())).toMatchObject({ code: 'CLUSTER_FORBIDDEN' });
  });
});

describe('the bytes of one connection', () => {
  let server: Server;
  let accepted: Socket[];
  let behaviour: (socket: Socket) => void;
  beforeAll(async () => {
    server = createServer({ allowHalfOpen: true }, (socket) => {
      accepted.push(socket);
      socket.on('error', () => {});
      behaviour(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    accepted = [];
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    await serve('plain', { port: address.port });
  });
  afterAll(() => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  const open = async () => {
    const { host, port } = await adapter.forward('plain', '5432');
    return dial({ host, port, allowHalfOpen: true });
  };

  it('an answer that ends is whole, and then the connection ends', async () => {
    const answer = randomBytes(5_000_000);
    behaviour = (socket) => socket.once('data', () => socket.end(answer));
    const socket = await open();
    socket.write('?');
    expect(await digest(socket)).toEqual({
      sha256: createHash('sha256').update(answer).digest('hex'),
      bytes: answer.length,
    });
    socket.end();
  });

  it('what is sent before our end arrives whole, and the answer to it too', async () => {
    const question = randomBytes(3_000_000);
    behaviour = (socket) => {
      const hash = createHash('sha256');
      let bytes = 0;
      socket.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        bytes += chunk.length;
        if (bytes === question.length) socket.end(hash.digest('hex'));
      });
    };
    const socket = await open();
    socket.end(question);
    let text = '';
    for await (const chunk of socket) text += chunk;
    expect(text).toBe(createHash('sha256').update(question).digest('hex'));
  });

  it('a side that does not read holds the other back', async () => {
    behaviour = (socket) => socket.pause();
    const socket = await open();
    const chunk = randomBytes(1_000_000);
    let sent = 0;
    // What fits between here and there: buffers of the kernel, of the API server and of the node.
    const isFull = async () => {
      while (socket.writableLength < 4 * chunk.length && sent < 200) {
        socket.write(chunk);
        sent++;
      }
      const before = accepted.at(-1)?.bytesRead;
      const waiting = socket.writableLength;
      await delay(300);
      return socket.writableLength === waiting && accepted.at(-1)?.bytesRead === before;
    };
    await waitFor('the way to be full', isFull, { timeoutMs: 60_000 });
    expect(sent).toBeLessThan(100);
    accepted.at(-1)?.resume();
    await waitFor('everything to arrive', () => accepted.at(-1)?.bytesRead === sent * chunk.length, {
      timeoutMs: 60_000,
    });
    socket.destroy();
  });

  it('a client that leaves takes the connection in the pod with it', async () => {
    const left = Promise.withResolvers<void>();
    behaviour = (socket) =>
      socket
        .resume()
        .on('close', () => left.resolve())
        .on('end', () => socket.end());
    const socket = await open();
    socket.write('x');
    await waitFor('the connection', () => accepted.at(-1)?.bytesRead === 1, { timeoutMs: 5000 });
    socket.destroy();
    await left.promise;
  });

  it('close ends everything at once', async () => {
    behaviour = () => {};
    const own = await connect(cluster.kubeconfig);
    const count = accepted.length;
    const { host, port } = await own.forward('plain', '5432');
    const socket = dial(port, host);
    socket.on('error', () => {});
    await waitFor('the connection', () => accepted.length > count, { timeoutMs: 5000 });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await own.close();
    await closed;
    expect(await failure(own.forward('plain', '5432'))).toMatchObject({ code: 'CANCELLED' });
    const refused = dial(port, host);
    const [error] = await once(refused, 'error');
    expect(error.code).toBe('ECONNREFUSED');
  });
});
