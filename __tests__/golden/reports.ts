import type { Finding } from '../../src/core/finding.ts';
import type { ReleaseReport, Report } from '../../src/core/report.ts';
import { said } from '../../src/core/said.ts';
import type { StepReport } from '../../src/core/step.ts';
import { withTroubleshooting } from '../../src/core/troubleshooting.ts';
import { validationOf } from '../../src/core/validation.ts';
import { DATABASE_REPORTS } from './database-reports.ts';
import { inFrench } from './in-french.ts';
import { atTarget, crash, failure, goodSteps, passed, release, report, step, untouched, workload } from './samples.ts';

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

const { plan: _plan, ...withoutPlan } = report();
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

const unreachable = report({
  outcome: 'failed',
  healthy: false,
  steps: [
    ...goodSteps.slice(0, 4),
    step(
      'check-health',
      {
        status: 'failed',
        failure: failure(
          'HEALTH_FAILED',
          'GET service/web:80/health: status 503, expected status 200-299 (waited 5 min) (service-selector-mismatch; deployment/web)',
          'kubectl get pods --show-labels -n production',
          ['service/web: selector app=web,version=1.5.0'],
        ),
        evidence: [
          { subject: 'GET service/web:80/health', observed: 'status 503, ×0', expected: 'status 200-299, ×3' },
        ],
      },
      { durationMs: 240_000 },
    ),
    step(
      'restore-database',
      {
        status: 'failed',
        failure: failure(
          'DATABASE_BUSY',
          'database "shop": 1 session stays (reporting, idle in transaction)',
          'End it, then run again (safe): psql -c "SELECT pg_terminate_backend(4711)"',
        ),
        evidence: [],
      },
      { durationMs: 9000 },
    ),
  ],
  findings: {
    before: [crash],
    after: [
      {
        cause: 'service-selector-mismatch',
        workload: { kind: 'Deployment', name: 'web' },
        object: 'service/web',
        values: { service: 'service/web', key: 'version', wanted: '1.5.0', carried: '1.4.2' },
        evidence: [
          'service/web: selector app=web,version=1.5.0',
          'pods of deployment/web: labels app=web,version=1.4.2',
        ],
        command: 'kubectl get pods --show-labels -n production',
        fatal: false,
        contact: 'devops',
      },
      {
        cause: 'name-not-resolved',
        object: 'shop.exmaple',
        values: { host: 'shop.exmaple', check: 'https://shop.exmaple/health' },
        evidence: [
          'GET https://shop.exmaple/health: the name does not resolve (ENOTFOUND)',
          'DNS of the cluster (service/kube-dns in kube-system): 2 of 2 addresses ready',
        ],
        command: 'nslookup shop.exmaple; kubectl get pods,endpointslices -l k8s-app=kube-dns -n kube-system',
        fatal: false,
        contact: 'devops',
      },
      {
        cause: 'missing-secret',
        workload: { kind: 'Deployment', name: 'api' },
        values: { name: 'api-keys' },
        evidence: ['Error: secret "api-keys" not found'],
        command: 'kubectl get secrets -n production',
        fatal: false,
        contact: 'security',
      },
    ],
  },
  contacts: { devops: '+224 620 00 00 00', database: '+224 621 00 00 00', security: 'security@shop.example' },
});

/** The sample reports, by file name. */
const SAMPLES: Readonly<Record<string, Report>> = {
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
        {
          check: 'references',
          subject: 'deployment/web',
          severity: 'refuse',
          failure: missingSecret,
          problem: 'secrets',
        },
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
  unreachable: withTroubleshooting(unreachable),
  'unreachable-fr': withTroubleshooting({ ...unreachable, language: 'fr' }),
  ...DATABASE_REPORTS,
};

export const REPORTS: Readonly<Record<string, Report>> = Object.fromEntries(
  Object.entries(SAMPLES).map(([name, sample]) => [name, sample.language === 'fr' ? inFrench(sample) : sample]),
);
