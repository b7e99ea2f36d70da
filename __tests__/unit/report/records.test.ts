import { describe, expect, it } from '@jest/globals';
import { marked } from 'marked';
import {
  GENERATED_END,
  hasMarker,
  ISSUE_BODY_LIMIT,
  incidentMarker,
  withGenerated,
} from '../../../src/core/post-mortem.ts';
import { RUN_OUTCOMES } from '../../../src/core/report.ts';
import { renderDeployment } from '../../../src/report/records/deployment.ts';
import { renderPostMortem } from '../../../src/report/records/post-mortem.ts';
import { renderRecord } from '../../../src/report/records/record.ts';
import { REPORTS } from '../../golden/reports.ts';
import { failure, report, step, workload } from '../../golden/samples.ts';

const options = { incident: '4711-1', dueInDays: 7 };
const marker = incidentMarker('4711-1');

describe('renderPostMortem', () => {
  it('says everything that a post-mortem needs, in its order', () => {
    const { body } = renderPostMortem(REPORTS['complete-succeeded'] ?? report(), options);
    const chapters = [...body.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(chapters).toEqual([
      'What happened',
      'Timeline of the incident',
      'Where it went',
      'Evidence',
      'Downtime',
      'Price in data',
      'Who and why',
      'Causes',
      'Open questions',
    ]);
    expect(body.startsWith(`${marker}\n`)).toBe(true);
    expect(body.split('\n').filter((line) => line === GENERATED_END)).toHaveLength(1);
  });

  it('is due so many days after the run began', () => {
    expect(renderPostMortem(report(), options)).toMatchObject({ due: '2026-03-08' });
    expect(renderPostMortem(report({ startedAt: '2026-02-27T23:59:00Z' }), { ...options, dueInDays: 2 })).toMatchObject(
      { due: '2026-03-01' },
    );
    expect(renderPostMortem(report({ startedAt: 'soon' }), options).due).toBeUndefined();
    expect(renderPostMortem(report(), options).body).toContain('Due: **2026-03-08**');
  });

  it('asks what this rollback leaves open, as tasks', () => {
    const tasks = (one = report()) => renderPostMortem(one, options).body.match(/^- \[ \] .+$/gm) ?? [];
    expect(tasks().join('\n')).not.toMatch(/kept database|not all of it was proven|None was found/i);
    expect(tasks(report({ findings: { before: [], after: [] } }))[0]).toContain('None was found');
    expect(tasks(REPORTS['failed']).join('\n')).toContain('Not all of it was proven');
    expect(tasks(REPORTS['complete-succeeded']).join('\n')).toContain('rows given up');
  });

  it('tells the incident in the order of time, from the bad release on', () => {
    const { body } = renderPostMortem(report(), options);
    const rows = (body.split('## Timeline of the incident')[1]?.split('\n## ')[0] ?? '').match(/^\| 2026.+$/gm) ?? [];
    expect(rows[0]).toContain('got the release that was left');
    expect(rows.at(-1)).toContain('The rollback ended');
    expect(rows).toEqual(
      [...rows].sort((a, b) => (a.slice(0, 25) < b.slice(0, 25) ? -1 : a.slice(0, 25) > b.slice(0, 25) ? 1 : 0)),
    );
    expect(body).toMatch(/answered wrong[\s\S]*answered right again/);
  });

  it('fits into an issue however long and hostile everything is, with room for people, marks and questions whole', () => {
    const long = '<@#`|_*'.repeat(500);
    const log = Array.from({ length: 100 }, () => `${GENERATED_END} ${'é'.repeat(480)}`);
    const many = Array.from({ length: 600 }, (_, index) => ({
      ...workload(`service-${index}`),
      before: {
        hash: 'a',
        images: Array.from({ length: 30 }, (_, at) => `${long}${at}`),
        since: '2026-03-01T13:00:00Z',
      },
    }));
    const evidence = Array.from({ length: 50 }, () => ({ subject: long, observed: long, expected: long }));
    const { body, title } = renderPostMortem(
      report({
        namespace: long,
        outcome: 'failed',
        healthy: false,
        workloads: many,
        run: { ...report().run, reason: long.repeat(10), actor: long },
        steps: Array.from({ length: 21 }, (_, at) =>
          step(`step-${at}`, { status: 'failed', failure: failure('INTERNAL', `${at}${long}`, long), evidence }),
        ),
        kept: Array.from({ length: 50 }, (_, at) => ({ pod: `pod-${at}`, container: 'web', log })),
      }),
      options,
    );
    expect(body.length).toBeLessThanOrEqual(ISSUE_BODY_LIMIT - 9000);
    expect([...title].length).toBeLessThanOrEqual(256);
    expect(body).toMatch(/✂️ Shortened to fit/);
    expect(body).toContain('## Open questions');
    expect(body.split('\n').filter((line) => line.trim() === GENERATED_END)).toHaveLength(1);
    expect(body.match(/<details/g)?.length).toBe(body.match(/<\/details>/g)?.length);
  });

  it('lets no log pass for one of its marks', () => {
    const log = [GENERATED_END, incidentMarker('9-9'), marker, '<!--   TIERED-ROLLBACK end -->'];
    const { body } = renderPostMortem(report({ kept: [{ pod: 'p', container: 'c', log }] }), options);
    expect(hasMarker(body, incidentMarker('9-9'))).toBe(false);
    expect(body.split(GENERATED_END)).toHaveLength(2);
    expect(body.split(marker)).toHaveLength(2);
    const edited = body.replace('- [ ] How', '- [x] How');
    expect(withGenerated(edited, body, marker)).toBe(edited);
  });

  it.each(Object.entries(REPORTS))('writes %s as pages whose links and pictures are ours alone', (_, one) => {
    const url = 'https://github.com/shop/app/issues/7';
    for (const text of [renderPostMortem(one, options).body, renderRecord(one, { postMortemUrl: url }).content]) {
      const page = marked.parse(text, { async: false });
      expect(page).not.toMatch(/<(?:script|img|iframe)\b/);
      const links = [...page.matchAll(/<a href="([^"]*)"/g)].map((match) => match[1]);
      expect(links.filter((link) => link !== one.run.url && link !== url)).toEqual([]);
      expect(page.match(/<details/g)?.length).toBe(page.match(/<\/details>/g)?.length);
    }
  });
});

describe('renderRecord', () => {
  it('has a place of its own per run, whatever the run is called', () => {
    expect(renderRecord(report()).path).toBe('rollbacks/2026-03-01-4711-1.md');
    expect(renderRecord(report({ run: { ...report().run, id: '../../x y' } })).path).toBe(
      'rollbacks/2026-03-01-------x-y.md',
    );
  });

  it('links to an issue only', () => {
    expect(renderRecord(report(), { postMortemUrl: 'https://x.example/o/r/issues/7' }).content).toContain(
      '<https://x.example/o/r/issues/7>',
    );
    for (const postMortemUrl of ['javascript:alert(1)', 'https://x.example/"><b>/issues/7', ''])
      expect(renderRecord(report(), { postMortemUrl }).content).not.toContain('Post-mortem: <');
  });

  it('is committed by one line, and starts no workflow', () => {
    const { message } = renderRecord(report({ namespace: 'a\nb' }));
    expect(message).toBe('Record the rollback of a b (run 4711-1) [skip ci]');
  });
});

describe('renderDeployment', () => {
  it('says success only where health was proven, and nothing where nothing was deployed', () => {
    for (const outcome of RUN_OUTCOMES)
      for (const healthy of [true, false, 'unknown'] as const) {
        const text = renderDeployment(report({ outcome, healthy }));
        if (text?.state === 'success')
          expect([healthy, ['succeeded', 'no-op'].includes(outcome)]).toEqual([true, true]);
        expect(`${outcome} ${text === undefined}`).toBe(`${outcome} ${outcome === 'refused' || outcome === 'planned'}`);
      }
    expect(renderDeployment(report({ mode: 'plan', outcome: 'planned' }))).toBeUndefined();
    expect(renderDeployment(report())).toEqual({
      state: 'success',
      description: 'Rolled back and verified (production)',
    });
    expect([...(renderDeployment(report({ namespace: 'x'.repeat(300) }))?.description ?? '')]).toHaveLength(140);
  });
});
