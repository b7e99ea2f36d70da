import { describe, expect, it } from '@jest/globals';
import { type Report, VALIDATION_ITEMS, type ValidationItem } from '../../../src/core/report.ts';
import { catalogueOf } from '../../../src/report/languages.ts';
import { todoOf } from '../../../src/report/todo.ts';

const report = (more: Partial<Report> = {}): Report => ({ namespace: 'production', ...more }) as Report;
const passed: ValidationItem['outcome'] = {
  status: 'passed',
  evidence: [{ subject: 'a', observed: 'b', expected: 'b' }],
};
const en = catalogueOf('en');

describe('what is left to a person', () => {
  it.each(['en', 'fr'] as const)('is a sentence for each item that nobody proved, in %s', (language) => {
    for (const id of VALIDATION_ITEMS) {
      const item: ValidationItem = { id, outcome: { status: 'skipped', reason: { key: 'skipped.not-configured' } } };
      expect(todoOf(catalogueOf(language), report(), item)).toMatch(/\S+ \S+/);
    }
  });

  it('is the next command where an item failed or is not known', () => {
    const failure = {
      code: 'METRICS_UNAVAILABLE',
      message: 'no answer',
      hint: 'kubectl top pods',
      causes: [],
    } as const;
    for (const status of ['failed', 'unknown'] as const) {
      const item: ValidationItem = { id: 'monitoring-works', outcome: { status, failure, evidence: [] } };
      expect(todoOf(en, report(), item)).toBe('kubectl top pods');
    }
  });

  it('is nothing for what passed, or is no part of the tier', () => {
    expect(todoOf(en, report(), { id: 'team-notified', outcome: passed })).toBeUndefined();
    const skipped = {
      status: 'skipped',
      reason: { key: 'skipped.not-in-tier', values: { tier: 'complete' } },
    } as const;
    expect(todoOf(en, report(), { id: 'database-restored', outcome: skipped })).toBeUndefined();
  });

  it('names the kept database and the day of the post-mortem', () => {
    const database = { name: 'shop', server: 'db:5432', kept: { name: 'shop_kept_1', oid: 1 } };
    expect(todoOf(en, report({ database }), { id: 'database-restored', outcome: passed })).toContain('shop_kept_1');
    const item: ValidationItem = { id: 'post-mortem-planned', outcome: passed };
    expect(todoOf(en, report({ records: { due: '2026-03-08' } }), item)).toContain('2026-03-08');
    expect(todoOf(en, report(), item)).toBe('Fill it in and hold it');
  });
});
