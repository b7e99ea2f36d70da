import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import {
  type ClusterAccess,
  connectCluster,
  type KubeconfigInput,
  readKubeconfig,
} from '../../../../src/adapters/kubernetes/index.ts';
import type { RollbackError, RollbackErrors } from '../../../../src/core/errors.ts';
import { FaultyServer } from '../../../fakes/cluster-http.ts';

const CLOUD = ['aws', 'aws-iam-authenticator', 'gke-gcloud-auth-plugin', 'kubelogin'];
const PEM =
  '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49\nAwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----\n';
const base64 = (text: string) => Buffer.from(text).toString('base64');

let root: string;
let workspace: string;
let temp: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'kubeconfig-')));
  workspace = join(root, 'workspace');
  temp = join(root, 'temp');
  await Promise.all([mkdir(workspace), mkdir(temp)]);
});
afterEach(() => rm(root, { recursive: true }));

interface Parts {
  readonly cluster?: object;
  readonly user?: object;
  readonly context?: object;
}

function config({ cluster, user, context }: Parts = {}, name = 'prod'): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://api.example.com:6443', ...cluster } }],
    users: [{ name: 'u', user: { ...(user ?? { token: 'token-of-the-user' }) } }],
    contexts: [{ name, context: { cluster: 'c', user: 'u', ...context } }],
    'current-context': name,
  });
}

function read(text: string | undefined, more: Partial<KubeconfigInput> = {}): Promise<ClusterAccess> {
  return readKubeconfig({ text, workspace, temp, allowInsecure: [], allowExecPlugins: CLOUD, ...more });
}

async function faults(promise: Promise<unknown>): Promise<readonly RollbackError[]> {
  return promise.then(
    () => Promise.reject(new Error('it was not refused')),
    (error) => {
      if (!Array.isArray((error as RollbackErrors).errors)) throw error;
      return (error as RollbackErrors).errors;
    },
  );
}

describe('where a kubeconfig comes from', () => {
  it('is YAML, base64 of it, JSON, or a path', async () => {
    await writeFile(join(workspace, 'kube.yml'), config());
    await writeFile(join(root, 'elsewhere'), config());
    const json = JSON.stringify({
      apiVersion: 'v1',
      clusters: [{ name: 'c', cluster: { server: 'https://api.example.com:6443' } }],
      contexts: [{ name: 'prod', context: { cluster: 'c' } }],
      'current-context': 'prod',
    });
    const wrapped = base64(config()).replace(/(.{76})/g, '$1\n');
    for (const text of [
      config(),
      `# a comment\n---\n${config()}`,
      base64(config()),
      wrapped,
      json,
      'kube.yml',
      join(root, 'elsewhere'),
    ]) {
      expect(await read(text)).toMatchObject({ context: 'prod', server: 'https://api.example.com:6443' });
    }
  });

  it('is else KUBECONFIG: several files, the first to set a name wins', async () => {
    await writeFile(join(root, 'a'), config({}, 'first'));
    await writeFile(join(root, 'b'), config({ context: { namespace: 'shop' } }, 'second'));
    const env = [join(root, 'a'), '', join(root, 'b')].join(delimiter);
    expect((await read('', { env })).context).toBe('first');
    expect(await read(undefined, { env, context: 'second' })).toMatchObject({ context: 'second', namespace: 'shop' });
    expect((await read(config(), { env })).context).toBe('prod');
  });

  it('is else the pod that we run in', async () => {
    const serviceAccount = join(root, 'sa');
    await mkdir(serviceAccount);
    await writeFile(join(serviceAccount, 'token'), 'token-of-the-pod\n');
    await writeFile(join(serviceAccount, 'namespace'), 'shop\n');
    await writeFile(join(serviceAccount, 'ca.crt'), 'a certificate');
    const access = await read(undefined, { serviceAccount, serviceHost: 'fd00::1', servicePort: '443' });
    expect(access).toMatchObject({
      server: 'https://[fd00::1]:443',
      namespace: 'shop',
      ca: 'a certificate',
      skipTlsVerify: false,
      credential: { type: 'tokenFile', path: join(serviceAccount, 'token') },
    });
    expect(access.secrets).toContain('token-of-the-pod');
  });

  it('is nowhere', async () => {
    const [fault] = await faults(
      read(undefined, { serviceAccount: join(root, 'none'), serviceHost: 'h', servicePort: '1' }),
    );
    expect(fault?.code).toBe('KUBECONFIG_INVALID');
    expect(fault?.message).toContain('not a pod');
  });

  it.each([
    ['a path that is not there', 'nowhere/kubeconfig', 'ENOENT'],
    ['a mistyped secret', 'hunter2-is-my-password', 'ENOENT'],
    ['text that is neither', 'line one\nline two', 'neither the YAML'],
    ['broken YAML', 'apiVersion: v1\nclusters: [', 'not valid YAML (line'],
    ['another object', 'apiVersion: v1\nkind: Secret\nclusters: []', 'not a kubeconfig'],
    ['a list for a mapping', 'apiVersion: v1\nclusters: {a: 1}', '`clusters` is not a list'],
    ['an entry without a name', 'apiVersion: v1\nclusters: [{}]', 'has no name'],
  ])('is not usable: %s', async (_name, text, message) => {
    const [fault] = await faults(read(text));
    expect(fault?.code).toBe('KUBECONFIG_INVALID');
    expect(fault?.message).toContain(message);
    expect(JSON.stringify(fault?.toFailure())).not.toContain('hunter2');
  });

  it('does not grow without bound', async () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g']
      .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdef'[i]}`).join(',')}]`)
      .join('\n')}\napiVersion: v1\nclusters: []`;
    const [fault] = await faults(read(bomb));
    expect(fault?.code).toBe('KUBECONFIG_INVALID');
  });
});

describe('the context', () => {
  it('that is not there is named, with those that are', async () => {
    const [fault] = await faults(read(config(), { context: 'staging' }));
    expect(fault?.code).toBe('CONTEXT_NOT_FOUND');
    expect(fault?.message).toBe('The kubeconfig has no context "staging". It has: prod.');
    expect(fault?.hint).toContain('kubectl config get-contexts');
  });

  it('may be left out when current-context is set', async () => {
    const [fault] = await faults(read(config().replace(/^current-context.*$/m, '')));
    expect(fault?.code).toBe('CONTEXT_NOT_FOUND');
  });

  it('must lead to a cluster and a user', async () => {
    const found = await faults(read(config({ context: { cluster: 'x', user: 'y' } })));
    expect(found.map((fault) => fault.message)).toEqual([
      'Context "prod" names cluster "x", which is not there.',
      'Context "prod" names user "y", which is not there.',
    ]);
  });
});

describe('what is refused unless allowed by name', () => {
  const unsafe: readonly (readonly [string, Parts, KubeconfigInput['allowInsecure']])[] = [
    ['http', { cluster: { server: 'http://api.example.com' } }, ['http']],
    ['skipped verification', { cluster: { 'insecure-skip-tls-verify': true } }, ['skip-tls-verify']],
    ['a proxy', { cluster: { 'proxy-url': 'http://me:pass-word@proxy.example.com:3128' } }, ['proxy']],
    ['a token file', { user: { tokenFile: 'token' } }, ['tokenFile']],
    ['a key outside', { user: { 'client-key': '/etc/hosts', 'client-certificate-data': base64(PEM) } }, ['path']],
    ['a certificate outside', { user: { 'client-certificate': '../../etc/hosts' } }, ['path']],
    ['an authority outside', { cluster: { 'certificate-authority': '/etc/hosts' } }, ['path']],
  ];

  it.each(unsafe)('%s', async (_name, parts, allowInsecure) => {
    await writeFile(join(workspace, 'token'), 'token-in-a-file');
    const found = await faults(read(config(parts)));
    expect(found.map((fault) => fault.code)).toEqual(['KUBECONFIG_UNSAFE']);
    expect(found[0]?.hint).toContain(`allow-insecure: ${allowInsecure[0]}`);
    const others = (['tokenFile', 'path', 'skip-tls-verify', 'proxy', 'http'] as const).filter(
      (one) => !allowInsecure.includes(one),
    );
    expect(await faults(read(config(parts), { allowInsecure: others }))).toHaveLength(1);
    if (!allowInsecure.includes('path')) await read(config(parts), { allowInsecure });
  });

  it('is told all at once', async () => {
    const found = await faults(
      read(
        config({
          cluster: { server: 'http://x', 'insecure-skip-tls-verify': true, 'proxy-url': 'http://y' },
          user: { tokenFile: '/etc/passwd', 'client-key': '/etc/shadow', 'auth-provider': { name: 'gcp' } },
        }),
      ),
    );
    expect(found).toHaveLength(6);
    expect(new Set(found.map((fault) => fault.code))).toEqual(new Set(['KUBECONFIG_UNSAFE']));
  });

  it('files in the workspace and the temporary folder are read, also by a path relative to the kubeconfig', async () => {
    await mkdir(join(workspace, 'certs'));
    await writeFile(join(workspace, 'certs', 'ca.pem'), PEM);
    await writeFile(join(temp, 'key.pem'), PEM);
    await writeFile(
      join(workspace, 'certs', 'config'),
      config({
        cluster: { 'certificate-authority': 'ca.pem' },
        user: { 'client-key': join(temp, 'key.pem'), 'client-certificate': join(temp, 'key.pem') },
      }),
    );
    const access = await read('certs/config');
    expect(access.ca).toBe(PEM);
    expect(access.clientCertificate?.key).toBe(PEM);
    expect(access.secrets).toContain('AwEHBG0wawIBAQQg');
  });

  it('a link does not lead out of the workspace', async () => {
    await writeFile(join(root, 'secret'), PEM);
    await symlink(join(root, 'secret'), join(workspace, 'ca.pem'));
    await symlink(root, join(workspace, 'folder'));
    for (const path of ['ca.pem', 'folder/secret', '../secret', join(root, 'secret')]) {
      const [fault] = await faults(read(config({ cluster: { 'certificate-authority': path } })));
      expect(fault?.code).toBe('KUBECONFIG_UNSAFE');
    }
    const allowTokens = { allowInsecure: ['tokenFile'] as const };
    expect((await faults(read(config({ user: { tokenFile: 'folder/secret' } }), allowTokens)))[0]?.code).toBe(
      'KUBECONFIG_UNSAFE',
    );
  });

  it('a file that is missing is told as missing', async () => {
    const [fault] = await faults(read(config({ cluster: { 'certificate-authority': 'gone.pem' } })));
    expect(fault?.code).toBe('KUBECONFIG_INVALID');
    expect(fault?.message).toContain('ENOENT');
  });

  it.each(['ftp://x', 'https://user:pass@x', 'x', '', 'https://x/?a=b'])(
    'no other address than https: %j',
    async (server) => {
      const [fault] = await faults(read(config({ cluster: { server } })));
      expect(fault?.code).toBe('KUBECONFIG_INVALID');
    },
  );
});

describe('an exec plugin', () => {
  const exec = (more: object) => config({ user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', ...more } } });

  it('of a cloud vendor is allowed by name', async () => {
    const access = await read(
      exec({ command: 'aws', args: ['eks', 'get-token'], env: [{ name: 'AWS_PROFILE', value: 'production' }] }),
    );
    expect(access.credential).toMatchObject({ type: 'exec', plugin: { command: 'aws', args: ['eks', 'get-token'] } });
    expect(access.secrets).not.toContain('production');
  });

  it.each([
    ['another program', { command: '/bin/sh', args: ['-c', 'id'] }, 'not allowed'],
    ['nothing', {}, 'not allowed'],
    ['a name that only begins like one', { command: 'aws-evil' }, 'not allowed'],
    ['a relative path', { command: './aws' }, 'relative or inside the workspace'],
    ['a variable that loads code', { command: 'aws', env: [{ name: 'LD_PRELOAD', value: '/x.so' }] }, 'LD_PRELOAD'],
    ['a variable that finds other code', { command: 'aws', env: [{ name: 'PATH', value: '.' }] }, 'PATH'],
  ])('is refused: %s', async (_name, more, message) => {
    const [fault] = await faults(read(exec(more)));
    expect(fault?.code).toBe('KUBECONFIG_UNSAFE');
    expect(fault?.message).toContain(message);
  });

  it('that the repository brought is refused, unless its whole path is allowed', async () => {
    const command = join(workspace, 'aws');
    await writeFile(command, '#!/bin/sh\n');
    expect((await faults(read(exec({ command }))))[0]?.message).toContain('inside the workspace');
    await read(exec({ command }), { allowExecPlugins: [command] });
    await read(exec({ command: '/usr/local/bin/aws' }));
  });

  describe('that runs', () => {
    let server: FaultyServer;
    beforeEach(async () => {
      server = await FaultyServer.start();
      server.handler = (seen) =>
        seen.headers.authorization === 'Bearer token-of-the-plugin'
          ? { json: { gitVersion: 'v1.37.2', metadata: { name: 'kube-system', uid: 'u' } } }
          : { status: 401, json: { kind: 'Status' } };
    });
    afterEach(() => server.close());

    async function connect(script: string) {
      const command = join(root, 'plugin');
      await writeFile(command, `#!/bin/sh\n${script}\n`);
      await chmod(command, 0o755);
      const access = await read(
        server.kubeconfig({
          exec: { apiVersion: 'client.authentication.k8s.io/v1', command, installHint: 'install it' },
        }),
        {
          allowInsecure: ['http'],
          allowExecPlugins: [command],
        },
      );
      const secrets: string[] = [];
      const cluster = await connectCluster(access, 'prod', {
        userAgent: 'test',
        onSecret: (secret) => secrets.push(secret),
      });
      return { cluster, secrets };
    }

    it('gives the token, which is told to be masked', async () => {
      const { cluster, secrets } = await connect(
        `test -n "$KUBERNETES_EXEC_INFO" && echo '{"kind":"ExecCredential","status":{"token":"token-of-the-plugin"}}'`,
      );
      expect((await cluster.reader.identity()).version).toBe('v1.37.2');
      expect(secrets).toContain('token-of-the-plugin');
      await cluster.close();
    });

    it('fails with what it said', async () => {
      const { cluster } = await connect('echo "Please log in" >&2; exit 1');
      const error = await cluster.reader.identity().catch((thrown: RollbackError) => thrown);
      expect(error).toMatchObject({ code: 'CLUSTER_UNAUTHORIZED', hint: 'install it' });
      expect((error as RollbackError).message).toContain('Please log in');
      await cluster.close();
    });
  });
});

describe('secrets', () => {
  it('are listed in every form in which they may turn up, for every user of the file', async () => {
    const text = stringify({
      apiVersion: 'v1',
      clusters: [{ name: 'c', cluster: { server: 'https://x' } }],
      users: [
        { name: 'a', user: { token: 'token-one' } },
        { name: 'b', user: { username: 'admin-name', password: 'pass-word' } },
        { name: 'c', user: { 'client-key-data': base64(PEM), 'client-certificate-data': base64(PEM) } },
        {
          name: 'd',
          user: { exec: { command: 'aws', env: [{ name: 'AWS_SECRET_ACCESS_KEY', value: 'very/secret+key' }] } },
        },
      ],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'a' } }],
      'current-context': 'x',
    });
    const { secrets } = await read(text);
    for (const secret of [
      'token-one',
      base64('token-one'),
      'pass-word',
      base64(PEM),
      'AwEHBG0wawIBAQQg',
      'very/secret+key',
    ]) {
      expect(secrets).toContain(secret);
    }
    for (const harmless of ['admin-name', 'aws', '-----BEGIN PRIVATE KEY-----'])
      expect(secrets).not.toContain(harmless);
  });

  it('impersonation goes along', async () => {
    const access = await read(
      config({ user: { token: 't', as: 'deployer', 'as-groups': ['a', 'b'], 'as-user-extra': { 'x y': ['1'] } } }),
    );
    expect(access.impersonation).toEqual({
      'impersonate-user': 'deployer',
      'impersonate-group': ['a', 'b'],
      'impersonate-extra-x%20y': ['1'],
    });
  });
});
