import { describe, expect, it } from '@jest/globals';
import { VALIDATION_ITEMS, type ValidationItemId } from '../../../src/core/report.ts';
import { said } from '../../../src/core/said.ts';
import type { StepReport } from '../../../src/core/step.ts';
import { VALIDATION_RULES, validationOf } from '../../../src/core/validation.ts';
import { DESCRIBED_STEPS } from '../../../src/report/catalogue.ts';
import { failure, passed, step } from '../../golden/samples.ts';

const fault = failure('PODS_UNSTABLE', 'not ready', 'kubectl get pods');
const good = passed('a', 'b', 'c');
const item = (id: ValidationItemId, steps: StepReport[]) =>
  validationOf(steps, 'rapid').find((one) => one.id === id)?.outcome;

describe('validationOf', () => {
  it('has the eight items in their order, each from steps that exist', () => {
    expect(validationOf([], 'rapid').map((one) => one.id)).toEqual([...VALIDATION_ITEMS]);
    for (const rule of VALIDATION_RULES) expect(DESCRIBED_STEPS).toEqual(expect.arrayContaining([...rule.steps]));
  });

  it('passes with the evidence of every step', () => {
    const outcome = item('services-restarted', [
      step('undo-workloads', good),
      step('check-pods', passed('d', 'e', 'f')),
    ]);
    expect(outcome).toMatchObject({ status: 'passed', evidence: [{ subject: 'a' }, { subject: 'd' }] });
  });

  it('is failed before unknown before passed', () => {
    const failed = step('check-pods', { status: 'failed', failure: fault, evidence: [] });
    const unknown = step('unblock-pods', { status: 'unknown', failure: fault, evidence: [] });
    expect(item('services-restarted', [step('undo-workloads', good), unknown])?.status).toBe('unknown');
    expect(item('services-restarted', [step('undo-workloads', good), unknown, failed])?.status).toBe('failed');
  });

  it.each(['skipped.blocked', 'skipped.cancelled'] as const)('is not green when one of its steps was %s', (key) => {
    const undone = step('check-pods', { status: 'skipped', reason: said(key) });
    expect(item('services-restarted', [step('undo-workloads', good), undone])).toMatchObject({
      status: 'skipped',
      reason: { key },
    });
  });

  it('is green although a step of another tier did not take part', () => {
    const other = step('unblock-pods', {
      status: 'skipped',
      reason: said('skipped.not-in-tier', { tier: 'emergency' }),
    });
    expect(item('services-restarted', [step('undo-workloads', good), other])?.status).toBe('passed');
  });

  it('says why an item has no steps', () => {
    const steps = [step('undo-workloads', good)];
    expect(item('database-restored', steps)).toMatchObject({ reason: { key: 'skipped.not-in-tier' } });
    expect(item('team-notified', steps)).toMatchObject({ reason: { key: 'skipped.not-requested' } });
    const [planned] = validationOf([], 'rapid', 'skipped.dry-run');
    expect(planned?.outcome).toMatchObject({ reason: { key: 'skipped.dry-run' } });
  });

  it('measures from the first beginning to the last end', () => {
    const [restarted, database] = validationOf(
      [
        step('undo-workloads', good, { startedAt: '2026-03-01T14:00:00Z', durationMs: 5000 }),
        step('check-pods', good, { startedAt: '2026-03-01T14:00:03Z', durationMs: 4000 }),
      ],
      'rapid',
    );
    expect(restarted?.durationMs).toBe(7000);
    expect(database?.durationMs).toBeUndefined();
  });
});
