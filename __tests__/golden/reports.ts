import type { Failure } from '../../src/core/errors.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Evidence, Outcome } from '../../src/core/outcome.ts';
import type { ReleaseReport, Report, WorkloadReport } from '../../src/core/report.ts';
import { said } from '../../src/core/said.ts';
import type { StepReport } from '../../src/core/step.ts';
import { validationOf } from '../../src/core/validation.ts';

const DIGEST = 'sha256:3f5a9c1d7be24680ace13579bdf02468ace13579bdf02468ace13579bdf02468';

export function release(image: string, revision: number, more: Partial<ReleaseReport> = {}): ReleaseReport {
  return { hash: `hash-of-${image}`, images: [`registry.shop.example/shop/${image}`], revision, ...more };
}

/** One workload that went from its second-last image to its last good one. */
export function workload(name: string, more: Partial<WorkloadReport> = {}): WorkloadReport {
  const before = release(`${name}:1.5.0`, 12, { since: '2026-03-01T13:41:00.000Z' });
  const target = release(`${name}:1.4.2@${DIGEST}`, 11, { since: '2026-02-20T09:00:00.000Z' });
  return {
    ref: { kind: 'Deployment', name },
    before,
    target,
    now: { ...target, revision: 13, ready: 3, desired: 3 },
    ...more,
  };
}

export const passed = (subject: string, observed: string, expected: string, ...more: Evidence[]): Outcome => ({
  status: 'passed',
  evidence: [{ subject, observed, expected }, ...more],
});

export function failure(code: Failure['code'], message: string, hint: string, causes: string[] = []): Failure {
  return { code, message, hint, causes };
}

export function step(id: string, outcome: Outcome, more: Partial<StepReport> = {}): StepReport {
  return {
    step: id,
    required: true,
    outcome,
    changed: false,
    ...(outcome.status === 'skipped' ? {} : { startedAt: '2026-03-01T14:02:00.000Z' }),
    durationMs: outcome.status === 'skipped' ? 0 : 4200,
    ...more,
  };
}

const goodSteps: StepReport[] = [
  step('freeze-rollouts', passed('lease/tiered-rollback', 'held by 4711-1', 'held by this run'), {
    changed: true,
    durationMs: 41,
  }),
  step(
    'undo-workloads',
    passed('deployment/web', 'runs web:1.4.2', 'runs web:1.4.2', {
      subject: 'deployment/api',
      observed: 'runs api:1.4.2',
      expected: 'runs api:1.4.2',
    }),
    { changed: true, durationMs: 8340 },
  ),
  step('unblock-pods', { status: 'skipped', reason: said('skipped.not-in-tier', { tier: 'emergency' }) }),
  step(
    'check-pods',
    passed('pods of 2 workloads', '6 of 6 ready, 0 restarts in all', '6 of 6 ready, no restart, for 10.0 s'),
    {
      startedAt: '2026-03-01T14:02:09.000Z',
      durationMs: 10_400,
    },
  ),
  step(
    'check-health',
    passed('GET https://shop.example/health', '200 in 12 ms, 3 times in a row', '200 to 299, 3 times in a row'),
    { startedAt: '2026-03-01T14:02:09.000Z', durationMs: 6100 },
  ),
];

const probe: Report['probes'][number] = {
  name: 'https://shop.example/health',
  samples: 84,
  failures: 22,
  downtimeMs: 11_800,
  firstHealthyAt: '2026-03-01T14:02:08.500Z',
  last: { ok: true, observed: '200 in 12 ms', expected: '200 to 299' },
  spans: [
    { ok: false, from: '2026-03-01T14:01:56.700Z', to: '2026-03-01T14:02:08.500Z' },
    { ok: true, from: '2026-03-01T14:02:08.500Z', to: '2026-03-01T14:02:49.000Z' },
  ],
};

export const crash: Finding = {
  cause: 'crash-loop',
  workload: { kind: 'Deployment', name: 'web' },
  pod: 'web-7c9f8d6b5-x2x7k',
  container: 'web',
  values: { exitCode: 1, restarts: 3 },
  evidence: ['terminated: Error, exit code 1', 'Error: connect ECONNREFUSED 10.0.0.12:5432'],
  command: 'kubectl -n production logs web-7c9f8d6b5-x2x7k -c web --previous',
  fatal: true,
  contact: 'devops',
};

/** A rollback of two workloads that went well. Everything else is an override of it. */
export function report(more: Partial<Report> = {}): Report {
  const steps = more.steps ?? goodSteps;
  const tier = more.tier ?? 'rapid';
  return {
    apiVersion: 'tiered-rollback/v1',
    run: {
      id: '4711-1',
      url: 'https://github.com/shop/app/actions/runs/4711',
      actor: 'amara',
      repository: 'shop/app',
      commit: '0123456789abcdef0123456789abcdef01234567',
      workflow: 'rollback.yml',
      reason: 'checkout fails since 13:41',
    },
    mode: 'rollback',
    tier,
    language: 'en',
    cluster: { server: 'https://k8s.shop.example:6443', context: 'production', uid: '1b2c', version: 'v1.37.2' },
    namespace: 'production',
    outcome: 'succeeded',
    startedAt: '2026-03-01T14:01:56.700Z',
    finishedAt: '2026-03-01T14:02:49.000Z',
    durationMs: 52_300,
    budgetMs: 300_000,
    healthy: true,
    rolledBack: true,
    workloads: [workload('web'), workload('api')],
    candidates: [
      {
        ref: { kind: 'Deployment', name: 'web' },
        release: release('web:1.5.0', 12, { since: '2026-03-01T13:41:00.000Z' }),
        quarantined: true,
        current: false,
        line: 'deployment/web=revision:12',
      },
      {
        ref: { kind: 'Deployment', name: 'web' },
        release: release('web:1.4.2', 13, { since: '2026-02-20T09:00:00.000Z' }),
        verified: '2026-02-20T09:10:00.000Z',
        quarantined: false,
        current: true,
        line: 'deployment/web=revision:13',
      },
      {
        ref: { kind: 'Deployment', name: 'web' },
        release: release('web:1.4.1', 9, { since: '2026-02-11T16:20:00.000Z' }),
        quarantined: false,
        current: false,
        line: 'deployment/web=revision:9',
      },
    ],
    plan: plan(),
    preflight: [
      { check: 'identity', subject: 'cluster', severity: 'info' },
      { check: 'access', subject: 'namespace/production', severity: 'info' },
      {
        check: 'target',
        subject: 'deployment/web',
        severity: 'info',
        note: said('note.hpa', { workload: 'deployment/web', name: 'web', min: 2, max: 10 }),
      },
    ],
    steps,
    validation: validationOf(steps, tier),
    findings: { before: [crash], after: [] },
    kept: [
      {
        pod: 'web-7c9f8d6b5-x2x7k',
        container: 'web',
        log: ['starting web 1.5.0', 'Error: connect ECONNREFUSED 10.0.0.12:5432', 'exit 1'],
      },
    ],
    probes: [probe],
    downtimeSeconds: 11.8,
    notes: [said('note.quarantined', { workload: 'deployment/web', image: 'registry.shop.example/shop/web:1.5.0' })],
    failures: [],
    next: [],
    contacts: { devops: '+224 620 00 00 00', security: 'security@shop.example' },
    ...more,
  };
}

function plan(): NonNullable<Report['plan']> {
  return {
    tier: 'rapid',
    steps: [
      { step: 'freeze-rollouts', planned: { kind: 'change', change: { summary: ['take the lock of production'] } } },
      {
        step: 'undo-workloads',
        planned: {
          kind: 'change',
          change: {
            summary: ['deployment/web: web:1.5.0 to web:1.4.2', 'deployment/api: api:1.5.0 to api:1.4.2'],
            diffs: [
              {
                object: 'deployment/web',
                diff: '@@ -4,7 +4,7 @@\n   containers:\n     - name: web\n-      image: registry.shop.example/shop/web:1.5.0\n+      image: registry.shop.example/shop/web:1.4.2\n       ports:',
              },
            ],
          },
        },
      },
      {
        step: 'unblock-pods',
        planned: { kind: 'skipped', reason: said('skipped.not-in-tier', { tier: 'emergency' }) },
      },
      { step: 'check-pods', planned: { kind: 'check' } },
      { step: 'check-health', planned: { kind: 'check' } },
    ],
    digest: 'b7c1f0aa93d2e481',
  };
}

const notReady = failure(
  'PODS_UNSTABLE',
  '1 not ready: pod/web-5d4c-abcde (crash-loop)',
  'kubectl -n production logs web-5d4c-abcde -c web --previous',
  crash.evidence as string[],
);

const failedSteps: StepReport[] = [
  goodSteps[0] as StepReport,
  step(
    'undo-workloads',
    {
      status: 'failed',
      failure: failure(
        'ROLLOUT_FAILED',
        'deployment/web does not start at its target: 0 of 3 pods ready',
        'Fix the cause below, then run again (safe): kubectl -n production describe deployment/web',
      ),
      evidence: [{ subject: 'deployment/web', observed: '0 of 3 ready', expected: '3 of 3 ready' }],
    },
    { changed: true, durationMs: 14_000 },
  ),
  goodSteps[2] as StepReport,
  step('check-pods', {
    status: 'failed',
    failure: notReady,
    evidence: [{ subject: 'pods of 2 workloads', observed: '3 of 6 ready', expected: '6 of 6 ready' }],
  }),
  step('check-health', { status: 'skipped', reason: said('skipped.blocked', { step: 'undo-workloads' }) }),
];

const afterCrash: Finding = {
  ...crash,
  pod: 'web-5d4c-abcde',
  command: 'kubectl -n production logs web-5d4c-abcde -c web --previous',
};

const hostile = [
  '::error::injected ::set-output name=x::y',
  '\u001b[31mred\u001b[0m <script>alert(1)</script> <img src=x onerror=alert(1)>',
  '![x](https://evil.example/x.png) [click](javascript:alert(1)) @shop/everyone #1',
  '| a | b |\n```\n</details>\n# heading\n````',
  '\u202egnp.exe\u2066 zero\u200bwidth',
];

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const name = `svc-${String(index).padStart(3, '0')}`;
    if (index === 7) return workload(name, { now: { ...release(`${name}:1.5.0`, 12), ready: 3, desired: 3 } });
    if (index === 42) {
      const one = workload(name);
      return { ...one, now: { ...(one.now ?? one.before), ready: 1, desired: 3 } };
    }
    if (index === 99) {
      const { now: _now, ...unread } = workload(name);
      return unread;
    }
    if (index % 5 === 0) {
      const stays = release(`${name}:2.0.0`, 4);
      return workload(name, { before: stays, target: stays, now: { ...stays, ready: 2, desired: 2 } });
    }
    return workload(name);
  });

const atTarget = (name: string): WorkloadReport => {
  const stays = release(`${name}:1.4.2`, 13);
  return { ref: { kind: 'Deployment', name }, before: stays, target: stays, now: { ...stays, ready: 3, desired: 3 } };
};

const { plan: _plan, ...withoutPlan } = report();
const untouched = (name: string): WorkloadReport => {
  const { before, target } = workload(name);
  return {
    ref: { kind: 'Deployment', name },
    before,
    ...(target ? { target } : {}),
    now: { ...before, ready: 0, desired: 3 },
  };
};

const missingSecret = failure(
  'REFERENCE_MISSING',
  'deployment/web reads secret/web-db, which does not exist in namespace production',
  'Put it back, then run again: kubectl -n production create secret generic web-db --from-env-file=FILE',
);
const missingRule = failure(
  'CLUSTER_FORBIDDEN',
  'the credentials lack in namespace production: patch deployments.apps',
  'Add these rules to their Role in namespace production, then run again (check: kubectl auth can-i patch deployments.apps -n production):\n- apiGroups: [apps]\n  resources: [deployments]\n  verbs: [patch]',
);

/** The sample reports, by file name. */
export const REPORTS: Readonly<Record<string, Report>> = {
  succeeded: report(),
  'succeeded-fr': report({ language: 'fr', run: { ...report().run, reason: 'le paiement échoue depuis 13 h 41' } }),
  'single-health-unproven': report({
    workloads: [workload('web')],
    healthy: 'unknown',
    probes: [],
    steps: [
      ...goodSteps.slice(0, 4),
      step(
        'check-health',
        {
          status: 'unknown',
          failure: failure(
            'CLUSTER_FORBIDDEN',
            'service/web:http/health may not be read through the API server',
            'Ask for it: kubectl auth can-i get services/proxy -n production',
          ),
          evidence: [],
        },
        { required: false },
      ),
    ],
  }),
  'no-op': report({
    outcome: 'no-op',
    rolledBack: false,
    workloads: [atTarget('web'), atTarget('api')],
    downtimeSeconds: 0,
    findings: { before: [], after: [] },
    kept: [],
    notes: [],
  }),
  failed: report({
    outcome: 'failed',
    healthy: false,
    rolledBack: false,
    workloads: [
      { ...workload('web'), now: { ...(workload('web').target as ReleaseReport), ready: 0, desired: 3 } },
      { ...workload('api'), now: { ...workload('api').before, ready: 3, desired: 3 } },
    ],
    steps: failedSteps,
    findings: { before: [crash], after: [afterCrash] },
    notes: [
      said('note.paused-left', {
        workloads: 'deployment/api',
        command: 'kubectl -n production rollout resume deployment/api',
      }),
    ],
    next: ['kubectl -n production rollout resume deployment/api'],
  }),
  'partial-fr': report({
    outcome: 'partial',
    language: 'fr',
    tier: 'emergency',
    budgetMs: 120_000,
    durationMs: 131_000,
    healthy: false,
    workloads: [
      workload('web'),
      workload('api', { now: { ...workload('api').before, ready: 3, desired: 3 } }),
      { ...workload('worker'), ref: { kind: 'StatefulSet', name: 'worker' } },
    ],
    steps: failedSteps,
    findings: {
      before: [],
      after: [
        {
          ...crash,
          cause: 'missing-secret',
          workload: { kind: 'Deployment', name: 'api' },
          values: { name: 'api-keys' },
          evidence: ['Error: secret "api-keys" not found'],
          command: 'kubectl -n production get secret api-keys',
        },
      ],
    },
    notes: [said('note.budget-passed', { tier: 'emergency', budget: 120_000 })],
  }),
  cancelled: report({
    outcome: 'cancelled',
    healthy: 'unknown',
    rolledBack: false,
    workloads: [workload('web'), workload('api', { now: { ...workload('api').before, ready: 3, desired: 3 } })],
    steps: [
      ...goodSteps.slice(0, 2),
      ...['unblock-pods', 'check-pods', 'check-health'].map((id) =>
        step(id, { status: 'skipped', reason: said('skipped.cancelled') }),
      ),
    ],
    failures: [failure('CANCELLED', 'the run was cancelled', 'Run again: it goes on from what the cluster shows')],
  }),
  refused: {
    ...report({
      outcome: 'refused',
      healthy: 'unknown',
      rolledBack: false,
      durationMs: 312,
      workloads: [untouched('web'), untouched('api')],
      steps: [],
      preflight: [
        { check: 'access', subject: 'namespace/production', severity: 'refuse', failure: missingRule },
        { check: 'references', subject: 'deployment/web', severity: 'refuse', failure: missingSecret },
      ],
      failures: [missingRule, missingSecret],
      next: [missingRule.hint, missingSecret.hint],
    }),
  },
  'refused-before-reading': {
    ...withoutPlan,
    outcome: 'refused',
    healthy: 'unknown',
    rolledBack: false,
    durationMs: 12,
    cluster: { server: '', context: '' },
    workloads: [],
    candidates: [],
    preflight: [],
    steps: [],
    validation: validationOf([], 'rapid'),
    findings: { before: [], after: [] },
    kept: [],
    probes: [],
    notes: [],
    failures: [
      failure(
        'INPUT_INVALID',
        'tier: "fast" is not a tier (allowed: rapid, emergency)',
        'Set tier to rapid or emergency.',
      ),
      failure('INPUT_INVALID', '.github/rollback.yml:3: unknown key "namespce"', 'Did you mean namespace?'),
    ],
  },
  planned: report({
    mode: 'plan',
    outcome: 'planned',
    healthy: 'unknown',
    rolledBack: false,
    durationMs: 640,
    workloads: [untouched('web'), atTarget('api')],
    steps: [],
    validation: validationOf([], 'rapid', 'skipped.dry-run'),
    preflight: [
      {
        check: 'quota',
        subject: 'resourcequota/compute',
        severity: 'warn',
        failure: failure(
          'QUOTA_INSUFFICIENT',
          'pods: 1 needed at once, 0 left',
          'Raise pods, then run again: kubectl -n production edit resourcequota compute',
        ),
      },
    ],
  }),
  'discovery-fr': {
    ...withoutPlan,
    mode: 'plan',
    language: 'fr',
    outcome: 'planned',
    healthy: 'unknown',
    rolledBack: false,
    durationMs: 210,
    workloads: [],
    candidates: [],
    preflight: [],
    steps: [],
    validation: validationOf([], 'rapid', 'skipped.dry-run'),
    findings: { before: [], after: [] },
    kept: [],
    probes: [],
    notes: [],
    discovery: {
      workloads: [
        {
          ref: { kind: 'Deployment', name: 'web' },
          canGoBack: true,
          why: said('discovery.unhealthy', {
            workload: 'deployment/web',
            image: 'registry.shop.example/shop/web:1.4.2',
            since: '2026-02-20T09:00:00.000Z',
            ready: 0,
            desired: 3,
          }),
        },
        {
          ref: { kind: 'DaemonSet', name: 'agent' },
          canGoBack: false,
          why: said('discovery.stays', { workload: 'daemonset/agent' }),
        },
        { ref: { kind: 'Deployment', name: 'api' }, canGoBack: false, why: missingSecret },
      ],
      files: [
        { name: '.github/rollback.yml', content: 'namespace: production\nworkloads:\n  - deployment/web\n' },
        { name: 'rollback-role.yml', content: 'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n' },
      ],
    },
  },
  'many-workloads': report({
    outcome: 'partial',
    healthy: false,
    workloads: many(120),
    steps: failedSteps,
    findings: { before: [], after: [afterCrash] },
  }),
  hostile: report({
    outcome: 'failed',
    healthy: false,
    run: { ...report().run, reason: hostile.join(' '), url: 'https://evil.example/" onclick="x' },
    workloads: [
      workload('web', {
        before: { hash: 'h1', images: [hostile[1] ?? '', 'evil|pipe`tick`:1'] },
        now: { hash: 'h2', images: [hostile[2] ?? ''], ready: 0, desired: 3 },
      }),
    ],
    steps: [
      step('check-pods', {
        status: 'failed',
        failure: failure('PODS_UNSTABLE', hostile.join('\n'), `Look: ${hostile[0]}`),
        evidence: hostile.map((text) => ({ subject: text, observed: text, expected: text })),
      }),
      step('<b>unknown-step</b>', passed('x', 'y', 'z')),
    ],
    findings: { before: [], after: [{ ...afterCrash, evidence: hostile, command: 'kubectl -n production get pods' }] },
    kept: [{ pod: 'web-1', container: 'web', log: hostile }],
    notes: [said('note.degraded', { what: hostile[2] ?? '', rule: hostile[3] ?? '' })],
  }),
};
