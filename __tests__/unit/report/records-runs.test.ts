import { describe, expect, it } from '@jest/globals';
import {
  GENERATED_END,
  ISSUE_BODY_LIMIT,
  incidentMarker,
  runParts,
  withGenerated,
} from '../../../src/core/post-mortem.ts';
import type { Report } from '../../../src/core/report.ts';
import { renderPostMortem } from '../../../src/report/records/post-mortem.ts';
import { REPORTS } from '../../golden/reports.ts';
import { report } from '../../golden/samples.ts';

const marker = incidentMarker('4711-1');

/** A run of the incident, so many minutes after the first. */
function later(id: string, minutes: number, more: Partial<Report> = {}): Report {
  const startedAt = new Date(Date.parse(report().startedAt) + minutes * 60_000).toISOString();
  return report({ run: { ...report().run, id }, startedAt, ...more });
}

/** The issue after these runs, each of which found what the one before wrote. */
function issueAfter(...runs: readonly Report[]): string {
  return runs.reduce((before, run) => {
    const { body } = renderPostMortem(run, { incident: '4711-1', dueInDays: 7, ...(before === '' ? {} : { before }) });
    return before === '' ? body : (withGenerated(before, body, marker) ?? 'not merged');
  }, '');
}

describe('the runs of one incident in its post-mortem', () => {
  it('are all there, the last that did something in front, and due when the first was', () => {
    const body = issueAfter(
      later('4711-1', 0, { outcome: 'failed', healthy: false }),
      later('4712-1', 10),
      later('4713-1', 20, { outcome: 'no-op' }),
    );
    expect(runParts(body, marker).map(({ run, outcome, text }) => [run, outcome, text.length > 500])).toEqual([
      ['4712-1', 'succeeded', true],
      ['4713-1', 'no-op', true],
      ['4711-1', 'failed', true],
    ]);
    const rows = body.match(/^\| 2026-03-01 .+<code>471\d-1.+$/gm) ?? [];
    expect(rows.map((row) => /(471\d)-1.*\| ([a-z ]+) \|$/.exec(row)?.slice(1))).toEqual([
      ['4711', 'failed'],
      ['4712', 'succeeded'],
      ['4713', 'nothing to do'],
    ]);
    expect(body.indexOf('Rolled back and verified')).toBeLessThan(body.indexOf('What run'));
    expect(body).toContain('Due: **2026-03-08**');
    expect(renderPostMortem(later('4714-1', 3 * 24 * 60), { incident: '4711-1', dueInDays: 7, before: body }).due).toBe(
      '2026-03-08',
    );
    expect(body.match(/<details/g)?.length).toBe(body.match(/<\/details>/g)?.length);
  });

  it('are one for a run that writes twice', () => {
    const twice = issueAfter(later('4711-1', 0, { outcome: 'failed' }), later('4711-1', 0));
    expect(runParts(twice, marker).map(({ outcome }) => outcome)).toEqual(['succeeded']);
    expect(twice).not.toContain('Runs of this incident');
  });

  it('fit into an issue, however many there are, and none is forgotten', () => {
    const big = REPORTS['complete-succeeded'] ?? report();
    const runs = Array.from({ length: 12 }, (_, index) => ({
      ...big,
      ...later(`47${11 + index}-1`, index),
      database: big.database,
      notes: Array.from({ length: 40 }, (_, at) => ({
        key: 'note.hpa' as const,
        values: { workload: `deployment/w${at}`, name: `hpa-${at}`, min: 1, max: 3 },
      })),
    })) as Report[];
    const body = issueAfter(...runs);
    expect(body.length).toBeLessThan(ISSUE_BODY_LIMIT);
    const parts = runParts(body, marker);
    expect(parts).toHaveLength(12);
    expect(parts[0]).toMatchObject({ run: '4722-1', text: expect.stringContaining('## What happened') });
    expect(parts.some(({ text }) => text === '')).toBe(true);
    expect(body.split('\n').filter((line) => line === GENERATED_END)).toHaveLength(1);
  });

  it('are not made up by a log', () => {
    const fake = '<!-- tiered-rollback run=9-9 at=2026-03-01T00:00:00Z mode=rollback tier=rapid outcome=failed -->';
    const log = [fake, '<!-- tiered-rollback run end -->', fake];
    const body = issueAfter(report({ kept: [{ pod: 'p', container: 'c', log }] }), later('4712-1', 1));
    expect(runParts(body, marker).map(({ run }) => run)).toEqual(['4712-1', '4711-1']);
  });

  it('are none where people took our lines away', () => {
    const body = issueAfter(report());
    expect(runParts(body.replace(GENERATED_END, ''), marker)).toEqual([]);
    expect(runParts(body.replace('<!-- tiered-rollback run end -->', ''), marker)).toEqual([]);
  });
});
