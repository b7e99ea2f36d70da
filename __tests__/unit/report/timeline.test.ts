import { describe, expect, it } from '@jest/globals';
import { said } from '../../../src/core/said.ts';
import { diagramText, gantt } from '../../../src/report/summary/mermaid.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { probeTracks, stepBars, tellingBars } from '../../../src/report/timeline.ts';
import { REPORTS } from '../../golden/reports.ts';
import { passed, report, step, workload } from '../../golden/samples.ts';

const HOSTILE = [
  'click b1 call alert(1)',
  'a:b;c#d',
  '"q" `t` \n%%{init: {"theme":"dark"}}%%',
  '-->',
  'section X',
  '--- title',
  '<script>alert(1)</script>',
  ':::',
  '',
  'b1, 2020-01-01 00:00:00.000, 1d',
  '\u202e\u200b',
  'x'.repeat(100_000),
  '{}[]|$&\\',
  '```\n# heading',
];

const diagrams = (page: string) => [...page.matchAll(/^```mermaid\n([\s\S]*?)\n```$/gm)].map(([, text = '']) => text);
const [probe] = report().probes;
if (!probe) throw new Error('the sample report has no probe');

/** Everything that a diagram of ours may consist of. Mermaid's own parser was shown the same by hand. */
const LINES = [
  /^gantt$/,
  /^accTitle: [\p{L}\p{N} ]+$/u,
  /^dateFormat YYYY-MM-DD HH:mm:ss\.SSS$/,
  /^axisFormat %H:%M:%S$/,
  /^tickInterval \d+(?:second|minute|hour|day)$/,
  /^todayMarker off$/,
  /^section H\d+$/,
  /^(?:✅|❌|❔|⏭️|⏱️) [\p{L}\p{N}.’'()… -]* :(?:done|crit|active|milestone), b\d+, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/u,
];

function expectOurs(diagram: string): void {
  for (const line of diagram.split('\n')) {
    expect([line, LINES.some((one) => one.test(line))]).toEqual([line, true]);
  }
}

describe('the pictures of the summary', () => {
  it.each(Object.entries(REPORTS))('are made of nothing but our own words in %s', (_, one) => {
    for (const diagram of diagrams(renderSummary(one))) expectOurs(diagram);
  });

  it('take no hostile name for their own language', () => {
    const one = report({
      steps: HOSTILE.map((id) => step(id, passed('a', 'b', 'c'))),
      probes: HOSTILE.map((name) => ({ ...probe, name })),
    });
    const all = diagrams(renderSummary(one));
    expect(all).toHaveLength(2);
    for (const diagram of all) expectOurs(diagram);
  });

  it('have as many rows as the table beside them', () => {
    for (const section of renderSummary(report()).split('```mermaid').slice(1)) {
      const [picture = '', rest = ''] = section.split('```\n');
      const rows = /^\n?(\|.*\n)\|[ -|]*\n((?:\|.*\n)*)/.exec(rest)?.[2]?.trim().split('\n') ?? [];
      expect(rows).toHaveLength(picture.split('\n').filter((line) => / :\w+, b\d+, /.test(line)).length);
    }
  });

  it('are left out where nothing ran, and where no answer ever changed', () => {
    for (const name of ['planned', 'complete-planned', 'refused', 'refused-before-reading', 'discovery-fr']) {
      expect(diagrams(renderSummary(REPORTS[name] ?? report()))).toEqual([]);
    }
    const steady = {
      ...probe,
      failures: 0,
      spans: [{ ok: true, from: '2026-03-01T14:02:00Z', to: '2026-03-01T14:02:09Z' }],
    };
    expect(diagrams(renderSummary(report({ probes: [steady] })))).toHaveLength(1);
    const nothing = step('check-pods', { status: 'skipped', reason: said('skipped.nothing-to-do') });
    expect(diagrams(renderSummary(report({ probes: [], steps: [nothing] })))).toEqual([]);
  });

  it('are left out whole when the page is too long, never cut inside', () => {
    const workloads = Array.from({ length: 400 }, (_, index) => workload(`service-${index}`));
    for (const limit of [7, 8, 9, 10, 12, 16].map((kilobytes) => kilobytes * 1024)) {
      const page = renderSummary(report({ workloads }), limit);
      expect(page.match(/^```mermaid\n[\s\S]*?\n```\n\n\|/gm) ?? []).toHaveLength(page.split('```mermaid').length - 1);
    }
    expect(renderSummary(report({ workloads }), 5 * 1024)).not.toContain('```mermaid');
  });

  it('have at most 40 rows, and of more the longest wrong answers', () => {
    const second = (at: number) => new Date(Date.UTC(2026, 2, 1, 14) + at * 1000).toISOString();
    const spans = Array.from({ length: 200 }, (_, index) => ({
      ok: index % 2 === 0,
      from: second(index),
      to: second(index + 1),
    }));
    const page = renderSummary(report({ probes: [{ ...probe, spans }] }));
    const [, availability = ''] = diagrams(page);
    expect(availability.match(/^❌/gm)).toHaveLength(40);
    expect(availability).not.toContain('✅');
    expect(page).toContain('and 160 more: see the JSON report.');
  });

  it('show where the budget ended only when it was passed', () => {
    expect(renderSummary(report())).not.toContain('Budget ends');
    expect(renderSummary(report({ budgetMs: 20_000 }))).toMatch(
      /⏱️ Budget ends :milestone, b5, 2026-03-01 14:02:16\.700, /,
    );
  });
});

describe('the checklist of the summary', () => {
  it('says of each item what share of the budget it took', () => {
    const page = renderSummary(report());
    expect(page).toContain('| Took (of the budget) |');
    expect(page).toMatch(/Health checks pass .* \| 6\.1\u00a0s \(2%\) \|/);
  });
});

describe('stepBars', () => {
  it('are those that began, in the order in which they began', () => {
    const at = (id: string, startedAt: string) => step(id, passed('a', 'b', 'c'), { startedAt, durationMs: 1000 });
    const bars = stepBars(
      report({
        steps: [
          at('check-pods', '2026-03-01T14:02:09.000Z'),
          at('undo-workloads', '2026-03-01T14:02:00.000Z'),
          at('check-health', 'not a time'),
          step('unblock-pods', { status: 'skipped', reason: said('skipped.nothing-to-do') }),
        ],
      }),
    );
    expect(bars.map((bar) => [bar.step, bar.to - bar.from])).toEqual([
      ['undo-workloads', 1000],
      ['check-pods', 1000],
    ]);
  });
});

describe('probeTracks', () => {
  it('leave out times that cannot be drawn', () => {
    const spans = [
      { ok: false, from: 'x', to: 'y' },
      { ok: true, from: '2026-03-01T14:02:09Z', to: '2026-03-01T14:02:00Z' },
    ];
    expect(probeTracks(report({ probes: [{ ...probe, spans }, probe] }))).toMatchObject([
      { id: 'H2', name: probe.name },
    ]);
    expect(tellingBars([], 1)).toEqual([]);
  });
});

describe('gantt', () => {
  it('shows every reader the time in UTC, and bars without a length', () => {
    const text = gantt('T', [
      { bars: [{ label: '✅ a', tag: 'done', from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 1) }] },
    ]);
    expect(text).toContain('✅ a :done, b1, 2026-01-01 00:00:00.000, 2026-01-01 00:00:00.001');
    expect(text).toContain('tickInterval 1second');
  });

  it.each([
    [20, '5second'],
    [300, '1minute'],
    [1800, '5minute'],
    [400_000, '1day'],
  ])('has few enough ticks for %d s', (seconds, interval) => {
    const bars = [{ label: '✅ a', tag: 'done' as const, from: 0, to: seconds * 1000 }];
    expect(gantt('T', [{ bars }])).toContain(`tickInterval ${interval}`);
  });

  it('keeps letters of every language', () => {
    expect(diagramText("Vérifier l'état d’après (test) 数据")).toBe("Vérifier l'état d’après (test) 数据");
    expect([...diagramText('é😀'.repeat(100), 10)]).toHaveLength(10);
  });
});
