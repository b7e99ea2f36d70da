import { describe, expect, it } from '@jest/globals';
import { renderInterrupted } from '../../../src/report/interrupted.ts';

describe('what post says of a killed run', () => {
  it('names the silences that it ended, and those that may be left, in both languages', () => {
    const ended = { ended: ['id-1', 'id-2'] };
    expect(renderInterrupted('en', undefined, ended).summary).toContain(
      'Alerts are no longer silenced; ended: <code>id-1</code>, <code>id-2</code>.',
    );
    const left = { ended: [], failure: 'away <b>\n## x' };
    const { summary } = renderInterrupted('fr', { back: ['deployment/web'] }, left);
    expect(summary).toContain('<code>deployment/web</code>');
    expect(summary).toContain('Les alertes sont peut-être encore en silence.');
    expect(summary).toContain('away &lt;b&gt; &#35;&#35; x');
    expect(renderInterrupted('fr', undefined, { ended: [] }).summary).not.toContain('silence');
  });
});
