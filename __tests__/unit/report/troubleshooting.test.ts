import { describe, expect, it } from '@jest/globals';
import type { Finding } from '../../../src/core/finding.ts';
import type { Report } from '../../../src/core/report.ts';
import { renderHtml } from '../../../src/report/html.ts';
import { renderLog } from '../../../src/report/log.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { callsOf } from '../../../src/report/troubleshooting.ts';
import { crash, failure, report, step } from '../../golden/samples.ts';
import { expectNested, tagsOf, textOf } from './page.ts';

const secret: Finding = {
  ...crash,
  cause: 'missing-secret',
  values: { name: 'web-db' },
  evidence: ['not found'],
  contact: 'security',
};
const corrupt = step('restore-database', {
  status: 'failed',
  failure: failure('DUMP_CORRUPT', 'line 7: a zero byte stands in the text', 'Take another backup.'),
  evidence: [],
});
const ALL = { devops: '+224 1', database: '+224 2', security: 'security@shop.example' };
const broken = (more: Partial<Report> = {}): Report =>
  report({
    outcome: 'failed',
    healthy: false,
    steps: [corrupt],
    findings: { before: [], after: [crash, secret] },
    contacts: ALL,
    ...more,
  });
const pairs = (one: Report) =>
  callsOf(one).map(({ who, number, entries }) => [who, number, entries.map(({ cause }) => cause)]);

describe('whom to call', () => {
  it('follows from the causes, most urgent first, each contact once', () => {
    expect(pairs(broken())).toEqual([
      ['devops', '+224 1', ['crash-loop']],
      ['security', 'security@shop.example', ['missing-secret']],
      ['database', '+224 2', ['DUMP_CORRUPT']],
    ]);
  });

  it('is somebody who is configured, where nobody is for the cause', () => {
    expect(pairs(broken({ contacts: { devops: '+224 1', database: '' } }))).toEqual([
      ['devops', '+224 1', ['crash-loop', 'missing-secret', 'DUMP_CORRUPT']],
    ]);
    expect(pairs(broken({ contacts: { security: 's' } })).map(([who]) => who)).toEqual(['security']);
  });

  it('is anybody, where no cause is named', () => {
    const unclear = broken({ findings: { before: [], after: [] }, steps: [] });
    expect(pairs(unclear)).toEqual([['devops', '+224 1', []]]);
  });

  it('is not spoken of where no contact is configured', () => {
    const one = broken({ contacts: {} });
    expect(callsOf(one)).toEqual([]);
    for (const text of [renderSummary(one), renderLog(one).join('\n'), textOf(renderHtml(one))]) {
      expect(text).not.toMatch(/contact|☎|DevOps lead|security team|database admin/i);
    }
  });

  it('is not spoken of where all is good', () => {
    const good = report({ contacts: ALL });
    for (const text of [renderSummary(good), renderLog(good).join('\n'), textOf(renderHtml(good))]) {
      expect(text).not.toContain(ALL.devops);
      expect(text).not.toContain('Troubleshooting');
    }
  });

  it.each([
    [
      'en' as const,
      'security team, security@shop.example',
      'A Secret is missing',
      'database admin, +224 2',
      'The backup is damaged',
    ],
    [
      'fr' as const,
      'Security Team, security@shop.example',
      'Un Secret est manquant',
      'Database Admin, +224 2',
      'La sauvegarde est abîmée',
    ],
  ])('stands in the log in %s', (language, security, missing, database, damaged) => {
    const log = renderLog(broken({ language }));
    expect(log).toContainEqual(expect.stringMatching(new RegExp(`${security.replace('+', '\\+')} \\(${missing}\\)$`)));
    expect(log).toContainEqual(expect.stringMatching(new RegExp(`${database.replace('+', '\\+')} \\(${damaged}\\)$`)));
  });
});

describe('the section', () => {
  it('has the lines of the checklist in its order, in its own words', () => {
    const page = renderSummary(broken({ language: 'fr' }));
    const titles = ['Pods ne redémarrent pas', 'Base de données', 'Secrets manquants'].map((title) =>
      page.indexOf(`**${title}**`),
    );
    expect(titles.every((at) => at > 0)).toBe(true);
    expect(titles).toEqual(titles.toSorted((a, b) => a - b));
    expect(page).not.toContain('**DNS non résolu');
  });

  it('stands in the HTML report, too, with a cause in each row', () => {
    const page = renderHtml(broken());
    expectNested(tagsOf(page));
    expect(page).toContain('<a href="#troubleshooting">Troubleshooting</a>');
    for (const text of ['Secrets are missing', 'A Secret is missing', 'The backup is damaged', 'line 7: a zero byte']) {
      expect(textOf(page)).toContain(text);
    }
  });

  it('neutralises all that is hostile', () => {
    const hostile = '</td><script>x</script> | `a` @team ::error::\u202e';
    const one = broken({
      findings: {
        before: [],
        after: [{ ...secret, evidence: [hostile], command: `kubectl get ${hostile}`, object: hostile }],
      },
      contacts: { security: hostile },
    });
    const [summary, page, log] = [renderSummary(one), renderHtml(one), renderLog(one)];
    expectNested(tagsOf(page));
    for (const text of [summary, page]) expect(text.replaceAll(/```[\s\S]*?```/g, '')).not.toContain('<script');
    expect(summary.replaceAll(/```[\s\S]*?```/g, '')).not.toMatch(/@team|\u202e/);
    for (const line of log) expect(line).not.toMatch(/^\s*::|\n|\u202e/);
  });
});
