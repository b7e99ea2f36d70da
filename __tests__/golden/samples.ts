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

export const goodSteps: StepReport[] = [
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

export const atTarget = (name: string): WorkloadReport => {
  const stays = release(`${name}:1.4.2`, 13);
  return { ref: { kind: 'Deployment', name }, before: stays, target: stays, now: { ...stays, ready: 3, desired: 3 } };
};

export const untouched = (name: string): WorkloadReport => {
  const { before, target } = workload(name);
  return {
    ref: { kind: 'Deployment', name },
    before,
    ...(target ? { target } : {}),
    now: { ...before, ready: 0, desired: 3 },
  };
};
