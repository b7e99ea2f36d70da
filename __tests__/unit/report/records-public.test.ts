import { describe, expect, it } from '@jest/globals';
import { said } from '../../../src/core/said.ts';
import { speak, tr } from '../../../src/core/tr.ts';
import { renderHtml } from '../../../src/report/html.ts';
import { catalogueOf } from '../../../src/report/languages.ts';
import { renderLog } from '../../../src/report/log.ts';
import { outputsOf } from '../../../src/report/outputs.ts';
import { renderPostMortem } from '../../../src/report/records/post-mortem.ts';
import { renderRecord } from '../../../src/report/records/record.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { TEXTS } from '../../../src/report/texts/fr/index.ts';
import { REPORTS } from '../../golden/reports.ts';
import { crash, failure, passed, report, step } from '../../golden/samples.ts';

const PRIVATE = 'PRIVATE-4711';
const server = 'https://k8s.internal.example:6443';
const full = report({
  cluster: { server, context: `${PRIVATE}-context`, version: 'v1.37.2' },
  kept: [{ pod: 'web-1', container: 'web', log: [PRIVATE] }],
  findings: { before: [{ ...crash, evidence: [PRIVATE] }], after: [{ ...crash, evidence: [PRIVATE] }] },
  failures: [failure('CLUSTER_UNREACHABLE', `${server}: ${PRIVATE}`, `curl ${server}`)],
  notes: [said('note.dump-notice', { text: PRIVATE })],
  steps: [
    step('undo-workloads', passed('deployment/web', 'runs web:1.4.2', 'runs web:1.4.2')),
    step('run-commands', passed('npm run test', `exit code 0, 2.1 s | ${PRIVATE} | ${PRIVATE}`, 'exit code 0')),
    step('rollback-migrations', passed('npm run status', `${PRIVATE} | exit code 0`, 'its last lines')),
    step('check-events', passed('pod/web-1', PRIVATE, 'no warning')),
    step('check-health', passed('GET https://shop.example', 'connect ECONNREFUSED 10.0.0.12:443', '200 to 299')),
    step('check-pods', {
      status: 'failed',
      failure: failure('ROLLOUT_FAILED', PRIVATE, 'kubectl get pods', [PRIVATE]),
      evidence: [{ subject: 'log of deployment/web', observed: PRIVATE, expected: 'no more errors' }],
    }),
  ],
});
const options = { incident: '4711-1', dueInDays: 7 };

describe('records that everybody may read', () => {
  it('leave out what quotes a log, an event or Prometheus in the language that the steps speak, too', () => {
    speak(TEXTS);
    try {
      const steps = [
        step('check-events', passed(tr`events`, tr`${1} warnings${''}`, tr`0 warnings since the rollback`)),
        step('check-metrics', passed('errors', tr`Prometheus warns: ${PRIVATE}`, tr`no warning`)),
        step('check-pods', passed(tr`logs of ${'deployment/web'}`, tr`, last: ${PRIVATE}`, tr`none`)),
      ];
      const { content } = renderRecord({ ...full, language: 'fr', steps }, { details: false });
      expect(content).not.toContain(PRIVATE);
      expect(content).toContain('avertissements : 1');
    } finally {
      speak({});
    }
  });

  it.each(['en', 'fr'] as const)(
    'leave out log lines, output of commands and addresses, and say so (%s)',
    (language) => {
      const one = { ...full, language };
      const texts = [
        renderPostMortem(one, { ...options, details: false }).body,
        renderRecord(one, { details: false }).content,
      ];
      for (const text of texts) {
        expect(text).not.toContain(PRIVATE);
        expect(text).not.toContain('k8s.internal.example');
        expect(text).not.toContain('10.0.0.12');
        expect(text).toContain(`<${one.run.url}>`);
        expect(text).toMatch(/are left out here|ne figurent pas ici/);
        // What was measured, counted and named stays.
        expect(text).toMatch(/runs web:1\.4\.2/);
        expect(text).toMatch(/exit code 0/);
      }
      expect(texts[0]).toContain(catalogueOf(language).errors.ROLLOUT_FAILED);
      for (const text of [renderPostMortem(one, options).body, renderRecord(one).content])
        expect(text).toContain(PRIVATE);
    },
  );

  it.each(Object.entries(REPORTS))('are written of %s', (name, one) => {
    const { body } = renderPostMortem(one, { ...options, details: false });
    // The hostile report has the same text everywhere, and as the name of what stays.
    const log = name === 'hostile' ? [] : one.kept.flatMap((kept) => kept.log);
    for (const line of log) expect(body).not.toContain(line);
    if (one.cluster.server !== '') expect(body).not.toContain(new URL(one.cluster.server).hostname);
  });
});

describe('links to the records', () => {
  const records = {
    issueUrl: 'https://github.com/shop/app/issues/7',
    due: '2026-03-08',
    recordUrl: 'https://github.com/shop/app/blob/records/rollbacks/2026-03-01-4711-1.md',
  };

  it.each([
    ['en', 'due 2026-03-08'],
    ['fr', 'échéance : 2026-03-08'],
  ] as const)('stand in summary, page and log (%s)', (language, due) => {
    const one = report({ records, language });
    for (const text of [renderSummary(one), renderHtml(one), renderLog(one).join('\n')])
      for (const part of [records.issueUrl, records.recordUrl, due]) expect(text).toContain(part);
    expect(outputsOf(one)['issue-url']).toBe(records.issueUrl);
  });

  it.each(['javascript:alert(1)', 'https://x.example/"><b>/issues/7', ''])('are pages only, not %s', (issueUrl) => {
    const one = report({ records: { issueUrl, recordUrl: issueUrl, due: '<b>' } });
    for (const text of [renderSummary(one), renderHtml(one)]) {
      expect(text).not.toContain('javascript:');
      expect(text).not.toContain('"><b>');
    }
    expect(outputsOf(one)['issue-url']).toBe('');
  });
});
