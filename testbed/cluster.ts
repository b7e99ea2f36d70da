import { execFile } from 'node:child_process';
import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from './api-client.ts';
import { type AuditEvent, type AuditFilter, AuditLog } from './audit.ts';
import { CLUSTER_TOOLS, findBinaries } from './binaries.ts';
import { Authority, type CertificateRequest, type KeyPair } from './certificates.ts';
import { waitFor } from './condition.ts';
import { type ControlPlane, prepareControlPlane } from './control-plane.ts';
import { TestbedError } from './errors.ts';
import { Guard } from './guard.ts';
import { kubeconfigYaml } from './kubeconfig.ts';
import { freePorts } from './ports.ts';
import { ServerExited, ServerProcess } from './server-process.ts';

export type { AuditEvent, AuditFilter } from './audit.ts';

/** Enough for 4,000 pods. */
const NODES = ['node-1', 'node-2', 'node-3', 'node-4'];
const START_TIMEOUT_MS = 60_000;

export interface ClusterOptions {
  /** Progress, for a person. Silent unless told. */
  readonly log?: (line: string) => void;
  /** False: fail instead of building missing servers. */
  readonly build?: boolean;
  /** False: no audit log (then `audit` rejects), which spares the API server that work in a benchmark. */
  readonly audit?: boolean;
  /** Where ports come from; for tests of what happens when one is taken. */
  readonly ports?: (count: number) => Promise<number[]>;
}

export interface KubectlOptions {
  readonly input?: string;
  /** Content, not a path; the admin's unless told. */
  readonly kubeconfig?: string;
  /** True: reject unless it exits with 0. */
  readonly check?: boolean;
}

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface User {
  readonly name: string;
  readonly groups?: readonly string[];
  /** Seconds until the server refuses it with 401; a day unless told. Exact to the second. */
  readonly expiresInSeconds?: number;
  /** The context's namespace. */
  readonly namespace?: string;
}

/** What another process needs to use a running cluster; plain JSON. */
export interface ClusterConnection {
  readonly server: string;
  readonly folder: string;
  readonly kubectlPath: string;
}

export interface Cluster extends AsyncDisposable {
  readonly server: string;
  /** YAML, of an administrator. */
  readonly kubeconfig: string;
  readonly kubeconfigPath: string;
  readonly caPath: string;
  /** PEM */
  readonly ca: string;
  /** Keys, logs of the servers (`NAME.log`), audit log. Gone after `stop`. */
  readonly folder: string;
  readonly connection: ClusterConnection;
  /** An administrator's raw access, for what kubectl is too slow or too clever for. */
  readonly api: ApiClient;
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  /** `kubectl apply`; an object's namespace must stand in it. */
  apply(manifest: object | readonly object[] | string): Promise<void>;
  /** Creates a namespace with a unique name, ready for pods, and returns the name. */
  namespace(prefix: string): Promise<string>;
  /** A user with a client certificate and no right but what RBAC objects give it. */
  kubeconfigFor(user: User): Promise<string>;
  /**
   * A service account's kubeconfig with a token that expires when told, shorter than the API would give. The server caches a
   * successful check of a token for 10 s, so an expired one may be accepted that much longer, as in any cluster.
   */
  serviceAccountKubeconfig(namespace: string, name: string, expiresInSeconds?: number): Promise<string>;
  /** What the API server did, from its audit log, complete up to now. */
  audit(filter?: AuditFilter & { since?: number }): Promise<AuditEvent[]>;
  /** A position for `audit({ since })`. */
  auditMark(): Promise<number>;
  /** A server or client certificate of the cluster's own authority, e.g. for a proxy before it. */
  issue(request: CertificateRequest): Promise<KeyPair>;
}

export interface OwnCluster extends Cluster {
  /** The server processes, for tests of what happens while one is away. */
  readonly servers: Readonly<Record<keyof ControlPlane['commands'], ServerProcess>>;
  /** Ends all servers and removes the folder. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts a control plane of its own on free ports: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, and nodes without
 * containers. All of it is gone when the process that called this is, however that ends.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<OwnCluster> {
  const log = options.log ?? (() => {});
  const binaries = await findBinaries(CLUSTER_TOOLS, {
    ...(options.build === undefined ? {} : { build: options.build }),
  });
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(binaries, log, options);
    } catch (error) {
      if (error instanceof ServerExited && error.portTaken && attempt < 5) {
        log(`testbed: a port was taken meanwhile; trying others (${attempt})`);
        continue;
      }
      throw error;
    }
  }
}

/** The same cluster from another process, e.g. a test file; it cannot stop it. */
export async function connectCluster(connection: ClusterConnection): Promise<Cluster> {
  return assemble(connection, await Authority.load(connection.folder));
}

async function startOnce(
  binaries: Record<(typeof CLUSTER_TOOLS)[number], string>,
  log: (line: string) => void,
  { audit = true, ports: pickPorts = freePorts }: ClusterOptions,
): Promise<OwnCluster> {
  const guard = new Guard();
  const started: ServerProcess[] = [];
  const stop = once(async () => {
    await Promise.all(started.map((server) => server.kill()));
    await guard.release();
  });
  try {
    const folder = await mkdtemp(join(tmpdir(), 'tiered-rollback-testbed-'));
    guard.folder(folder);
    const [etcdClient = 0, etcdPeer = 0, api = 0, kubelet = 0, kwok = 0, ...forwards] = await pickPorts(13);
    const authority = await Authority.create('testbed');
    await authority.save(folder);
    const plane = await prepareControlPlane({
      folder,
      ports: { etcdClient, etcdPeer, api, kubelet, kwok, forwards },
      authority,
      binaries,
      audit,
    });
    const start = async (name: keyof ControlPlane['commands']) => {
      const server = await ServerProcess.start(name, plane.commands[name], {
        logPath: join(folder, `${name}.log`),
        guard,
      });
      started.push(server);
      return server;
    };
    const cluster = await assemble({ server: plane.server, folder, kubectlPath: binaries.kubectl }, authority);

    const [etcd, apiserver] = await Promise.all([start('etcd'), start('kube-apiserver')]);
    await Promise.race([
      apiserver.ready(
        'ready to serve',
        async () => (await cluster.api.send('GET', '/readyz', undefined, { timeoutMs: 2000 })).status === 200,
        START_TIMEOUT_MS,
      ),
      // etcd may be the one that found its port taken; the API server would only wait for it.
      etcd.untilEnd(),
    ]);
    const [controllers, scheduler, kwokServer, kubeletServer] = await Promise.all([
      start('kube-controller-manager'),
      start('kube-scheduler'),
      start('kwok'),
      start('kubelet'),
      ...NODES.map((name) => createNode(cluster.api, name)),
    ]);
    await Promise.all([
      kubeletServer.ready('listening', async () => existsSync(join(folder, 'kubelet.ready')), START_TIMEOUT_MS),
      kwokServer.ready('all nodes Ready', () => nodesReady(cluster.api), START_TIMEOUT_MS),
      controllers.ready(
        'default service account',
        async () =>
          (await cluster.api.send('GET', '/api/v1/namespaces/default/serviceaccounts/default')).status === 200,
        START_TIMEOUT_MS,
      ),
    ]);
    log(`testbed: ${plane.server} is ready`);
    return Object.assign(cluster, {
      servers: {
        etcd,
        'kube-apiserver': apiserver,
        'kube-controller-manager': controllers,
        'kube-scheduler': scheduler,
        kwok: kwokServer,
        kubelet: kubeletServer,
      },
      stop: async () => {
        cluster.api.close();
        await stop();
      },
      [Symbol.asyncDispose]: stop,
    });
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(connection: ClusterConnection, authority: Authority): Promise<Cluster> {
  const { server, folder, kubectlPath } = connection;
  const ca = authority.certificate;
  const adminCredential = await authority.issue({ commonName: 'testbed:admin', organizations: ['system:masters'] });
  const kubeconfig = kubeconfigYaml({ server, ca, user: 'testbed:admin', credential: adminCredential });
  const kubeconfigPath = join(folder, 'admin.kubeconfig');
  const api = new ApiClient({ server, ca, ...adminCredential, userAgent: 'testbed' });
  const auditLog = new AuditLog(join(folder, 'audit.log'), api);

  const kubectl: Cluster['kubectl'] = async (args, options = {}) => {
    const path = options.kubeconfig === undefined ? kubeconfigPath : await privateFile(folder, options.kubeconfig);
    const result = await runKubectl(kubectlPath, args, path, options.input);
    if (options.check && result.code !== 0) {
      throw new TestbedError(`kubectl ${args.join(' ')} exited with ${result.code}: ${result.stderr.trim()}`, '');
    }
    return result;
  };

  return {
    server,
    kubeconfig,
    kubeconfigPath,
    caPath: join(folder, 'ca.crt'),
    ca,
    folder,
    connection,
    api,
    kubectl,
    async apply(manifest) {
      if (Array.isArray(manifest) && manifest.length === 0) return;
      const input = typeof manifest === 'string' ? manifest : toList(manifest);
      await kubectl(['apply', '-f', '-'], { input, check: true });
    },
    async namespace(prefix) {
      const name = `${prefix}-${randomBytes(4).toString('hex')}`;
      await api.call('POST', '/api/v1/namespaces', { metadata: { name } });
      // Without its service account every pod would be refused for a moment, and the back-off would slow the test.
      await waitFor(
        `service account of namespace ${name}`,
        async () => (await api.send('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`)).status === 200,
        { timeoutMs: 20_000, everyMs: 20 },
      );
      return name;
    },
    async kubeconfigFor({ name, groups = [], expiresInSeconds, namespace }) {
      const credential = await authority.issue({
        commonName: name,
        organizations: groups,
        ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
      });
      return kubeconfigYaml({ server, ca, user: name, credential, ...(namespace ? { namespace } : {}) });
    },
    async serviceAccountKubeconfig(namespace, name, expiresInSeconds = 3600) {
      const { body } = await api.call('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`);
      const token = await serviceAccountToken(folder, { namespace, name, uid: body.metadata.uid, expiresInSeconds });
      return kubeconfigYaml({ server, ca, user: name, credential: { token }, namespace });
    },
    audit: ({ since, ...filter } = {}) => auditLog.read(filter, since),
    auditMark: () => auditLog.mark(),
    issue: (request) => authority.issue(request),
    async [Symbol.asyncDispose]() {
      api.close();
    },
  };
}

async function createNode(api: ApiClient, name: string): Promise<void> {
  await api.call('POST', '/api/v1/nodes', {
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
      },
    },
    spec: { podCIDRs: [`10.244.${NODES.indexOf(name) * 16}.0/20`], podCIDR: `10.244.${NODES.indexOf(name) * 16}.0/20` },
  });
}

async function nodesReady(api: ApiClient): Promise<boolean> {
  const { body } = await api.call('GET', '/api/v1/nodes');
  const ready = body.items.filter(
    (node: { spec: { taints?: unknown[] }; status: { conditions?: { type: string; status: string }[] } }) =>
      !node.spec.taints?.length &&
      node.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  return ready.length === NODES.length;
}

/** Signed with the server's own key, because the API gives no token that lives under ten minutes. */
async function serviceAccountToken(
  folder: string,
  account: { namespace: string; name: string; uid: string; expiresInSeconds: number },
): Promise<string> {
  const key = createPrivateKey(await readFile(join(folder, 'service-account.key')));
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${part({ alg: 'ES256', typ: 'JWT' })}.${part({
    iss: 'https://kubernetes.default.svc',
    aud: ['https://kubernetes.default.svc'],
    sub: `system:serviceaccount:${account.namespace}:${account.name}`,
    iat: now,
    nbf: now,
    exp: now + account.expiresInSeconds,
    'kubernetes.io': {
      namespace: account.namespace,
      serviceaccount: { name: account.name, uid: account.uid },
    },
  })}`;
  const signature = sign('sha256', Buffer.from(unsigned), { key, dsaEncoding: 'ieee-p1363' });
  return `${unsigned}.${signature.toString('base64url')}`;
}

function runKubectl(path: string, args: readonly string[], kubeconfig: string, input?: string): Promise<KubectlResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      path,
      [`--kubeconfig=${kubeconfig}`, ...args],
      // A cache under the user's home would be shared by clusters that differ.
      { maxBuffer: 256 * 1024 * 1024, env: { ...process.env, KUBECACHEDIR: `${kubeconfig}.cache` } },
      (error, stdout, stderr) => {
        const code = error ? error.code : 0;
        if (typeof code === 'number') resolve({ code, stdout, stderr });
        else reject(error);
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input ?? '');
  });
}

async function privateFile(folder: string, content: string): Promise<string> {
  const path = join(folder, `user-${randomBytes(6).toString('hex')}.kubeconfig`);
  await writeFile(path, content, { mode: 0o600 });
  return path;
}

function toList(manifest: object | readonly object[]): string {
  const items = Array.isArray(manifest) ? manifest : [manifest];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

function once(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= action();
    return running;
  };
}
