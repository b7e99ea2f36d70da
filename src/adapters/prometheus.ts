import * as z from 'zod';
import { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';
import type { MetricSample, MetricsReader } from '../ports/metrics.ts';
import { jsonOf, serverError } from './endpoint.ts';
import type { ExchangeAnswer } from './http-exchange.ts';
import { Monitoring, type MonitoringOptions } from './monitoring.ts';

/** Time in seconds, and the value as text, because JSON has no NaN. */
const point = z.tuple([z.number(), z.string()]);
const data = z.discriminatedUnion('resultType', [
  z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: point.optional() })),
  }),
  z.object({ resultType: z.literal('scalar'), result: point }),
  z.object({ resultType: z.literal('string') }),
  z.object({ resultType: z.literal('matrix') }),
]);
const success = z.object({
  status: z.literal('success'),
  data,
  warnings: z.array(z.string()).default([]),
});

/** Instant queries of Prometheus, or of what speaks its API (Thanos, Mimir, VictoriaMetrics): https://prometheus.io/docs/prometheus/latest/querying/api/ */
export function createPrometheus(options: MonitoringOptions): MetricsReader & { close(): Promise<void> } {
  const server = new Monitoring('Prometheus', 'METRICS_UNAVAILABLE', '/api/v1/query?query=up', options);
  return {
    async query(expression, { signal, at }) {
      const answer = await server.call(
        {
          method: 'POST',
          path: '/api/v1/query',
          contentType: 'application/x-www-form-urlencoded',
          // As a form: an expression may be longer than a URL.
          body: new URLSearchParams({
            query: expression,
            ...(at === undefined ? {} : { time: new Date(at).toISOString() }),
          }).toString(),
          repeatable: true,
        },
        signal,
      );
      if (isRefused(answer)) throw refused(expression, `"${serverError(answer.body)}"`);
      const parsed = success.safeParse(server.json(answer));
      if (!parsed.success) throw server.failure(tr`JSON of another form than that of /api/v1/query`);
      const { data: result, warnings } = parsed.data;
      switch (result.resultType) {
        case 'scalar':
          return { samples: [sampleOf({}, result.result)], warnings };
        case 'vector':
          // Native histograms have no value: no threshold could be held against them.
          return {
            samples: result.result.map(({ metric, value }) => {
              if (!value) throw refused(expression, tr`its result is a histogram`);
              return sampleOf(metric, value);
            }),
            warnings,
          };
        case 'string':
        case 'matrix':
          throw refused(expression, tr`its result is a ${result.resultType}, where a vector or a scalar was expected`);
      }
    },
    close: () => server.close(),
  };
}

/** 400: cannot be parsed; 422: cannot be executed. Both only where Prometheus itself says so, not something before it. */
function isRefused({ status, body }: ExchangeAnswer): boolean {
  const json = status === 400 || status === 422 ? jsonOf(body)?.json : undefined;
  return z.object({ status: z.literal('error'), errorType: z.string() }).safeParse(json).success;
}

const refused = (expression: string, why: string) =>
  new RollbackError(
    'METRICS_QUERY',
    tr`The metrics query \`${expression.slice(0, 200)}\` cannot be used: ${why}.`,
    tr`Type it into the "Query" page of Prometheus, mend it there, and put it into the config file.`,
  );

function sampleOf(labels: Readonly<Record<string, string>>, [seconds, text]: [number, string]): MetricSample {
  return { labels, value: numberOf(text), at: Math.round(seconds * 1000) };
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}
