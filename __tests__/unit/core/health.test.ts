import { describe, expect, it } from '@jest/globals';
import type { HealthCheck } from '../../../src/core/config.ts';
import { judge } from '../../../src/core/health.ts';

const check = (more: Partial<HealthCheck> = {}): HealthCheck => ({
  name: 'https://shop.example/health',
  at: { kind: 'url', url: 'https://shop.example/health' },
  status: { from: 200, to: 299 },
  timeoutMs: 1000,
  successes: 3,
  ...more,
});
const answer = (status: number, body = '') => ({ status, body, durationMs: 7.4 });

describe('judge', () => {
  it.each([
    ['a status in the range', check(), answer(204), true, 'status 204 in 7 ms'],
    ['a status outside of it', check(), answer(503), false, 'status 503'],
    ['a redirect, which is no success', check(), answer(302), false, 'status 302'],
    ['one status exactly', check({ status: { from: 401, to: 401 } }), answer(401), true, 'status 401 in 7 ms'],
    ['a body with the text', check({ contains: 'ok' }), answer(200, 'all ok'), true, 'status 200 in 7 ms'],
    [
      '200 with an error body',
      check({ contains: '"ok"' }),
      answer(200, 'database down'),
      false,
      'status 200, the text is not in the body',
    ],
    ['a JSON value', check({ json: { 'db.up': true } }), answer(200, '{"db":{"up":true}}'), true, 'status 200 in 7 ms'],
    [
      'another JSON value',
      check({ json: { 'db.up': true } }),
      answer(200, '{"db":{"up":false}}'),
      false,
      'status 200, db.up is false',
    ],
    [
      'a JSON value that is absent',
      check({ json: { 'db.up': true } }),
      answer(200, '{}'),
      false,
      'status 200, db.up is absent',
    ],
    [
      'a body that is no JSON',
      check({ json: { 'db.up': true } }),
      answer(200, '<html>'),
      false,
      'status 200, db.up is absent',
    ],
  ])('%s', (_what, expected, seen, ok, observed) => {
    expect(judge(expected, seen)).toMatchObject({ ok, observed });
  });

  it('says why there was no answer, and what was expected', () => {
    expect(judge(check({ contains: 'ok', json: { a: 1 } }), new Error('connection refused'))).toEqual({
      ok: false,
      observed: 'connection refused',
      expected: 'status 200-299, body with "ok", a = 1',
    });
  });

  it('quotes no body: it may be anything', () => {
    const seen = judge(check({ contains: 'ok' }), answer(200, '::error::pwned <script>'));
    expect(JSON.stringify(seen)).not.toContain('pwned');
  });
});
