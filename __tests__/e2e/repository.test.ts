import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import {
  type AccessRule,
  completeRules,
  degradableRules,
  JOURNAL_NAMES,
  KEPT_NAMES,
  KEPT_OBJECT_NAMES,
  requiredRules,
  ruleKey,
} from '../../src/core/access.ts';
import { ERROR_CODES } from '../../src/core/errors.ts';
import { CAUSES } from '../../src/core/finding.ts';
import { WORKLOAD_KINDS } from '../../src/core/kubernetes.ts';
import { AVAILABLE_TIERS } from '../../src/core/tier.ts';
import { PREFLIGHT_CHECKS } from '../../src/preflight/index.ts';
import { en } from '../../src/report/en.ts';
import { fr } from '../../src/report/fr.ts';
import { STEPS } from '../../src/steps/index.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
/** What is committed or is about to be. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));
const under = (folder: string, end: string) => files.filter((path) => path.startsWith(folder) && path.endsWith(end));

interface Locked {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly inBundle?: boolean;
  readonly optional?: boolean;
  readonly os?: string[];
  readonly cpu?: string[];
  readonly libc?: string[];
  readonly optionalDependencies?: Record<string, string>;
}

describe('package-lock.json', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };

  it('names packages and their hashes, and no address', () => {
    const isOurs = ({ os = ['linux'], cpu = ['x64'], libc = ['glibc'] }: Locked) =>
      os.includes('linux') && (cpu.includes('x64') || cpu.includes('arm64')) && libc.includes('glibc');
    for (const [path, locked] of Object.entries(packages)) {
      expect([path, locked.resolved]).toEqual([path, undefined]);
      if (path === '' || locked.inBundle || !isOurs(locked)) continue;
      expect([path, locked.integrity]).toEqual([path, expect.stringMatching(/^sha512-/)]);
    }
  });

  it('has the packages of every platform: `npm ci` refuses a lockfile without', () => {
    for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
      const missing = Object.keys(optionalDependencies).filter(
        (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      );
      expect([path, missing]).toEqual([path, []]);
    }
  });

  it('has every dependency of package.json in exactly one version', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json'));
    for (const version of Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies }))
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe('tests', () => {
  const tests = under('__tests__/', '.ts').filter((path) => !path.endsWith('repository.test.ts'));

  it('are all run: none is skipped, focused or left to do', () => {
    const found = tests.filter((path) =>
      /\b(describe|it|test)\.(only|skip|todo|failing)\b|^\s*(fit|xit|xtest|fdescribe|xdescribe)\(/m.test(read(path)),
    );
    expect(found).toEqual([]);
  });

  it('mock no modules', () => {
    expect(tests.filter((path) => /jest\.(unstable_)?(mock|doMock|mockModule)\b/.test(read(path)))).toEqual([]);
  });

  it('belong to a project of jest', () => {
    const known = /^__tests__\/(unit|golden|contract|integration|e2e)\//;
    expect(under('__tests__/', '.test.ts').filter((path) => !known.test(path))).toEqual([]);
  });
});

describe('sources', () => {
  it('use neither tests nor testbed', () => {
    expect(
      under('src/', '.ts').filter((path) => /from '[./]+(__tests__|testbed|bench|scripts)\//.test(read(path))),
    ).toEqual([]);
  });

  it('print through the log', () => {
    expect(under('src/', '.ts').filter((path) => /\bconsole\./.test(read(path)))).toEqual([]);
  });
});

/** Files of a folder that hold one entry of its registry each. */
const entries = (folder: string, mark: RegExp) =>
  under(`${folder}/`, '.ts')
    .filter((path) => dirname(path) === folder && mark.test(read(path)))
    .map((path) => path.slice(folder.length + 1, -'.ts'.length));

describe('registries', () => {
  it('have every step, by the name of its file, with its words in both languages', () => {
    const ids = STEPS.map((step) => step.meta.id);
    expect([...ids].sort()).toEqual(entries('src/steps', /= define(Telling)?Step[<(]/).sort());
    for (const id of ids) {
      for (const { steps } of [en, fr]) expect(Object.keys(steps)).toContain(id);
      expect(read('docs/steps.md')).toContain(`\`${id}\``);
    }
  });

  it('have steps whose needs are steps, in an order that can be kept', () => {
    const seen = new Set<string>();
    for (let before = -1; before < seen.size; ) {
      before = seen.size;
      for (const { meta } of STEPS) if (meta.needs.every((need) => seen.has(need))) seen.add(meta.id);
    }
    expect(STEPS.flatMap(({ meta }) => (seen.has(meta.id) ? [] : [meta.id]))).toEqual([]);
    for (const tier of AVAILABLE_TIERS) expect(STEPS.some(({ meta }) => meta.tiers.includes(tier))).toBe(true);
  });

  it('have every preflight check, by the name of its file, with its name in both languages', () => {
    const ids = PREFLIGHT_CHECKS.map((check) => check.id);
    expect([...ids].sort()).toEqual(entries('src/preflight', /: PreflightCheck = \{/).sort());
    for (const id of ids) for (const { checks } of [en, fr]) expect(Object.keys(checks)).toContain(id);
  });

  it('have every cause with its words in both languages', () => {
    for (const cause of CAUSES) for (const { causes } of [en, fr]) expect(Object.keys(causes)).toContain(cause);
  });
});

describe('the linter refuses an import against the arrows', () => {
  const planted: readonly (readonly [file: string, imported: string])[] = [
    ['src/core/planted.ts', '../ports/cluster.ts'],
    ['src/core/planted.ts', '../config.ts'],
    ['src/core/planted.ts', 'node:fs'],
    ['src/ports/planted.ts', '../adapters/http.ts'],
    ['src/ports/planted.ts', '@kubernetes/client-node'],
    ['src/steps/planted.ts', '../adapters/clock.ts'],
    ['src/steps/planted.ts', 'undici'],
    ['src/preflight/planted.ts', '../report/summary.ts'],
    ['src/diagnosis/planted.ts', 'node:fs/promises'],
    ['src/engine/planted.ts', '../adapters/kubernetes/index.ts'],
    ['src/engine/planted.ts', '@actions/core'],
    ['src/report/planted.ts', '../engine/run.ts'],
    ['src/report/planted.ts', 'node:os'],
    ['src/report/planted.ts', 'node:fs/promises'],
    ['src/engine/planted.ts', '@kubernetes/client-node/dist/config.js'],
    ['src/config/planted.ts', '../adapters/clock.ts'],
    ['src/inputs/planted.ts', '../engine/run.ts'],
    ['src/adapters/planted.ts', '../engine/run.ts'],
    ['src/adapters/planted.ts', '../inputs.ts'],
  ];

  let found: string[];
  beforeAll(() => {
    found = refused(planted);
  });

  it.each(planted)('%s from %s', (file, imported) => {
    expect(found).toContain(`${file} ${imported}`);
  });

  it('and takes one along them', () => {
    expect(refused([['src/steps/planted.ts', '../core/planted.ts']])).toEqual([]);
  });
});

/** What the linter's own configuration says of these imports, in a folder apart; it does not look at texts that it is only given. */
function refused(imports: readonly (readonly [file: string, imported: string])[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tiered-rollback-lint-'));
  try {
    for (const name of ['biome.json', '.gitignore']) copyFileSync(join(root, name), join(folder, name));
    const paths = imports.map(([file, imported], index) => {
      const path = file.replace('planted', `planted-${index}`);
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), `import { x } from '${imported}';\n\nexport const y = x;\n`);
      return path;
    });
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const { stdout } = spawnSync(process.execPath, [biome, 'lint', '--reporter=github', '.'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const lines = stdout.split('\n').filter((line) => line.includes('noRestrictedImports'));
    return imports
      .filter((_, index) => lines.some((line) => line.includes(`${paths[index]},`)))
      .map(([file, imported]) => `${file} ${imported}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Workflow {
  readonly permissions?: unknown;
  readonly on: Record<
    string,
    { readonly inputs?: Record<string, unknown>; readonly secrets?: Record<string, unknown> }
  >;
  readonly jobs: Record<
    string,
    {
      readonly needs?: string[];
      readonly permissions?: unknown;
      readonly steps?: { uses?: string; with?: Record<string, unknown> }[];
    }
  >;
}

describe('workflows', () => {
  const workflows = under('.github/workflows/', '.yml');

  it('pin every action to a commit, with its version beside', () => {
    for (const path of [...workflows, ...under('examples/', '.yml')]) {
      for (const [line, used = ''] of read(path).matchAll(/^\s*-?\s*uses: (\S+).*$/gm)) {
        // This action itself, which cannot know its own commit.
        if (/^\.\/|^\$\/|^OWNER\/tiered-rollback[@/]/.test(used)) continue;
        expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      }
    }
  });

  it('begin without any permission, and check out without leaving a token behind', () => {
    for (const path of workflows) {
      const workflow = parse(read(path)) as Workflow;
      // One that is only called has what its caller gives; asking for more would keep it from starting.
      const isCalled = Object.keys(workflow.on).join() === 'workflow_call';
      expect([path, workflow.permissions]).toEqual([path, isCalled ? undefined : {}]);
      if (isCalled) expect(Object.values(workflow.jobs).map((job) => job.permissions)).toEqual([undefined]);
      const checkouts = Object.values(workflow.jobs)
        .flatMap((job) => job.steps ?? [])
        .filter((step) => step.uses?.startsWith('actions/checkout@'));
      for (const step of checkouts) expect([path, step.with?.['persist-credentials']]).toEqual([path, false]);
    }
  });

  it('have one gate that waits for every job', () => {
    const { jobs } = parse(read('.github/workflows/ci.yml')) as Workflow;
    const { 'all-green': gate, ...others } = jobs;
    expect([...(gate?.needs ?? [])].sort()).toEqual(Object.keys(others).sort());
  });
});

const pages = files.filter((path) => path.endsWith('.md') && !/^(__tests__|dist)\//.test(path));

describe('pages', () => {
  it('link to what is there', () => {
    for (const path of pages) {
      for (const [, target = ''] of read(path).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const found = file === '' ? path : join(dirname(path), file);
        expect([path, target, existsSync(join(root, found))]).toEqual([path, target, true]);
        if (anchor) expect([path, target, anchorsOf(read(found)).includes(anchor)]).toEqual([path, target, true]);
      }
    }
  });

  it('have a section of troubleshooting for every error code, and for no other', () => {
    const sections = [...read('docs/troubleshooting.md').matchAll(/^### ([A-Z_]+)$/gm)].map(([, code]) => code);
    expect(sections.sort()).toEqual(Object.keys(ERROR_CODES).sort());
  });

  it('name in the threat model tests that there are', () => {
    const text = read('docs/threat-model.md');
    const invariants = text.split(/^\d+\. \*\*/m).slice(1);
    expect(invariants.length).toBeGreaterThan(10);
    for (const invariant of invariants) {
      const held = [...invariant.matchAll(/`(__tests__\/[^`]+)`(?:: ((?:"[^"]+"(?:, )?)+))?/g)];
      expect([invariant.slice(0, 50), held.length > 0]).toEqual([invariant.slice(0, 50), true]);
      for (const [, path = '', titles = ''] of held)
        for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g))
          expect([path, title, read(path).includes(title)]).toEqual([path, title, true]);
    }
  });
});

/** As GitHub makes them of headings. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The code blocks of a page. */
function blocks(path: string, language: string): string[] {
  return [...read(path).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , text = '']) => text);
}

interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly resourceNames?: string[];
  readonly verbs: AccessRule['verb'][];
}

/** All rules of the Roles in a block, one verb on one object each. */
function grantsOf(block: string): AccessRule[] {
  const roles = parseAllDocuments(block).map((document) => document.toJS() as { kind?: string; rules?: Rule[] });
  return roles
    .filter((role) => role.kind === 'Role')
    .flatMap((role) => role.rules ?? [])
    .flatMap(({ apiGroups, resources, resourceNames, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.flatMap((verb) =>
            resourceNames
              ? resourceNames.map((name): AccessRule => ({ verb, group, resource, name }))
              : [{ verb, group, resource }],
          ),
        ),
      ),
    );
}

const keysOf = (rules: readonly AccessRule[]) => [...new Set(rules.map(ruleKey))].sort();

describe('the Role', () => {
  it('of the README grants what a run asks for, and nothing else', () => {
    const [block = ''] = blocks('README.md', 'yaml').filter((text) => text.includes('kind: Role\n'));
    const journals = JOURNAL_NAMES.flatMap((name) =>
      (['get', 'update'] as const).map((verb): AccessRule => ({ verb, group: '', resource: 'configmaps', name })),
    );
    const optional = degradableRules({ unblocks: true, checksHealth: true, checksMetrics: true }).flatMap(
      (part) => part.rules,
    );
    expect(keysOf(grantsOf(block))).toEqual(keysOf([...requiredRules(WORKLOAD_KINDS), ...optional, ...journals]));
  });

  it('of docs/permissions.md is the least for Deployments', () => {
    const [block = ''] = blocks('docs/permissions.md', 'yaml').filter((text) => text.includes('kind: Role\n'));
    expect(keysOf(grantsOf(block))).toEqual(keysOf(requiredRules(['Deployment'])));
  });

  it('of docs/permissions.md for tier complete grants what such a run asks for, and nothing else', () => {
    const [, block = ''] = blocks('docs/permissions.md', 'yaml').filter((text) => text.includes('kind: Role\n'));
    const together = (names: readonly string[], resource: string) =>
      names.flatMap((name) =>
        (['get', 'update'] as const).map((verb): AccessRule => ({ verb, group: '', resource, name })),
      );
    const asked = completeRules({
      needsLedger: true,
      secrets: [{ name: 'app-secrets', way: 'set' }],
      fences: true,
      forwards: ['postgres'],
      podFiles: ['backup-0'],
    });
    const ring = [...together(JOURNAL_NAMES, 'configmaps'), ...together(KEPT_NAMES, 'secrets')];
    expect(keysOf(grantsOf(block))).toEqual(keysOf([...asked, ...ring]));
  });

  it('of docs/permissions.md for tier secure grants what such a run and its undo ask for, and nothing else', () => {
    const [, , block = ''] = blocks('docs/permissions.md', 'yaml').filter((text) => text.includes('kind: Role\n'));
    const object = (resource: string, name: string) =>
      (['apply', 'put-back'] as const).map((way) => ({ group: '', resource, name, way }));
    const asked = completeRules({
      objects: [...object('configmaps', 'app-config'), ...object('services', 'web')],
      flags: { name: 'feature-flags', way: 'set' },
      leftovers: [{ group: 'batch', resource: 'jobs', name: 'temp-migration-job' }],
    });
    const ring = KEPT_OBJECT_NAMES.flatMap((name) =>
      (['get', 'update'] as const).map((verb): AccessRule => ({ verb, group: '', resource: 'secrets', name })),
    );
    expect(keysOf(grantsOf(block))).toEqual(keysOf([...asked, ...ring]));
  });
});

describe('the README', () => {
  const readme = read('README.md');

  it('has the two commands', () => {
    expect(blocks('README.md', 'sh').map((text) => text.trim())).toEqual(
      expect.arrayContaining(['npm ci && npm run demo', 'npm ci && npm test']),
    );
  });

  it('shows a summary as it is', () => {
    const shown = [...readme.matchAll(/^> (## .+|\*\*.+|\| `.+)$/gm)].map(([, line = '']) => line);
    expect(shown.length).toBeGreaterThan(4);
    const goldens = ['succeeded', 'failed', 'complete-succeeded'].map((name) => read(`__tests__/golden/${name}.md`));
    const plain = goldens
      .join('\n')
      .replaceAll(/<\/?code>/g, '`')
      .replaceAll('&#95;', '_')
      .replaceAll('\u00a0', ' ');
    for (const line of shown) expect(plain).toContain(line);
  });

  it('shows workflows with inputs that there are', () => {
    const inputs = Object.keys((parse(read('action.yml')) as { inputs: object }).inputs);
    const used = blocks('README.md', 'yaml').flatMap((text) => [
      ...text.matchAll(/uses: OWNER\/tiered-rollback@.*\n\s+with:\n((?:\s{10}[\w-]+: .*\n)+)/g),
    ]);
    expect(used.length).toBeGreaterThan(1);
    for (const [, block = ''] of used)
      for (const [, name] of block.matchAll(/^\s+([\w-]+):/gm)) expect(inputs).toContain(name);
  });

  it('calls the reusable workflow as it wants to be called', () => {
    const [call] = blocks('README.md', 'yaml').filter((text) => text.includes('/.github/workflows/rollback.yml@'));
    const { jobs } = parse(call ?? '') as { jobs: { rollback: { with: object; secrets: object } } };
    const { workflow_call } = (parse(read('.github/workflows/rollback.yml')) as Workflow).on;
    expect(Object.keys(workflow_call?.inputs ?? {})).toEqual(expect.arrayContaining(Object.keys(jobs.rollback.with)));
    expect(Object.keys(workflow_call?.secrets ?? {})).toEqual(
      expect.arrayContaining(Object.keys(jobs.rollback.secrets)),
    );
  });
});
