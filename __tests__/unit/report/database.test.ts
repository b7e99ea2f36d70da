import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import type { ErrorCode } from '../../../src/core/errors.ts';
import type { DatabaseReport, Report } from '../../../src/core/report.ts';
import { sayAge, sayBytes, sayCount } from '../../../src/report/amounts.ts';
import { annotationsOf } from '../../../src/report/annotations.ts';
import { keptCommands } from '../../../src/report/database-commands.ts';
import { liveIcon, liveState } from '../../../src/report/database-state.ts';
import { en } from '../../../src/report/en.ts';
import { fr } from '../../../src/report/fr.ts';
import { outputsOf } from '../../../src/report/outputs.ts';
import { SUMMARY_LIMIT_BYTES } from '../../../src/report/summary/fit.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { DATABASE_REPORTS } from '../../golden/database-reports.ts';
import { failure, passed, report, step } from '../../golden/samples.ts';

const base: DatabaseReport = { name: 'shop', server: 'db.shop.example:5432' };
const restored = { oid: 2, is: 'restored' } as const;
const before = { oid: 1, is: 'before' } as const;
const failed = (code: ErrorCode, seen: boolean) =>
  step(
    'restore-database',
    {
      status: 'failed',
      failure: failure(code, 'why', 'what next'),
      evidence: seen ? [{ subject: 'database shop', observed: 'OID 1', expected: 'OID 2' }] : [],
    },
    { changed: true },
  );
const good = step('restore-database', passed('database shop', 'OID 2', 'OID 2'), { changed: true });
const one = (more: Partial<Report>): Report => report({ tier: 'complete', database: base, ...more });

const price = (rowsGivenUp: number, basis: 'exact' | 'at-least' = 'exact') => ({ tables: [], rowsGivenUp, basis });

describe('which database is live', () => {
  it.each<[string, Partial<Report>, string | undefined, string]>([
    ['restored', { steps: [good], database: { ...base, live: restored } }, 'restored', '✅'],
    ['the swap failed', { steps: [failed('SWAP_FAILED', true)], database: { ...base, live: before } }, 'before', '❌'],
    ['lost in the swap', { steps: [failed('SWAP_UNKNOWN', false)] }, 'unknown', '❔'],
    ['the load failed before anybody looked', { steps: [failed('LOAD_FAILED', false)] }, 'before', '❌'],
    ['nothing was begun', { steps: [] }, undefined, ''],
    [
      'somebody else renamed',
      { steps: [good], database: { ...base, live: { oid: 3, is: 'another' } } },
      'another',
      '❔',
    ],
    ['taken back', { mode: 'undo', steps: [good], database: { ...base, live: before } }, 'taken-back', '✅'],
    [
      'undo failed',
      { mode: 'undo', steps: [failed('SWAP_FAILED', true)], database: { ...base, live: restored } },
      'restored',
      '❌',
    ],
    [
      'undo lost in the swap, with what the plan had seen',
      { mode: 'undo', steps: [failed('SWAP_UNKNOWN', false)], database: { ...base, live: restored } },
      'unknown',
      '❔',
    ],
  ])('%s', (_, more, state, icon) => {
    expect([liveState(one(more)), liveIcon(one(more))]).toEqual([state, icon]);
  });

  it('is never called good when it is not known', () => {
    const unknown = one({ outcome: 'failed', healthy: 'unknown', steps: [failed('SWAP_UNKNOWN', false)] });
    const section = renderSummary(unknown).split('### Database')[1]?.split('###')[0] ?? '';
    expect(section).toContain('❔ not known');
    expect(section).not.toContain('✅');
  });

  it('names the restored one as kept when the rollback was reverted', () => {
    const reverted = one({
      outcome: 'failed',
      healthy: false,
      steps: [failed('ROLLOUT_FAILED', true)],
      database: { ...base, live: before, kept: { name: 'shop_rb_1', oid: 2 } },
    });
    expect(renderSummary(reverted)).toMatch(/\*\*Kept:\*\* .*OID 2\), the restored database/);
  });
});

describe('the output rows-given-up', () => {
  it.each<[string, Partial<Report>, string]>([
    ['without a database', { database: undefined } as never, ''],
    ['after a swap', { steps: [good], database: { ...base, live: restored, price: price(7) } }, '7'],
    ['as a lower bound', { steps: [good], database: { ...base, live: restored, price: price(7, 'at-least') } }, '7'],
    ['in a plan', { mode: 'plan', outcome: 'planned', database: { ...base, price: price(9, 'at-least') } }, '9'],
    [
      'when the live one stayed',
      { steps: [failed('SWAP_FAILED', true)], database: { ...base, live: before, price: price(7) } },
      '0',
    ],
    ['when it was refused', { outcome: 'refused', steps: [], database: { ...base, price: price(7) } }, '0'],
    ['when nobody knows', { steps: [failed('SWAP_UNKNOWN', false)], database: { ...base, price: price(7) } }, ''],
    ['after an undo', { mode: 'undo', steps: [good], database: { ...base, live: before, price: price(3) } }, '3'],
    ['when it was restored before', { outcome: 'no-op', steps: [], database: { ...base, live: restored } }, ''],
  ])('%s', (_, more, rows) => {
    expect(outputsOf(one(more))['rows-given-up']).toBe(rows);
  });
});

describe('the commands about a kept database', () => {
  /** What psql would be given, as the shell takes the command apart. */
  const wordsOf = (command: string) =>
    execFileSync('bash', ['-c', `psql() { printf '%s\\0' "$@"; }; ${command}`], { encoding: 'utf8' })
      .split('\0')
      .slice(0, -1);

  it.each(['shop_kept_1', '224solutions', `a"b'c`, '$(touch /tmp/x) `id`; reboot', 'a\\b'])(
    'can be pasted for %s',
    (name) => {
      const { look, drop } = keptCommands('production', base, name);
      expect(wordsOf(drop[0] ?? '')).toEqual([
        ...['-h', 'db.shop.example', '-p', '5432', '-d', 'postgres', '-c'],
        `DROP DATABASE "${name.replaceAll('"', '""')}"`,
      ]);
      expect(wordsOf(look[1] ?? '').at(-1)).toBe(name);
    },
  );

  it('reach a database of the cluster through a port-forward', () => {
    const { look } = keptCommands('production', { ...base, server: 'service/db:6432' }, 'kept');
    expect(look[0]).toBe('kubectl -n production port-forward service/db 5432:6432 &');
    expect(look[1]).toContain('-h 127.0.0.1 -p 5432');
  });
});

describe('the section of the database', () => {
  it('stays readable and bounded with any number of tables of any name', () => {
    const long = '<img src=x onerror=alert(1)> | `x` @all '.repeat(20);
    const tables = Array.from({ length: 5000 }, (_, index) => ({
      table: `"public"."${index}${long}"`,
      rowsNow: 10 + index,
      rowsAfter: 0,
      changes: { inserted: index, updated: 0, deleted: 0 },
    }));
    const many = one({
      steps: [good],
      database: { ...base, live: restored, price: { tables, rowsGivenUp: 12_547_500, basis: 'at-least' } },
    });
    const summary = renderSummary(many);
    expect(new TextEncoder().encode(summary).length).toBeLessThanOrEqual(SUMMARY_LIMIT_BYTES);
    expect(summary).toContain('at least 12,547,500');
    const open = summary.replace(/<details[\s\S]*?<\/details>/g, '');
    expect(open.match(/^\| <code>public/gm)).toHaveLength(10);
    // The dearest first.
    expect(open).toContain('<code>public."4999');
    expect(summary).not.toContain('<img');
  });

  it.each(Object.entries(DATABASE_REPORTS))('stands between the workloads and the checklist in %s', (_, sample) => {
    const summary = renderSummary(sample);
    const at = (heading: string) => summary.indexOf(`\n### ${heading}`);
    const [workloads, database] =
      sample.language === 'fr' ? [at('Services'), at('Base de données')] : [at('Workloads'), at('Database')];
    expect(database).toBeGreaterThan(workloads);
    const [checklist] = [at('Validation'), at('Checklist'), at('Steps'), at('Étapes')].filter((index) => index > 0);
    if (checklist !== undefined) expect(database).toBeLessThan(checklist);
    // Not folded.
    expect(summary.slice(0, database).match(/<details/g)?.length ?? 0).toBe(
      summary.slice(0, database).match(/<\/details>/g)?.length ?? 0,
    );
  });

  it('puts rows that were given up where nobody misses them', () => {
    const sample = one({
      steps: [good],
      database: { ...base, live: restored, price: price(7), kept: { name: 'shop_kept_1', oid: 1 } },
    });
    expect(annotationsOf(sample)).toEqual([
      { level: 'notice', title: 'Database', message: 'Rows given up: 7. They are still in shop_kept_1.' },
    ]);
  });
});

describe('amounts', () => {
  it('are grouped as the language does', () => {
    expect([0, 12, 999, 1000, 1_234_567].map((count) => sayCount(en, count))).toEqual([
      '0',
      '12',
      '999',
      '1,000',
      '1,234,567',
    ]);
    expect(sayCount(fr, 1_234_567)).toBe('1\u202f234\u202f567');
    expect(
      [0, 999, 1000, 999_999, 411_238_117, 5e15].map((bytes) => sayBytes(en, bytes).replace('\u00a0', ' ')),
    ).toEqual(['0 B', '999 B', '1.0 kB', '1.0 MB', '411 MB', '5000 TB']);
    expect(sayBytes(fr, 1500)).toBe('1,5\u00a0ko');
    expect([sayAge(en, 12 * 3_600_000), sayAge(en, 10 * 86_400_000), sayAge(fr, 10 * 86_400_000)]).toEqual([
      '12 h 00 min',
      '10 days',
      '10 jours',
    ]);
  });
});
