import { describe, expect, it } from '@jest/globals';
import { marked } from 'marked';
import { RUN_OUTCOMES } from '../../../src/core/report.ts';
import { renderHtml } from '../../../src/report/html.ts';
import { renderLog } from '../../../src/report/log.ts';
import { SUMMARY_LIMIT_BYTES } from '../../../src/report/summary/fit.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { headlineOf, isGood } from '../../../src/report/verdict.ts';
import { REPORTS } from '../../golden/reports.ts';
import { failure, report, step, workload } from '../../golden/samples.ts';

const bytes = (text: string) => new TextEncoder().encode(text).length;
const workloads = (count: number) => Array.from({ length: count }, (_, index) => workload(`service-${index}`));

describe('renderSummary', () => {
  it('shows unknown health never as green', () => {
    for (const outcome of RUN_OUTCOMES) {
      const unproven = report({ outcome, healthy: 'unknown' });
      expect(headlineOf(unproven).icon).not.toBe('✅');
      expect(renderSummary(unproven).split('\n')[0]).not.toContain('✅');
      expect(renderLog(unproven)[0]).not.toContain('✅');
    }
  });

  it('says what to do next in every report that is not good, and in none that is', () => {
    for (const [name, one] of Object.entries(REPORTS)) {
      const heading = one.language === 'fr' ? '### À faire maintenant' : '### Do this next';
      expect(`${name} ${renderSummary(one).includes(heading)}`).toBe(`${name} ${!isGood(one)}`);
    }
  });

  it('shows what a check will look at, where it says so', () => {
    const planned = { kind: 'check', summary: ['npm run test:db:connection', '<b>npm test</b>'] } as const;
    const plan = { tier: 'rapid', steps: [{ step: 'run-commands', planned }], digest: '0' } as const;
    for (const page of [renderSummary, renderHtml].map((render) =>
      render(report({ mode: 'plan', outcome: 'planned', plan })),
    )) {
      expect(page).toContain('npm run test:db:connection');
      expect(page).not.toContain('<b>npm');
    }
  });

  it('keeps 500 workloads readable: those in trouble in sight, the others folded', () => {
    const many = workloads(500);
    const bad = workload('broken');
    many[250] = { ...bad, now: { ...bad.before, ready: 0, desired: 3 } };
    const summary = renderSummary(report({ outcome: 'partial', healthy: false, workloads: many }));
    const visible = summary.replace(/<details>[\s\S]*?<\/details>/g, '');
    expect(visible).toContain('deployment/broken');
    expect(visible.match(/deployment\/service-/g) ?? []).toHaveLength(0);
    expect(summary).toContain('499 workloads at target and ready');
  });

  it('stays below the limit by bytes, cut from the bottom, and says so', () => {
    const log = Array.from({ length: 100 }, () => 'é'.repeat(480));
    const kept = Array.from({ length: 50 }, (_, index) => ({ pod: `pod-${index}`, container: 'web', log }));
    const diffs = Array.from({ length: 100 }, (_, index) => ({ object: `deployment/${index}`, diff: log.join('\n') }));
    const summary = renderSummary(
      report({
        kept,
        plan: {
          tier: 'rapid',
          digest: 'd',
          steps: [{ step: 'undo-workloads', planned: { kind: 'change', change: { summary: [], diffs } } }],
        },
      }),
    );
    expect(bytes(summary)).toBeLessThanOrEqual(SUMMARY_LIMIT_BYTES);
    expect(bytes(summary)).toBeGreaterThan(SUMMARY_LIMIT_BYTES * 0.9);
    expect(summary).toContain('### Validation checklist');
    expect(summary).toMatch(/✂️ Shortened to fit.*Plan/);
    expect(summary.match(/<details/g)).toHaveLength(summary.match(/<\/details>/g)?.length ?? 0);
  });

  it('keeps the first parts even when next to nothing fits', () => {
    const summary = renderSummary(report({ workloads: workloads(400) }), 16 * 1024);
    expect(bytes(summary)).toBeLessThanOrEqual(16 * 1024);
    for (const part of ['## ✅', '### Workloads', '### Validation checklist', '### Steps', '✂️']) {
      expect(summary).toContain(part);
    }
  });

  it('stays below the limit when every text is as long and as hostile as it can be', () => {
    const long = '<@#`|_*'.repeat(500);
    const evidence = Array.from({ length: 50 }, () => ({ subject: long, observed: long, expected: long }));
    const many = workloads(600).map((one) => ({
      ...one,
      ref: { ...one.ref, name: long },
      before: { hash: 'a', images: Array.from({ length: 30 }, (_, index) => `${long}${index}`) },
    }));
    const steps = Array.from({ length: 21 }, (_, index) =>
      step(`step-${index}`, { status: 'failed', failure: failure('INTERNAL', `${index}${long}`, long), evidence }),
    );
    const summary = renderSummary(report({ outcome: 'failed', healthy: false, workloads: many, steps }));
    expect(bytes(summary)).toBeLessThanOrEqual(SUMMARY_LIMIT_BYTES);
    expect(summary).toContain('### Validation checklist');
    expect(summary).toContain('### Steps');
  });

  it.each(Object.entries(REPORTS))('writes %s as a page whose links and pictures are ours alone', (_, one) => {
    const page = marked.parse(renderSummary(one), { async: false });
    expect(page).not.toMatch(/<(?:script|img|iframe|h1)\b/);
    const links = [...page.matchAll(/<a href="([^"]*)"/g)].map((match) => match[1]);
    expect(links.every((link) => link === one.run.url)).toBe(true);
    expect(page.match(/<details/g)?.length).toBe(page.match(/<\/details>/g)?.length);
  });
});

describe('renderLog', () => {
  it.each(Object.entries(REPORTS))('has no workflow command and no line break in %s', (_, one) => {
    for (const line of renderLog(one)) {
      expect(line.trimStart()).not.toMatch(/^::/);
      expect(line).not.toMatch(/\n|##\[/);
    }
  });
});
