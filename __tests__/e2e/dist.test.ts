import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Authority } from '../../testbed/certificates.ts';
import { startGithub } from '../../testbed/github.ts';
import { Scene } from '../integration/scene.ts';

/** The committed bundle, as a runner has it: the file alone, without sources and without node_modules. */
const root = join(import.meta.dirname, '../..');
let folder: string;
let temp: string;
let workspace: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiered-rollback-dist-'));
  temp = join(folder, 'temp');
  workspace = join(folder, 'workspace');
  await mkdir(temp);
  await mkdir(workspace);
  for (const entry of ['main', 'post']) await cp(join(root, 'dist', entry), join(folder, entry), { recursive: true });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function start(file: string, environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [file], {
      cwd: workspace,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], RUNNER_TEMP: temp, GITHUB_WORKSPACE: workspace, ...environment },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', failed);
    child.once('close', (code) => done({ code, output }));
  });
}

const main = (environment?: Readonly<Record<string, string>>) => start(join(folder, 'main/index.js'), environment);
const source = (environment?: Readonly<Record<string, string>>) => start(join(root, 'src/main.ts'), environment);

/** Lines of a bundle are long and full of this. */
const BUNDLE_SOURCE = /__nccwpck_require__|__webpack|=>\{/;

describe('dist/ alone in an empty folder', () => {
  it('says what is missing, ends red and shows nothing of its source', async () => {
    const { code, output } = await main();
    expect(code).toBe(1);
    expect(output).toContain('namespace');
    expect(output).toContain('workloads');
    expect(output).not.toMatch(BUNDLE_SOURCE);
    expect(output.length).toBeLessThan(10_000);
    expect(await readdir(workspace)).toEqual([]);
  });

  it('says in post that a run without a report was killed, and nothing of one that reported', async () => {
    const post = join(folder, 'post/index.js');
    const killed = await start(post);
    expect(killed.code).toBe(0);
    expect(killed.output).toMatch(/^::error /);
    expect(killed.output).not.toMatch(BUNDLE_SOURCE);
    expect(await start(post, { STATE_concluded: 'succeeded' })).toEqual({ code: 0, output: '' });
  });

  it('says of a bad config file what the sources say: nothing was shaken off that is needed', async () => {
    const file = ['namespace: Shop_1', 'workloads: [deploymnt/web]', 'healt: [ftp://x]', 'timeout: 5 parsecs'];
    await writeFile(join(workspace, 'bad.yml'), `${file.join('\n')}\n`);
    const given = { INPUT_CONFIG: 'bad.yml', 'INPUT_STABLE-FOR': 'soon', 'INPUT_MAX-PARALLEL': '0', INPUT_TO: 'x' };
    const said = async (ended: Promise<Ended>) => (await ended).output.replaceAll(/local-[0-9a-f]+|\d+ ms/g, 'N');
    const [bundle, sources] = await Promise.all([said(main(given)), said(source(given))]);
    await rm(join(workspace, 'bad.yml'));
    expect(bundle).toBe(sources);
    expect(bundle).toContain('bad.yml:1');
  });
});

describe('what dist/ loads only when it is needed', () => {
  it('is another language: faults, hints and how the run ended are said in it', async () => {
    const file = ['language: fr', 'namespace: Shop_1', 'workloads: [deploymnt/web]', 'healt: [ftp://x]'];
    await writeFile(join(workspace, 'fr.yml'), `${file.join('\n')}\n`);
    const { code, output } = await main({ INPUT_CONFIG: 'fr.yml', 'INPUT_STABLE-FOR': 'soon' });
    await rm(join(workspace, 'fr.yml'));
    expect(code).toBe(1);
    for (const said of ['valeurs possibles :', 'clé inconnue "healt"', 'entrée stable-for'])
      expect(output).toContain(said);
    expect(output).not.toMatch(/\b(?:allowed|expected|unknown|saw|did you mean|Correct it)\b/);
  });

  it('is the login by a program of the kubeconfig', async () => {
    const tokens: (string | undefined)[] = [];
    const authority = await Authority.create('test');
    const pair = await authority.issue({ commonName: 'api', hosts: ['127.0.0.1'] });
    const server = createServer({ cert: pair.cert, key: pair.key }, (request, response) => {
      tokens.push(request.headers.authorization);
      response.writeHead(403, { 'content-type': 'application/json' }).end('{"kind":"Status","code":403}');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const plugins = join(folder, 'plugins');
    await mkdir(plugins);
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'token-of-the-plugin' },
    };
    await writeFile(join(plugins, 'kubelogin'), `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`, { mode: 0o755 });
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'it',
      contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
      clusters: [
        {
          name: 'it',
          cluster: {
            server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
            'certificate-authority-data': Buffer.from(authority.certificate).toString('base64'),
          },
        },
      ],
      users: [
        {
          name: 'it',
          user: { exec: { apiVersion: credential.apiVersion, command: 'kubelogin', interactiveMode: 'Never' } },
        },
      ],
    };
    try {
      const { code, output } = await main({
        PATH: `${plugins}${delimiter}${process.env['PATH']}`,
        INPUT_KUBECONFIG: JSON.stringify(kubeconfig),
        INPUT_NAMESPACE: 'shop',
        INPUT_WORKLOADS: 'deployment/web',
      });
      expect(output).not.toMatch(BUNDLE_SOURCE);
      expect(new Set(tokens)).toEqual(new Set(['Bearer token-of-the-plugin']));
      expect(code).toBe(1);
    } finally {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    }
  });

  it('is the GitHub client, which names deployments under way and writes the post-mortem', async () => {
    const scene = await Scene.create('dist-github');
    await scene.deploy(scene.deployment('web', 'registry.example/web:1'));
    await scene.deploy(scene.deployment('web', 'registry.example/web:2'));
    await using github = await startGithub();
    github.state.workflowRuns.push({
      id: 7,
      name: 'Deploy shop',
      path: '.github/workflows/deploy.yml',
      status: 'queued',
      html_url: 'https://github.example/7',
    });
    const { code, output } = await main({
      INPUT_KUBECONFIG: scene.cluster.kubeconfig,
      INPUT_NAMESPACE: scene.namespace,
      INPUT_WORKLOADS: 'deployment/web',
      'INPUT_STABLE-FOR': '0s',
      'INPUT_GITHUB-TOKEN': github.token({
        login: 'github-actions[bot]',
        type: 'Bot',
        actions: 'read',
        contents: 'read',
        issues: 'write',
      }),
      GITHUB_REPOSITORY: github.repository,
      GITHUB_API_URL: github.url,
    });
    expect(output).toContain('Deploy shop');
    expect(output).toContain('https://github.com/shop/app/issues/1');
    expect(output).not.toMatch(BUNDLE_SOURCE);
    expect(github.state.issues).toHaveLength(1);
    expect(github.violations).toEqual([]);
    expect(code).toBe(0);
  });

  it('stands in files of its own: the Kubernetes client and the GitHub client', async () => {
    const index = await readFile(join(root, 'dist/main/index.js'), 'utf8');
    const post = await readFile(join(root, 'dist/post/index.js'), 'utf8');
    // A text of each that a minifier keeps.
    for (const word of ['KUBERNETES_EXEC_INFO', '/repos/{owner}/{repo}/actions/runs']) {
      expect([index.includes(word), post.includes(word)]).toEqual([false, false]);
    }
  });
});

/** The sources that the entries reach: what nothing imports yet is in no bundle. */
async function bundledSources(): Promise<string[]> {
  const texts = new Map<string, string>();
  const follow = async (path: string): Promise<void> => {
    if (texts.has(path)) return;
    texts.set(path, '');
    const text = await readFile(path, 'utf8');
    texts.set(path, text);
    const imported = [...text.matchAll(/(?:from|import\() ?'(\.[^']+\.ts)'/g)].map(([, name = '']) => name);
    for (const name of imported) await follow(join(path, '..', name));
  };
  for (const entry of ['main', 'post']) await follow(join(root, 'src', `${entry}.ts`));
  return [...texts.values()];
}

describe('the files of dist/', () => {
  it('are code, licences and the mark of an ES module, and stay small', async () => {
    for (const [entry, limit] of [
      ['main', 1_800_000],
      ['post', 400_000],
    ] as const) {
      const files = await readdir(join(root, 'dist', entry));
      const chunks = files.filter((name) => /^\d+\.index\.js$/.test(name));
      expect(files.filter((name) => !chunks.includes(name)).sort()).toEqual([
        'index.js',
        'licenses.txt',
        'package.json',
      ]);
      expect(JSON.parse(await readFile(join(root, 'dist', entry, 'package.json'), 'utf8'))).toEqual({ type: 'module' });
      expect((await stat(join(root, 'dist', entry, 'index.js'))).size).toBeLessThan(limit);
      // What a killed run left behind (writers, silences) is brought back by code of its own and what both share, loaded then only; and a language.
      if (entry === 'post') expect(chunks.length).toBeLessThanOrEqual(5);
    }
  });

  it('name the licence of every package that is in them', async () => {
    const licences = await readFile(join(root, 'dist/main/licenses.txt'), 'utf8');
    const texts = await bundledSources();
    const imports = texts.flatMap((text) => [
      ...text.matchAll(/^(?:import|export) (?!type)[^;]*? from '((?:@[\w-]+\/)?[a-z][\w-]*)'/gm),
      ...text.matchAll(/await import\('((?:@[\w-]+\/)?[a-z][\w-]*)'\)/g),
    ]);
    const packages = new Set(imports.map(([, name = '']) => name));
    expect(packages.size).toBeGreaterThan(5);
    for (const name of packages) expect(licences).toMatch(new RegExp(`^${name} \\d+\\.`, 'm'));
  });

  it('know nothing of the machine that built them', async () => {
    for (const entry of ['main', 'post']) {
      for (const file of await readdir(join(root, 'dist', entry))) {
        const text = await readFile(join(root, 'dist', entry, file), 'utf8');
        expect(/build\/package-|\/(home|Users)\/[a-z]+\/|sourceMappingURL/.exec(text)?.[0]).toBeUndefined();
        for (const place of [root, homedir()]) expect(place.length > 5 && text.includes(place)).toBe(false);
      }
    }
  });
});
