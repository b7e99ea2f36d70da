import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createPrometheus } from '../../src/adapters/prometheus.ts';
import { waitFor } from '../../testbed/condition.ts';
import { type Prometheus, startPrometheus } from '../../testbed/prometheus.ts';
import { type Receiver, type Reply, startReceiver } from '../../testbed/receiver.ts';
import { patientClock } from '../fakes/patient-clock.ts';

const within = { signal: new AbortController().signal };
let application: Receiver;
let hostile: Receiver;
let real: Prometheus;
const open: ReturnType<typeof createPrometheus>[] = [];

beforeAll(async () => {
  [application, hostile] = await Promise.all([startReceiver(), startReceiver()]);
  application.always({
    status: 200,
    headers: { 'content-type': 'text/plain; version=0.0.4' },
    body: 'errors{path="/a"} 3\nerrors{path="/b"} 4\nnothing NaN\nendless +Inf\n',
  });
  real = await startPrometheus({ prefix: '/prometheus', targets: { app: [`127.0.0.1:${application.port}`] } });
  await waitFor('the first scrape', async () => (await client().query('errors', within)).samples.length === 2, {
    timeoutMs: 20_000,
  });
});
beforeEach(() => hostile.clear());
afterAll(async () => {
  await Promise.all(open.map((one) => one.close()));
  await Promise.all([real?.stop(), application?.stop(), hostile?.stop()]);
});

function client(options: Partial<Parameters<typeof createPrometheus>[0]> = {}) {
  const made = createPrometheus({ url: real.url, clock: patientClock(), attemptMs: 5_000, ...options });
  open.push(made);
  return made;
}

describe('a metrics query', () => {
  it('gives a vector with its labels', async () => {
    const { samples, warnings } = await client().query('errors', within);
    expect(warnings).toEqual([]);
    expect(samples.map(({ labels, value }) => [labels['path'], labels['job'], value]).sort()).toEqual([
      ['/a', 'app', 3],
      ['/b', 'app', 4],
    ]);
    expect(Math.abs(Date.now() - (samples[0]?.at ?? 0))).toBeLessThan(60_000);
  });

  it('gives a scalar, what is no number, and what is endless', async () => {
    const value = async (expression: string) =>
      (await client().query(expression, within)).samples.map((sample) => sample.value);
    expect(await value('scalar(sum(errors))')).toEqual([7]);
    expect(await value('nothing')).toEqual([Number.NaN]);
    expect(await value('endless')).toEqual([Number.POSITIVE_INFINITY]);
    expect(await value('-endless')).toEqual([Number.NEGATIVE_INFINITY]);
    expect(await value('absent_metric')).toEqual([]);
  });

  it('asks for the past', async () => {
    expect(await client().query('errors', { ...within, at: Date.now() - 86_400_000 })).toMatchObject({ samples: [] });
  });

  it('may be longer than a URL', async () => {
    const long = `errors{path!~"${'x'.repeat(20_000)}"}`;
    expect((await client().query(long, within)).samples).toHaveLength(2);
  });

  it.each([
    ['cannot be parsed', 'sum(errors', /cannot be used: ".*parse error/],
    ['cannot be executed', 'errors * on(job) errors', /cannot be used: "found duplicate series/],
    ['is a range', 'errors[1m]', /result is a matrix/],
    ['is a text', '"text"', /result is a string/],
  ])('is refused by name when it %s', async (_what, expression, message) => {
    await expect(client().query(expression, within)).rejects.toMatchObject({
      code: 'METRICS_QUERY',
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, Reply, string]>([
    ['a login page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }, 'an HTML page'],
    ['a 400 that is not of Prometheus', { status: 400, body: '<html>' }, 'an HTML page instead of JSON (400)'],
    ['a redirect', { status: 301, headers: { location: 'http://127.0.0.1:9/' } }, 'it redirects (301)'],
    ['an endless answer', { status: 200, endless: true }, 'longer than'],
    ['another form', { status: 200, body: '{"status":"success","data":{}}' }, 'JSON of another form'],
    ['a refusal', { status: 403 }, 'credentials are not accepted (403)'],
    ['illness', { status: 503, body: '{"status":"error","error":"query timed out"}' }, '503 "query timed out"'],
    ['a connection that is cut', 'reset', 'connection reset'],
    ['silence', 'silent', 'no answer within 200 ms'],
  ])('has no answer: %s', async (_what, reply, message) => {
    hostile.always(reply);
    const asked = client({ url: hostile.url, attemptMs: reply === 'silent' ? 200 : 5_000, budgetMs: 500 }).query(
      'up',
      within,
    );
    await expect(asked).rejects.toMatchObject({
      code: 'METRICS_UNAVAILABLE',
      message: expect.stringContaining(message),
    });
  });

  it('hands on what the server warns of', async () => {
    const data = { resultType: 'vector', result: [] };
    hostile.reply({ status: 200, body: JSON.stringify({ status: 'success', data, warnings: ['partial'] }) });
    expect(await client({ url: hostile.url }).query('up', within)).toEqual({ samples: [], warnings: ['partial'] });
  });

  it('is given up when the run is cancelled', async () => {
    hostile.always('silent');
    const controller = new AbortController();
    const asked = client({ url: hostile.url }).query('up', { signal: controller.signal });
    controller.abort();
    await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
