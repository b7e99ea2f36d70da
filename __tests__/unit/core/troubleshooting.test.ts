import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, type ErrorCode } from '../../../src/core/errors.ts';
import { CAUSES, type Finding } from '../../../src/core/finding.ts';
import type { Report } from '../../../src/core/report.ts';
import {
  CONTACT_OF_CAUSE,
  CONTACT_OF_PROBLEM,
  PROBLEM_OF_CAUSE,
  PROBLEM_OF_CODE,
  PROBLEMS,
  troubleshootingOf,
  withTroubleshooting,
} from '../../../src/core/troubleshooting.ts';
import { redactReport } from '../../../src/report/redact.ts';
import { reportSchema } from '../../../src/report/schema.ts';
import { crash, failure, report, step, workload } from '../../golden/samples.ts';

const secret: Finding = {
  ...crash,
  cause: 'missing-secret',
  evidence: ['secret "web-db" not found'],
  command: 'kubectl get secrets -n production',
  contact: 'security',
};
const failed = (id: string, code: ErrorCode, more: Partial<ReturnType<typeof failure>> = {}) =>
  step(id, {
    status: 'failed',
    failure: { ...failure(code, `${id} failed`, `kubectl get ${id}`), ...more },
    evidence: [],
  });
const none = { findings: { before: [], after: [] } };

describe('the table', () => {
  it('has every cause and every code once, and a contact for each', () => {
    expect(Object.keys(PROBLEM_OF_CAUSE).toSorted()).toEqual([...CAUSES].toSorted());
    expect(Object.keys(PROBLEM_OF_CODE).toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted());
    expect(Object.keys(CONTACT_OF_PROBLEM).toSorted()).toEqual([...PROBLEMS].toSorted());
    for (const cause of CAUSES) expect(['devops', 'database', 'security']).toContain(CONTACT_OF_CAUSE[cause]);
  });

  it('has all that is about backups, dumps and the database in one line', () => {
    const codes = Object.entries(PROBLEM_OF_CODE).filter(([code]) =>
      /^(BACKUP|DUMP|DATABASE|LOAD|SWAP|MIGRATION)_/.test(code),
    );
    expect(codes.length).toBeGreaterThan(20);
    expect(new Set(codes.map(([, problem]) => problem))).toEqual(new Set(['database']));
  });
});

describe('the troubleshooting of a run', () => {
  const of = (more: Partial<Report>) => troubleshootingOf(report({ ...none, ...more }));
  const told = (more: Partial<Report>) =>
    of(more).map(({ problem, cause, subject, contact }) => [problem, cause, subject, contact]);

  it('is nothing where all went well, and the causes of the release that was left are history', () => {
    expect(of({})).toEqual([]);
    const [left] = of({ findings: { before: [crash], after: [] } });
    expect(left).toMatchObject({ problem: 'pods', cause: 'crash-loop', left: true });
    expect(withTroubleshooting(report(none)).troubleshooting).toBeUndefined();
  });

  it('counts a cause of the live release as one of now while that release stays', () => {
    const stays = workload('web');
    const [entry] = of({
      findings: { before: [crash], after: [] },
      workloads: [{ ...stays, now: { ...stays.before, ready: 0, desired: 3 } }],
    });
    expect(entry).toMatchObject({ cause: 'crash-loop' });
    expect(entry?.left).toBeUndefined();
  });

  it('has each line of the checklist with whom it is for', () => {
    expect(
      told({
        findings: {
          before: [],
          after: [
            { ...crash, cause: 'quota-exceeded' },
            secret,
            {
              ...crash,
              cause: 'name-not-resolved',
              object: 'shop.exmaple',
              evidence: ['x'],
              command: 'nslookup shop.exmaple',
            },
          ].map((one) => (one.cause === 'name-not-resolved' ? withoutWorkload(one as Finding) : (one as Finding))),
        },
        steps: [failed('restore-database', 'DUMP_CORRUPT')],
      }),
    ).toEqual([
      ['pods', 'quota-exceeded', 'deployment/web', 'devops'],
      ['secrets', 'missing-secret', 'deployment/web', 'security'],
      ['service-discovery', 'name-not-resolved', 'shop.exmaple', 'devops'],
      ['database', 'DUMP_CORRUPT', 'restore-database', 'database'],
    ]);
  });

  it('follows a finding that knows better: a key of a Secret, a migration', () => {
    const after: Finding[] = [
      { ...crash, cause: 'missing-key', evidence: ['a'], contact: 'security' },
      { ...crash, cause: 'init-crash', evidence: ['b'], contact: 'database' },
      { ...crash, cause: 'init-crash', container: 'wait', evidence: ['c'] },
    ];
    expect(told({ findings: { before: [], after } })).toEqual([
      ['secrets', 'missing-key', 'deployment/web', 'security'],
      ['database', 'init-crash', 'deployment/web', 'database'],
      ['pods', 'init-crash', 'deployment/web', 'devops'],
    ]);
  });

  it('says nothing twice: a symptom beside its cause, a refusal in two lists, a step behind a failed one', () => {
    const symptom = failed('undo-workloads', 'ROLLOUT_FAILED', { hint: crash.command, causes: crash.evidence });
    expect(told({ findings: { before: [], after: [crash] }, steps: [symptom] })).toEqual([
      ['pods', 'crash-loop', 'deployment/web', 'devops'],
    ]);
    expect(told({ steps: [failed('undo-workloads', 'ROLLOUT_FAILED')] })).toEqual([
      ['pods', 'ROLLOUT_FAILED', 'undo-workloads', 'devops'],
    ]);
    const refusal = failure('QUOTA_INSUFFICIENT', 'no room', 'kubectl edit');
    const preflight = [
      { check: 'quota', subject: 'resourcequota/compute', severity: 'refuse' as const, failure: refusal },
    ];
    expect(told({ preflight, failures: [refusal], steps: [failed('check-pods', 'STEP_BLOCKED')] })).toEqual([
      ['pods', 'QUOTA_INSUFFICIENT', 'resourcequota/compute', 'devops'],
    ]);
  });

  it('sends a Secret that preflight misses to security, and a ConfigMap to devops', () => {
    const item = (subject: string) => ({
      check: 'references',
      subject,
      severity: 'refuse' as const,
      failure: failure('REFERENCE_MISSING', `${subject} lacks something`, 'kubectl create'),
    });
    expect(
      told({ preflight: [{ ...item('deployment/web'), problem: 'secrets' as const }, item('deployment/api')] }),
    ).toEqual([
      ['secrets', 'REFERENCE_MISSING', 'deployment/web', 'security'],
      ['pods', 'REFERENCE_MISSING', 'deployment/api', 'devops'],
    ]);
  });

  it('passes over warnings, and what is unknown and not required', () => {
    const unknown = (required: boolean) =>
      step(
        'check-health',
        { status: 'unknown', failure: failure('CLUSTER_FORBIDDEN', 'm', 'h'), evidence: [] },
        { required },
      );
    const preflight = [
      { check: 'quota', subject: 'q', severity: 'warn' as const, failure: failure('QUOTA_INSUFFICIENT', 'm', 'h') },
    ];
    expect(told({ preflight, steps: [unknown(false)] })).toEqual([]);
    expect(told({ steps: [unknown(true)] })).toEqual([['other', 'CLUSTER_FORBIDDEN', 'check-health', 'devops']]);
  });

  it('is a field of the report that its schema describes', () => {
    const one = withTroubleshooting(report({ findings: { before: [crash], after: [secret] } }));
    expect(one.troubleshooting).toHaveLength(2);
    expect(reportSchema.safeParse(one).error).toBeUndefined();
    expect(withTroubleshooting(one)).toEqual(one);
    // A secret that reads like a word of the schema does not break it.
    const redacted = redactReport(one, ['security', 'secrets', 'devops', 'pods']);
    expect(reportSchema.safeParse(redacted).error).toBeUndefined();
  });
});

function withoutWorkload({ workload: _workload, ...rest }: Finding): Finding {
  return rest;
}
