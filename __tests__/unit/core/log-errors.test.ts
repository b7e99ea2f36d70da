import { describe, expect, it } from '@jest/globals';
import { type CountedLog, ERROR_LINE, judgeLogs, logLines, spanOf } from '../../../src/core/log-errors.ts';
import { LogPattern, PatternTooSlow } from '../../../src/core/log-pattern.ts';

const log = (container: string, errors: number, seconds: number, more: Partial<CountedLog> = {}): CountedLog => ({
  pod: 'web-1',
  container,
  errors,
  ms: seconds * 1000,
  ...more,
});

describe('the pattern of an error line', () => {
  const pattern = new LogPattern(ERROR_LINE);

  it.each([
    '2026-01-01 12:00:00 ERROR cannot reach the database',
    'level=error msg="no such host"',
    '{"level":"fatal","msg":"x"}',
    '{"time":1,"error":"connection refused"}',
    'Exception in thread "main" java.lang.NullPointerException: x',
    'TypeError: undefined is not a function',
    'Traceback (most recent call last):',
    '\u001b[31merror\u001b[39m: something broke',
    '\u001b[1;31mERROR\u001b[0m something broke',
    'panic: assignment to entry in nil map',
    'E0131 10:00:00.000000       1 reflector.go:1] failed to list',
    '2026/01/01 12:00:00 [error] 7#7: *1 upstream timed out',
  ])('is found in %s', (line) => {
    expect(pattern.matching(['ok', line])).toEqual([1]);
  });

  it.each([
    'listening on :8080',
    'GET /health 200 0 errors',
    'finished without error',
    'tests: 0 error, 12 passed',
    '{"level":"info","error":null}',
    'job done error="" duration=3s',
    'errors_total 3',
    'terror management',
    'E2E tests are off',
  ])('is not found in %s', (line) => {
    expect(pattern.matching([line])).toEqual([]);
  });

  it('is quick on long hostile lines', () => {
    const lines = Array.from({ length: 500 }, () => `${'without '.repeat(500)}error`);
    expect(pattern.matching(lines)).toEqual([]);
  });
});

describe("a user's pattern", () => {
  it.each(['(a+)+$', '(a|aa)+$', String.raw`\w*\w*\w*\w*\w*!`])('%s is ended when it takes too long', (source) => {
    expect(() => new LogPattern(source).matching([`${'a'.repeat(1000)}b`])).toThrow(PatternTooSlow);
  });

  it('is applied to the beginning of a long line', () => {
    const pattern = new LogPattern('ERROR|FATAL');
    expect(pattern.matching([`ERROR${'x'.repeat(100_000)}`, `${'x'.repeat(100_000)}FATAL`])).toEqual([0]);
  });

  it('cannot reach out of its script, whatever the line', () => {
    const pattern = new LogPattern('process');
    expect(pattern.matching(['`; process.exit(1); `', "'; process.exit(1); '", 'nothing'])).toEqual([0, 1]);
    expect(pattern.matching(['nothing'])).toEqual([]);
  });
});

describe('lines', () => {
  it('have their time taken off, where they have one', () => {
    expect(logLines(['2026-01-01T00:00:01.500000000Z one', '2026-01-01T01:00:00+01:00 two', 'three', ''])).toEqual([
      { at: Date.parse('2026-01-01T00:00:01.5Z'), text: 'one' },
      { at: Date.parse('2026-01-01T00:00:00Z'), text: 'two' },
      { text: 'three' },
      { text: '' },
    ]);
  });

  it('are none where the kubelet has removed the container', () => {
    expect(logLines(['unable to retrieve container logs for containerd://4a1b'])).toEqual([]);
  });

  it('speak of the whole time that was asked about, unless some were left out', () => {
    const lines = logLines(['2026-01-01T00:00:10Z a', '2026-01-01T00:00:14Z b']);
    expect(spanOf(lines, 60_000, false)).toBe(60_000);
    expect(spanOf(lines, 60_000, true)).toBe(4000);
    expect(spanOf(lines, 2000, true)).toBe(2000);
    expect(spanOf([], 60_000, true)).toBe(60_000);
    expect(spanOf(logLines(['2026-01-01T00:00:10Z a', '2026-01-01T00:00:10Z b']), 60_000, true)).toBe(1000);
  });
});

describe('judgeLogs', () => {
  it('compares by rate: neither the number of pods nor the length of the look counts', () => {
    const before = [log('app', 30, 300)];
    expect(judgeLogs(before, [log('app', 4, 40)], 0)).toMatchObject({ kind: 'as-before', errors: 4, before: 4 });
    expect(judgeLogs(before, [log('app', 4, 40), log('app', 4, 40)], 0)).toMatchObject({
      kind: 'as-before',
      before: 8,
      ms: 40_000,
    });
  });

  it('compares each container with the one of its name', () => {
    const before = [log('app', 0, 60), log('proxy', 60, 60)];
    expect(judgeLogs(before, [log('app', 10, 10), log('proxy', 0, 10)], 5)).toMatchObject({ before: 10 });
    expect(judgeLogs(before, [log('app', 10, 10)], 5)).toMatchObject({ kind: 'above-limit', before: 0 });
  });

  it('takes a container that was not there before for one that logged none', () => {
    expect(judgeLogs([log('app', 9, 9)], [log('migrate', 2, 1)], 1)).toMatchObject({ kind: 'above-limit', before: 0 });
    expect(judgeLogs([], [log('app', 2, 1)], 2)).toMatchObject({ kind: 'as-before' });
  });

  it('makes a failure of a rise only by a limit, and counts from what is usual', () => {
    const before = [log('app', 3, 60)];
    const after = [log('app', 50, 60)];
    expect(judgeLogs(before, after)).toMatchObject({ kind: 'rose', errors: 50, before: 3 });
    expect(judgeLogs(before, after, 46)).toMatchObject({ kind: 'above-limit' });
    expect(judgeLogs(before, after, 47)).toMatchObject({ kind: 'rose' });
    expect(judgeLogs(before, [log('app', 8, 60)])).toMatchObject({ kind: 'as-before' });
    expect(judgeLogs(before, [log('app', 9, 60)])).toMatchObject({ kind: 'rose' });
  });

  it('names the log with the newest error line', () => {
    const one = log('app', 1, 9, { pod: 'a', last: { at: 5, text: 'old' } });
    const two = log('app', 1, 9, { pod: 'b', last: { at: 9, text: 'new' } });
    expect(judgeLogs([], [one, two, log('app', 0, 9)]).newest).toBe(two);
    expect(judgeLogs([], [log('app', 0, 9)]).newest).toBeUndefined();
  });
});
