import { describe, expect, it } from '@jest/globals';
import type { Report } from '../../../src/core/report.ts';
import { renderTeamMessage } from '../../../src/report/messages/team.ts';
import { renderUsersNotice } from '../../../src/report/messages/users.ts';
import { redactReport } from '../../../src/report/redact.ts';
import { isPlan } from '../../../src/report/verdict.ts';
import { REPORTS } from '../../golden/reports.ts';
import { report } from '../../golden/samples.ts';

const application = '224Solutions';
const STABLE = /stable/i;
const told = Object.entries(REPORTS).filter(([, one]) => !isPlan(one) && !one.discovery);
const team = (one: Report) => renderTeamMessage(one, { application });
const sentence = (one: Report) => team(one).split('\n')[0] ?? '';
const users = (one: Report, name = application) => renderUsersNotice(one, { application: name });
const verified = ({ outcome, healthy }: Report) => (outcome === 'succeeded' || outcome === 'no-op') && healthy === true;

describe('the message to the team', () => {
  it('begins with the sentence of the checklist when the rollback was verified', () => {
    const french = report({ language: 'fr' });
    expect(sentence(french)).toBe('🔄 ROLLBACK EFFECTUÉ - 224Solutions est revenu à un état stable');
    expect(sentence(report())).toBe('🔄 ROLLBACK DONE - 224Solutions is back to a stable state');
  });

  it.each(['rollback', 'undo'] as const)('says stable only of what was verified (%s)', (mode) => {
    for (const language of ['en', 'fr'] as const)
      for (const outcome of ['succeeded', 'no-op', 'failed', 'partial', 'refused', 'cancelled'] as const)
        for (const healthy of [true, false, 'unknown'] as const) {
          const one = report({ mode, language, outcome, healthy });
          const isStable = mode === 'rollback' && verified(one);
          expect([language, outcome, healthy, STABLE.test(sentence(one))]).toEqual([
            language,
            outcome,
            healthy,
            isStable,
          ]);
        }
  });

  it('has a sentence of its own for each verdict', () => {
    const all = (['rollback', 'undo'] as const).flatMap((mode) =>
      (['succeeded', 'no-op', 'failed', 'partial', 'refused'] as const).flatMap((outcome) =>
        ([true, false, 'unknown'] as const).map((healthy) => sentence(report({ mode, outcome, healthy }))),
      ),
    );
    expect(new Set(all).size).toBe(15);
  });

  it.each(told)('is short enough for a phone: %s', (_name, one) => {
    const text = team({ ...one, records: { issueUrl: 'https://github.com/shop/app/issues/7', due: '2026-03-06' } });
    expect(text.split('\n').length).toBeLessThanOrEqual(16);
    expect(text.length).toBeLessThan(2500);
    expect(text).not.toMatch(/undefined|\[object|\{\w+\}/);
  });

  it('names who to call and one command to type where something failed, and neither where all is well', () => {
    expect(team(report())).not.toMatch(/☎|▶/);
    const failed = team(REPORTS['failed'] as Report);
    expect(failed).toMatch(/☎ DevOps lead: \+224 620 00 00 00/);
    expect(failed.match(/^▶ kubectl .+$/gm)).toHaveLength(1);
  });

  it('does not put the command of another trouble under a hint that is to be pasted', () => {
    expect(team(REPORTS['refused'] as Report)).not.toContain('▶');
  });

  it('says what became of the records', () => {
    const records = { issueUrl: 'https://github.com/shop/app/issues/7', due: '2026-03-06' };
    expect(team(report({ records }))).toContain('Post-mortem: https://github.com/shop/app/issues/7 (due 2026-03-06)');
    expect(renderTeamMessage(report(), { application, notRecorded: ['plan-post-mortem'] })).toMatch(/^⚠️ .+: failed$/m);
  });

  it('links no address that is none', () => {
    const { run } = report();
    for (const url of ['', 'javascript:alert(1)', 'https://x.example/a b', 'http://x.example/<!channel>'])
      expect(team(report({ run: { ...run, url } }))).not.toMatch(/^Run:/m);
  });

  it('holds no secret of the run', () => {
    const secret = 's3cret-token-of-the-run';
    const { run } = report();
    const open = report({
      outcome: 'failed',
      healthy: false,
      run: { ...run, reason: `deploy with ${secret}` },
      failures: [{ code: 'INTERNAL', message: `saw ${secret}`, hint: `kubectl get ${secret}`, causes: [] }],
    });
    expect(team(open)).toContain(secret);
    expect(team(redactReport(open, [secret]))).not.toContain(secret);
  });
});

describe('the notice to users', () => {
  it.each(told)('says nothing that only engineers know: %s', (_name, one) => {
    const { subject, text, html } = users({ ...one, namespace: 'ns-of-the-shop' });
    for (const part of [subject, text, html]) {
      expect(part).not.toMatch(/ns-of-the-shop|registry|web:1|deployment\/|kubectl|[A-Z]{4,}_[A-Z]|amara/);
      expect(part).not.toMatch(/undefined|\[object|\{\w+\}|\?/);
    }
  });

  it.each(['en', 'fr'] as const)('says that the service is back only where that was verified (%s)', (language) => {
    for (const outcome of ['succeeded', 'no-op', 'failed', 'partial', 'refused'] as const)
      for (const healthy of [true, false, 'unknown'] as const) {
        const one = report({ language, outcome, healthy });
        const { subject, text, html } = users(one);
        for (const part of [subject, text, html])
          expect(/available again|works again|de nouveau/.test(part) && !verified(one)).toBe(false);
        expect(/available again|de nouveau disponible/.test(subject)).toBe(verified(one));
      }
  });

  const away = (spans: Report['probes'][number]['spans'], downtimeSeconds: number): Partial<Report> => {
    const [probe] = report().probes;
    if (!probe) throw new Error('the sample has no probe');
    return { probes: [{ ...probe, spans, downtimeMs: downtimeSeconds * 1000 }], downtimeSeconds };
  };
  const at = (time: string) => `2026-03-01T${time}:00.000Z`;

  it('tells the time in words', () => {
    const spans = [
      { ok: true, from: at('14:00'), to: at('14:05') },
      { ok: false, from: at('14:05'), to: at('16:12') },
      { ok: true, from: at('16:12'), to: at('16:13') },
    ];
    const one = away(spans, 127 * 60);
    expect(users(report(one)).text).toContain(
      'was interrupted or disturbed on 1 March 2026 between 14:05 and 16:12 UTC. We measured an interruption of about 2 hours and 7 minutes.',
    );
    expect(users(report({ ...one, language: 'fr' })).text.replaceAll('\u00a0', ' ')).toContain(
      "a été interrompu ou perturbé le 1er mars 2026 entre 14 h 05 et 16 h 12 (UTC). Nous avons mesuré une interruption d'environ 2 heures et 7 minutes.",
    );
  });

  it('tells a time over midnight, and one that goes on', () => {
    const spans = [
      { ok: true, from: '2026-02-28T23:50:00Z', to: '2026-02-28T23:59:00Z' },
      { ok: false, from: '2026-02-28T23:59:00Z', to: at('00:02') },
    ];
    const one = away(spans, 180);
    expect(users(report(one)).text).toContain('between 23:59 UTC on 28 February 2026 and 00:02 UTC on 1 March 2026');
    const failed = report({ ...one, outcome: 'failed', healthy: false });
    expect(users(failed).text).toContain('has been interrupted or disturbed since 23:59 UTC on 28 February 2026.');
    expect(users(failed).text).toContain('We are working on bringing the service back.');
  });

  it('claims no interruption that was not measured', () => {
    const one = report({ outcome: 'no-op', probes: [], downtimeSeconds: 0 });
    expect(users(one).subject).toBe('Maintenance of 224Solutions is over');
    expect(users(one).text).not.toContain('interrupt');
  });

  it('asks users to look at their entries only where rows were given up', () => {
    expect(users(REPORTS['complete-succeeded'] as Report).text).toContain('please look at your latest entries');
    expect(users(report()).text).not.toContain('latest entries');
  });

  it('has a name for an application without one', () => {
    expect(users(report(), '').subject).toBe('Our service is available again');
    expect(users(report({ language: 'fr' }), '').text).toContain("L'accès à notre service");
  });

  it('is a page of its own in which a name is text', () => {
    const { html, subject } = users(report(), '<script>alert("x")</script>\n& co');
    expect(html).not.toMatch(/<script|src=|href=|url\(|@import|http/i);
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; co');
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(subject).not.toContain('\n');
  });
});
