import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { FILE_KEYS } from '../../src/config/schema.ts';
import { resolveConfig } from '../../src/config.ts';
import { RollbackErrors } from '../../src/core/errors.ts';
import { STEPS } from '../../src/steps/index.ts';

const fixtures = join(import.meta.dirname, '../fixtures/config');
const example = join(import.meta.dirname, '../../examples/224solutions/rollback.yml');
const steps = STEPS.map((step) => step.meta);
const namesIn = (folder: string) => readdirSync(join(fixtures, folder)).filter((name) => name.endsWith('.yml'));
const read = (...path: string[]) => readFileSync(join(fixtures, ...path), 'utf8');

function faultsOf(text: string, name = 'rollback.yml'): string {
  try {
    resolveConfig({}, text, name, steps);
  } catch (error) {
    if (!(error instanceof RollbackErrors)) throw error;
    return error.errors.map(({ code, message, hint }) => `${code} ${message}\n  ${hint}\n`).join('');
  }
  return '';
}

describe('config file', () => {
  it.each(namesIn('bad'))('refuses bad/%s with every fault, its place and what is allowed', (name) => {
    expect(faultsOf(read('bad', name), name)).toBe(read('bad', name.replace('.yml', '.txt')));
  });

  it.each(namesIn('bad'))('says in our words what is wrong with bad/%s, and shows no secret', (name) => {
    expect(read('bad', name.replace('.yml', '.txt'))).not.toMatch(/Invalid|expected .*, received|hunter2/);
  });

  it.each(namesIn('good'))('takes good/%s', (name) => {
    expect(faultsOf(read('good', name), name)).toBe('');
  });

  it("takes the checklist's own application whole, and leaves nothing of it unserved", () => {
    const { config } = resolveConfig({}, readFileSync(example, 'utf8'), example, steps);
    expect(config).toMatchObject({
      namespace: 'production',
      workloads: [
        { kind: 'Deployment', name: '224solutions-frontend' },
        { kind: 'Deployment', name: '224solutions-backend' },
      ],
      language: 'fr',
      tier: 'rapid',
      timeoutMs: 300_000,
      contacts: { security: 'security@224solutions.com' },
    });
    expect(config.health.map((check) => check.name)).toEqual([
      'https://224solutions.com/health',
      'https://224solutions.com/api/health',
      'https://224solutions.com/api/auth/status',
    ]);
    expect(config).not.toHaveProperty('database');
  });

  it('reads every option as the program needs it', () => {
    expect(resolveConfig({}, read('good', 'options.yml'), 'options.yml', steps)).toMatchObject({
      config: {
        mode: 'plan',
        tier: 'emergency',
        expectedCluster: '0c9a2f6e-4b1d-4c55-9a51-0d9f3c1f7a10',
        to: {
          kind: 'explicit',
          lines: [
            { ref: { kind: 'Deployment', name: 'web' }, to: { revision: 12 } },
            { ref: { kind: 'Deployment', name: 'api' }, to: { image: expect.stringContaining(':1.4@sha256:') } },
          ],
        },
        deployWindowMs: 5_400_000,
        stableForMs: 0,
        timeoutMs: 90_000,
        maxParallel: 3,
        onFailure: 'revert',
        steps: ['undo-workloads', 'check-pods'],
        skipSteps: ['check-health', 'freeze-rollouts'],
        requiredChecks: ['health-checks-pass', 'check-health'],
        allowGitops: true,
        deployWorkflows: ['deploy.yml'],
        reason: 'checkout is broken',
        language: 'fr',
      },
      access: {
        context: 'prod',
        allowInsecure: ['tokenFile', 'http'],
        allowExecPlugins: ['/usr/local/bin/aws', 'kubelogin'],
      },
    });
  });

  it('reads block texts, short kinds, plural kinds, comments and dashes as people paste them', () => {
    const { config } = resolveConfig({}, read('good', 'prepared.yml'), 'prepared.yml', steps);
    expect(config.workloads).toEqual([
      { kind: 'Deployment', name: 'web' },
      { kind: 'StatefulSet', name: 'queue' },
      { kind: 'DaemonSet', name: 'agent' },
      { kind: 'Deployment', name: '0api' },
    ]);
  });

  it('keeps credentials of health URLs out of the config', () => {
    const { config, healthAuthorization, sensitive } = resolveConfig({}, read('good', 'health.yml'), 'h.yml', steps);
    expect(JSON.stringify(config)).not.toMatch(/p%40ss|p@ss|user:/);
    expect(config.health[0]?.name).toBe('https://shop.example/health?token=***&page=2#top');
    expect(healthAuthorization).toEqual({
      'https://shop.example/health?token=abcdef&page=2': `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    });
    expect(sensitive).toEqual(['p%40ss', 'p@ss', 'abcdef']);
    expect(config.health.slice(1)).toEqual([
      {
        name: 'service/web:8080',
        at: { kind: 'service', service: 'web', port: '8080', path: '/' },
        status: { from: 200, to: 299 },
        timeoutMs: 5000,
        successes: 3,
      },
      {
        name: 'https://shop.example/api',
        at: { kind: 'url', url: 'https://shop.example/api' },
        status: { from: 200, to: 204 },
        contains: '"ok"',
        json: { 'status.database': 'up', ready: true, errors: 0, note: null },
        timeoutMs: 500,
        successes: 1,
      },
      expect.objectContaining({ status: { from: 418, to: 418 } }),
    ]);
  });

  it.each([
    ['nested brackets', '['.repeat(20_000)],
    [
      'nested maps',
      Array.from({ length: 3000 }, (_, depth) => `${' '.repeat(depth)}a:`)
        .join('\n')
        .slice(0, 200_000),
    ],
    ['a megabyte', `reason: ${'x'.repeat(1024 * 1024)}`],
    ['a NUL byte', 'namespace: "a\\0b"'],
    ['a prototype', '__proto__: { polluted: true }\nconstructor: 1\n'],
    ['YAML 1.1', '%YAML 1.1\n---\nnamespace: production\nworkloads: [deployment/web]\nallow-gitops: yes\n'],
    ['merge keys', 'namespace: production\nworkloads: [deployment/web]\n<<: { language: fr }\n'],
    ['binary', 'namespace: !!binary cHJvZA==\nworkloads: [deployment/web]\n'],
    ['a complex key', '? [a, b]\n: 1\nnamespace: production\nworkloads: [deployment/web]\n'],
  ])('refuses %s without falling over', (_what, text) => {
    expect(faultsOf(text)).toMatch(/^INPUT_INVALID rollback\.yml:/);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('says nothing about what is missing when the file could not be read', () => {
    expect(faultsOf('namespace: [', 'broken.yml')).not.toMatch(/is missing|WORKLOADS_UNSPECIFIED/);
    expect(() => resolveConfig({}, null, 'unreadable.yml', steps)).not.toThrow();
  });
});

describe('schemas/config.schema.json', () => {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/config.schema.json'), 'utf8'));
  // `null` and blocks of text are taken by the program for convenience; the schema that editors use is a little stricter.
  const validate = new Ajv2020({ strict: false }).compile(schema);
  const isValid = (text: string) => validate(parse(text));

  it.each(['minimal.yml', 'options.yml', 'health.yml', 'database.yml'])('takes good/%s', (name) => {
    expect(isValid(read('good', name)) || validate.errors).toBe(true);
  });

  it("takes the checklist's own application", () => {
    expect(isValid(readFileSync(example, 'utf8')) || validate.errors).toBe(true);
  });

  it.each([
    'unknown-keys.yml',
    'values.yml',
    'sections.yml',
    'not-yet.yml',
    'secrets.yml',
    'list.yml',
    'database-values.yml',
  ])('refuses bad/%s', (name) => {
    expect(isValid(read('bad', name))).toBe(false);
  });

  it('describes every key, and every key of a section', () => {
    const undescribed = Object.entries(schema.properties as Record<string, { description?: string }>).filter(
      ([, property]) => !property.description,
    );
    expect(undescribed).toEqual([]);
    expect(Object.keys(schema.properties)).toEqual(['$schema', ...Object.keys(FILE_KEYS)]);
  });
});
