import { describe, expect, it } from '@jest/globals';
import { said } from '../../../src/core/said.ts';
import { en } from '../../../src/report/en.ts';
import { fr } from '../../../src/report/fr.ts';
import { fill, inLog, inMarkdown, say, sayDuration, sayTime } from '../../../src/report/say.ts';

describe('fill', () => {
  const show = (_: string, value: string) => `<${value}>`;

  it('never reads a value as a template', () => {
    expect(fill('{a} and {b}', { a: '{b}[x]', b: 'c' }, show)).toBe('<{b}[x]> and <c>');
  });

  it('leaves out brackets with a missing or empty value, and marks others', () => {
    expect(fill('a[: {x}][ by {y}] {z}', { x: 0, y: '' }, show)).toBe('a: <0> ?');
    expect(fill('{constructor}', {}, show)).toBe('?');
  });
});

describe('say', () => {
  it('calls steps, tiers and durations by their names', () => {
    expect(say(fr, said('skipped.not-in-tier', { tier: 'emergency' }), inLog)).toBe(
      'appartient au palier urgence, pas à celui-ci',
    );
    expect(say(en, said('skipped.blocked', { step: 'check-pods' }), inLog)).toContain('Check the pods');
    expect(say(fr, said('note.budget-passed', { tier: 'rapid', budget: 90_500 }), inLog)).toContain('1 min 31 s');
  });

  it('leaves names alone, also where one reads like a word of ours', () => {
    const note = said('note.secret-recreated', { secret: 'health' });
    expect(say(fr, note, inLog)).toContain('Secret health ');
    expect(say(fr, said('note.order-database-first', { why: 'schema-unknown' }), inLog)).not.toContain(
      'schema-unknown',
    );
  });

  it('neutralises values for where they stand', () => {
    const note = said('note.pod-deleted', { pod: '<b>', why: '::error::x @team' });
    expect(say(en, note, inMarkdown)).toBe('Pod <code>&lt;b&gt;</code> was deleted: ::error::x &#64;<!-- -->team.');
    expect(say(en, note, inLog)).toBe('Pod <b> was deleted: : :error::x @team.');
  });
});

describe('numbers and times', () => {
  it('are written as the language does', () => {
    expect(sayDuration(en, 12_340)).toBe('12.3 s');
    expect(sayDuration(fr, 12_340)).toBe('12,3 s');
    expect(sayTime('2026-03-01T14:02:11.123Z')).toBe('14:02:11 UTC');
    expect(sayTime('2026-03-01T14:02:11Z', { date: true })).toBe('2026-03-01 14:02 UTC');
    expect(sayTime('yesterday')).toBe('yesterday');
  });
});
