import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../../src/core/report.ts';
import { fate } from '../../testbed/fates/index.ts';
import { deployment, type Manifest, type RollbackOptions, Scene } from './scene.ts';

/** `web` and `api` go back; `worker` only reads what changes; `idle` reads nothing. */
export const GROUP = ['web', 'api', 'worker', 'idle'].map(deployment);
const BACKUP = 'k8s/backup';

const named = (kind: string, name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  ...more,
});
const secret = (values: object) => named('Secret', 'codes', { stringData: values });

/** What an export of the good time holds: also what other steps see to, and must not be taken from here. */
const backupOf = (scene: Scene): Readonly<Record<string, object>> => ({
  'app-config.json': named('ConfigMap', 'app-config', { data: { LEVEL: 'info' } }),
  'extra.json': named('ConfigMap', 'extra', { data: { A: 'b' } }),
  'flags.json': named('ConfigMap', 'flags', { data: { fast: 'true', theme: 'light' } }),
  'codes.json': secret({ CODE: 'from-the-backup', SALT: 'good-salt' }),
  'web.json': scene.deployment('web', 'shop/web:0', (manifest) => {
    manifest.spec.replicas = 5;
    manifest.metadata.labels = { tier: 'front' };
  }),
});

const JOB = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'temp-job' },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'shop/job:1' }] } } },
};
const AUTOSCALER = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: 4 },
};

const reading =
  (...envFrom: object[]) =>
  (manifest: Manifest) => {
    manifest.spec.template.spec.containers[0].envFrom = envFrom;
  };
const ALL = reading(
  { secretRef: { name: 'codes' } },
  { configMapRef: { name: 'app-config' } },
  { configMapRef: { name: 'flags' } },
);

/** All that the secure tier may change of this release. */
export interface ReleaseState {
  readonly appConfig: object | undefined;
  readonly flags: object | undefined;
  readonly codes: object | undefined;
  readonly extra: object | undefined;
  readonly images: readonly (string | undefined)[];
  readonly labels: object | undefined;
  readonly replicas: number | undefined;
}

export const BAD_STATE: ReleaseState = {
  appConfig: { LEVEL: 'debug', NEW: 'x' },
  flags: { fast: 'true', theme: 'dark' },
  codes: { CODE: 'bad', SALT: 'bad-salt' },
  extra: undefined,
  images: ['shop/web:2', 'shop/api:v2', 'shop/worker:1', 'shop/idle:1'],
  labels: undefined,
  replicas: 2,
};

/** What the backup, the values and the known-good release say together. */
export const GOOD_STATE: ReleaseState = {
  appConfig: { LEVEL: 'info' },
  flags: { fast: 'false', theme: 'light' },
  codes: { CODE: 'good', SALT: 'good-salt' },
  extra: { A: 'b' },
  images: ['shop/web:1', 'shop/api:1', 'shop/worker:1', 'shop/idle:1'],
  labels: { tier: 'front' },
  replicas: 2,
};

/** A release that broke its configuration, flags and Secret along, and a backup of what they were; the whole engine rolls it back. */
export class SecureRelease implements AsyncDisposable {
  readonly scene: Scene;
  readonly workspace: string;

  private constructor(scene: Scene, workspace: string) {
    this.scene = scene;
    this.workspace = workspace;
  }

  /** All of it is applied as `kubectl apply` does. `web:2` comes up; `api:v2` crashes unless told, so that its pods of before serve on. */
  static async broken(name: string, { crashes = true }: { crashes?: boolean } = {}): Promise<SecureRelease> {
    const scene = await Scene.create(name);
    const release = new SecureRelease(scene, await mkdtemp(join(tmpdir(), 'tiered-rollback-secure-')));
    await mkdir(join(release.workspace, BACKUP), { recursive: true });
    for (const [file, content] of Object.entries(backupOf(scene))) await release.backup(file, content);
    await release.kubectlApply(
      secret({ CODE: 'bad', SALT: 'bad-salt' }),
      named('ConfigMap', 'app-config', { data: BAD_STATE.appConfig }),
      named('ConfigMap', 'flags', { data: BAD_STATE.flags }),
      JOB,
      AUTOSCALER,
    );
    await scene.deploy(
      scene.deployment('web', 'shop/web:1', ALL),
      scene.deployment('api', 'shop/api:1', ALL),
      scene.deployment('worker', 'shop/worker:1', reading({ configMapRef: { name: 'app-config' } })),
      scene.deployment('idle', 'shop/idle:1'),
    );
    await scene.apply(
      scene.deployment('web', 'shop/web:2', ALL),
      scene.deployment('api', 'shop/api:v2', (manifest) => {
        ALL(manifest);
        if (crashes) manifest.spec.template = fate('v2-crash').template(manifest.spec.template);
      }),
    );
    for (const one of crashes ? ['web'] : ['web', 'api']) await scene.rolledOut(deployment(one));
    return release;
  }

  /** Writes a file of the backup. */
  backup(file: string, content: object): Promise<void> {
    return writeFile(join(this.workspace, BACKUP, file), JSON.stringify(content));
  }

  async kubectlApply(...objects: object[]): Promise<void> {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await this.scene.cluster.kubectl(['-n', this.scene.namespace, 'apply', '-f', '-'], { check: true, input });
  }

  options(more: RollbackOptions = {}): RollbackOptions {
    return {
      tier: 'secure',
      manifests: { path: BACKUP, allowClusterScoped: [] },
      featureFlags: { configMap: 'flags', disable: ['fast'] },
      secrets: [{ name: 'codes', keys: { CODE: 'CODE' } }],
      values: { CODE: 'good' },
      temporaryResources: [{ kind: 'Job', name: 'temp-job' }],
      workspace: this.workspace,
      ...more,
    };
  }

  rollback(more: RollbackOptions = {}): Promise<Report> {
    return this.scene.rollback(GROUP, this.options(more));
  }

  async state(): Promise<ReleaseState> {
    const [appConfig, flags, extra, codes, web, ...images] = await Promise.all([
      this.#data('configmaps/app-config'),
      this.#data('configmaps/flags'),
      this.#data('configmaps/extra'),
      this.#data('secrets/codes'),
      this.scene.get('Deployment', 'web'),
      ...GROUP.map(({ name }) => this.scene.image(name)),
    ]);
    const plain = Object.entries(codes ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
    return {
      appConfig,
      flags,
      extra,
      codes: codes && Object.fromEntries(plain),
      images,
      labels: web.metadata.labels,
      replicas: web.spec.replicas,
    };
  }

  async #data(path: string): Promise<Record<string, string> | undefined> {
    const { status, body } = await this.scene.cluster.api.send(
      'GET',
      `/api/v1/namespaces/${this.scene.namespace}/${path}`,
    );
    return status === 200 ? ((body as { data?: Record<string, string> }).data ?? {}) : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.workspace, { recursive: true, force: true });
  }
}

/** How many pods controllers created since the mark, by workload of the group: the API server's own record. */
export async function podsStarted(scene: Scene, since: number, workloads: readonly { readonly name: string }[]) {
  const events = await scene.cluster.audit({ namespace: scene.namespace, mutating: true, since });
  const created = events.flatMap(({ verb, objectRef, requestObject, responseStatus }) =>
    verb === 'create' && objectRef?.resource === 'pods' && !objectRef.subresource && responseStatus?.code === 201
      ? [String(requestObject?.metadata?.generateName ?? '')]
      : [],
  );
  return Object.fromEntries(
    workloads.map(({ name }) => [name, created.filter((one) => new RegExp(`^${name}-[^-]+-$`).test(one)).length]),
  );
}
