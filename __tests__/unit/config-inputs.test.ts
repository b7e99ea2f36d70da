import { describe, expect, it } from '@jest/globals';
import { LATER_MODES } from '../../src/config/available.ts';
import { isImage, isSelector, parseKind } from '../../src/config/names.ts';
import { type RawOptions, resolveConfig, sketchConfig } from '../../src/config.ts';
import { RollbackErrors } from '../../src/core/errors.ts';
import { AVAILABLE_TIERS, TIER_NAMES } from '../../src/core/tier.ts';
import { STEPS } from '../../src/steps/index.ts';
import { QUIET_CONFIG } from '../fakes/quiet.ts';

const steps = STEPS.map((step) => step.meta);
const place: RawOptions = { namespace: 'production', workloads: 'deployment/web' };

function resolve(raw: RawOptions, file = '') {
  return resolveConfig(raw, file, '.github/rollback.yml', steps);
}

function faults(raw: RawOptions, file = ''): string[] {
  try {
    resolve(raw, file);
  } catch (error) {
    if (error instanceof RollbackErrors) return error.errors.map(({ code, message }) => `${code} ${message}`);
    throw error;
  }
  return [];
}

describe('inputs', () => {
  it('need no more than a place; everything else has a default', () => {
    expect(resolve(place).config).toEqual({
      mode: 'rollback',
      tier: 'rapid',
      namespace: 'production',
      workloads: [{ kind: 'Deployment', name: 'web' }],
      to: { kind: 'auto' },
      deployWindowMs: 1_800_000,
      stableForMs: 10_000,
      timeoutMs: 300_000,
      maxParallel: 50,
      onFailure: 'keep',
      skipSteps: [],
      requiredChecks: [],
      allowGitops: false,
      deployWorkflows: [],
      health: [],
      contacts: {},
      reason: '',
      language: 'en',
      secrets: [],
      ...QUIET_CONFIG,
      alerts: { matchers: [{ name: 'namespace', value: 'production', isRegex: false, isEqual: true }], silence: true },
    });
  });

  it('win over the file, one by one', () => {
    const file =
      'namespace: staging\nworkloads: [deployment/old]\ntier: emergency\nstable-for: 1s\nmax-parallel: 2\nallow-gitops: true\nreason: from the file\n';
    const { config } = resolve({ ...place, tier: 'Rapide', 'max-parallel': '7', 'allow-gitops': 'False' }, file);
    expect(config).toMatchObject({
      namespace: 'production',
      workloads: [{ name: 'web' }],
      tier: 'rapid',
      maxParallel: 7,
      allowGitops: false,
      stableForMs: 1000,
      reason: 'from the file',
    });
  });

  it('replace the other name of the same question, too', () => {
    const bySelector = resolve({ selector: 'app=shop' }, 'namespace: production\nworkloads: [deployment/web]\n');
    expect(bySelector.config).toMatchObject({ workloads: [], selector: 'app=shop' });
    const byWorkloads = resolve({ workloads: 'deploy/web' }, 'namespace: production\nselector: app=shop\n');
    expect(byWorkloads.config.selector).toBeUndefined();
    const file = 'health: [https://a.example/, https://b.example/]\n';
    const { config } = resolve({ ...place, 'health-urls': 'service/web:80/ok\nhttps://c.example/' }, file);
    expect(config.health.map((check) => check.name)).toEqual(['service/web:80/ok', 'https://c.example/']);
  });

  it('are reported together with the faults of the file', () => {
    expect(
      faults(
        { tier: 'fast', 'max-parallel': 'many', 'allow-gitops': 'yes', workloads: 'deploy/web web' },
        'language: de\n',
      ),
    ).toEqual([
      'INPUT_INVALID input tier: saw "fast"; allowed: rapid (rapide), complete (complet), secure (sécurisé, securise), emergency (urgence)',
      'INPUT_INVALID input workloads: saw "web"; allowed: kind/name, for example deployment/web',
      'INPUT_INVALID input max-parallel: saw "many"; allowed: a whole number from 1 to 500',
      'INPUT_INVALID input allow-gitops: saw "yes"; allowed: true or false',
      'INPUT_INVALID .github/rollback.yml:1:11: language: saw "de"; allowed: en, fr',
      'INPUT_INVALID input namespace (or .github/rollback.yml): is missing; allowed: the namespace of the application',
    ]);
  });

  it.each(LATER_MODES)('refuse mode %s with the modes that work', (mode) => {
    expect(faults({ ...place, mode })).toEqual([
      `INPUT_INVALID input mode: saw "${mode}"; not available yet; available: rollback, plan, undo`,
    ]);
  });

  it.each([
    ...Object.entries(TIER_NAMES),
    ['SÉCURISÉ', 'secure'],
    ['se\u0301curise\u0301', 'secure'],
    ['auto', 'auto'],
  ])('know tier %s', (typed, meant) => {
    const found = faults({ ...place, tier: typed });
    const available = (AVAILABLE_TIERS as readonly string[]).includes(meant);
    expect(found).toEqual(
      available ? [] : [expect.stringContaining('not available yet; available: rapid (rapide), complete (complet), ')],
    );
  });

  it('give each tier its own budget, unless a timeout is given', () => {
    expect(resolve({ ...place, tier: 'urgence' }).config.timeoutMs).toBe(120_000);
    expect(resolve({ ...place, tier: 'urgence', timeout: '10m' }).config.timeoutMs).toBe(600_000);
  });

  it('may leave the workloads open for a plan, and for nothing else', () => {
    expect(resolve({ namespace: 'production', mode: 'plan' }).config.workloads).toEqual([]);
    expect(() => resolve({ namespace: 'production' })).toThrow(
      expect.objectContaining({
        errors: [
          expect.objectContaining({
            code: 'WORKLOADS_UNSPECIFIED',
            hint: expect.stringContaining('kubectl get deployments,statefulsets,daemonsets -n production'),
          }),
        ],
      }),
    );
  });

  it('show no credentials in a fault', () => {
    const found = faults({
      ...place,
      'health-urls': 'https://user:hunter2@ ftp://a:hunter2@b https://h.example/?token=hunter2#\\@x',
    });
    expect(found.length).toBeGreaterThan(0);
    expect(found.join()).not.toContain('hunter2');
  });

  it('show hostile text on one line, shortened', () => {
    const [fault] = faults({ ...place, tier: `x\u001b[31m\n::error::\u202e${'y'.repeat(500)}` });
    expect(fault).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(fault?.length).toBeLessThan(250);
  });

  it('take none as the empty list', () => {
    expect(resolve({ ...place, 'allow-exec-plugins': 'none', 'allow-insecure': 'none' }).access).toEqual({
      allowInsecure: [],
      allowExecPlugins: [],
    });
    expect(faults({ ...place, 'allow-insecure': 'none, http' })).toHaveLength(1);
  });
});

describe('the sketch of a refused request', () => {
  it('keeps what could be understood', () => {
    expect(
      sketchConfig(
        { tier: 'urgence', namespace: 'NOT VALID' },
        'language: fr\nmode: guard\ncontacts: { devops: "+224" }\n',
      ),
    ).toEqual({
      mode: 'rollback',
      tier: 'emergency',
      language: 'fr',
      namespace: '',
      contacts: { devops: '+224' },
      reason: '',
    });
  });
});

describe('names', () => {
  it.each([
    'app=shop',
    'app==shop,tier!=web',
    'tier in (web, api)',
    'tier notin (web)',
    '!canary',
    'app.example.com/name=a',
    'app=',
    'app',
  ])('takes the selector %s', (selector) => expect(isSelector(selector)).toBe(true));
  it.each(['', 'a b', 'app=a b', 'tier in web', 'app=shop,', '=x', 'app=(a)', 'app>1;', '-a=b'])(
    'refuses the selector "%s"',
    (selector) => expect(isSelector(selector)).toBe(false),
  );
  it.each([
    'web',
    'web:1.4',
    'team/web:1.4',
    'localhost/web',
    'localhost:5000/web:v1',
    '10.0.0.1:5000/team/web',
    '[::1]:5000/web',
    'REGISTRY.example/web:1',
    `web@sha256:${'a'.repeat(64)}`,
    `registry.example/a__b/c-d.e:1@sha256:${'0'.repeat(64)}`,
  ])('takes the image %s', (image) => expect(isImage(image)).toBe(true));
  it.each([
    '',
    'Web',
    'web:',
    'web:1 4',
    '/web',
    'web/',
    'team//web',
    'web@sha256:abc',
    'registry.example/Web',
    `web:${'x'.repeat(129)}`,
  ])('refuses the image "%s"', (image) => expect(isImage(image)).toBe(false));
  it.each([
    ['Deploy', 'Deployment'],
    ['DEPLOYMENTS', 'Deployment'],
    ['statefulset.apps', 'StatefulSet'],
    ['ds', 'DaemonSet'],
    ['pod', undefined],
    ['constructor', undefined],
  ])('reads the kind %s', (typed, kind) => expect(parseKind(typed)).toBe(kind));
});
