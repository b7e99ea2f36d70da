import * as z from 'zod';
import { matcherText } from '../core/alerts.ts';
import { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';
import type { AlertReader, AlertWriter, FiringAlert, Silence } from '../ports/alerts.ts';
import { reasonOfAnswer } from './endpoint.ts';
import { Monitoring, type MonitoringOptions } from './monitoring.ts';

export interface AlertmanagerOptions extends MonitoringOptions {
  /** Who makes our silences: their `createdBy`. */
  readonly author: string;
  /** Id of this run; marks its silences, so that a later attempt finds them. */
  readonly run: string;
}

const time = z.string().transform((text, context) => {
  const at = Date.parse(text);
  if (Number.isNaN(at)) context.addIssue({ code: 'custom', message: 'not a time' });
  return at;
});
const labels = z.record(z.string(), z.string());
const alertsSchema = z.array(
  z.object({
    fingerprint: z.string(),
    labels,
    annotations: labels,
    startsAt: time,
    status: z.object({ silencedBy: z.array(z.string()) }),
  }),
);
const silenceSchema = z.object({
  id: z.string(),
  status: z.object({ state: z.enum(['active', 'pending', 'expired']) }),
  matchers: z.array(
    z.object({
      name: z.string(),
      value: z.string(),
      isRegex: z.boolean(),
      // Servers before 0.22 know no negative matchers and leave it out.
      isEqual: z.boolean().default(true),
    }),
  ),
  startsAt: time,
  endsAt: time,
  createdBy: z.string(),
  comment: z.string(),
});

/** https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml */
export function createAlertmanager(
  options: AlertmanagerOptions,
): AlertReader & AlertWriter & { close(): Promise<void> } {
  const { author, run } = options;
  const server = new Monitoring('Alertmanager', 'ALERTS_UNAVAILABLE', '/api/v2/status', options);
  const mark = `[run ${run}]`;
  // At the very end: what stands before it is for people, and may look like anything.
  const isOurs = (silence: Silence) => silence.createdBy === author && silence.comment.endsWith(mark);

  const read = async <T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> => {
    const answer = await server.call({ method: 'GET', path, repeatable: true }, signal);
    const parsed = schema.safeParse(server.json(answer));
    if (!parsed.success) throw server.failure(tr`JSON of another form than that of API v2`);
    return parsed.data;
  };
  const ownSilences = async (signal: AbortSignal) =>
    (await read('/api/v2/silences', z.array(silenceSchema), signal)).map(silenceOf).filter(isOurs);
  const post = async (silence: Omit<Silence, 'id' | 'state'> & { id?: string }, signal: AbortSignal) => {
    const answer = await server.call(
      {
        method: 'POST',
        path: '/api/v2/silences',
        contentType: 'application/json',
        body: JSON.stringify({
          ...silence,
          startsAt: new Date(silence.startsAt).toISOString(),
          endsAt: new Date(silence.endsAt).toISOString(),
        }),
        // Sent again after a lost answer it would make a second one.
        repeatable: silence.id !== undefined,
      },
      signal,
    );
    const parsed = z.object({ silenceID: z.string().min(1) }).safeParse(server.json(answer));
    if (!parsed.success) throw server.failure(tr`JSON of another form than that of API v2`);
    return parsed.data.silenceID;
  };
  /** Ours, or undefined when there is none of that id. @throws SILENCE_FOREIGN */
  const own = async (id: string, signal: AbortSignal): Promise<Silence | undefined> => {
    const path = `/api/v2/silence/${encodeURIComponent(id)}`;
    const answer = await server.call({ method: 'GET', path, repeatable: true }, signal);
    if (answer.status === 404) return undefined;
    const parsed = silenceSchema.safeParse(server.json(answer));
    if (!parsed.success) throw server.failure(tr`JSON of another form than that of API v2`);
    const silence = silenceOf(parsed.data);
    if (isOurs(silence)) return silence;
    throw new RollbackError(
      'SILENCE_FOREIGN',
      tr`The silence ${id} is not one of this run: it was made by "${silence.createdBy}". It was not touched.`,
      tr`To look at it: \`amtool silence query --id ${id}\`.`,
    );
  };

  return {
    async firing(matchers, { signal }) {
      const query = new URLSearchParams({ active: 'true', silenced: 'true', inhibited: 'false', unprocessed: 'false' });
      for (const matcher of matchers) query.append('filter', matcherText(matcher));
      return (await read(`/api/v2/alerts?${query}`, alertsSchema, signal)).map(alertOf);
    },

    ownSilences: ({ signal }) => ownSilences(signal),

    async silence({ matchers, startsAt, endsAt, comment }, { signal }) {
      const silence = { matchers, startsAt, endsAt, createdBy: author, comment: `${comment} ${mark}` };
      try {
        return await post(silence, signal);
      } catch (error) {
        if (!(error instanceof RollbackError) || error.code !== 'ALERTS_UNAVAILABLE') throw error;
        // The answer may have been lost on the way back: what is there decides.
        const there = (await ownSilences(signal).catch(() => [])).find(
          (one) => one.state !== 'expired' && one.endsAt === endsAt && one.comment === silence.comment,
        );
        if (there) return there.id;
        throw error;
      }
    },

    async extend(id, endsAt, { signal }) {
      const silence = await own(id, signal);
      if (!silence || silence.state === 'expired')
        throw server.failure(tr`there is no silence ${id} any more that could be extended`);
      const { state: _state, ...kept } = silence;
      return post({ ...kept, endsAt }, signal);
    },

    async expire(id, { signal }) {
      const silence = await own(id, signal);
      if (!silence || silence.state === 'expired') return;
      const path = `/api/v2/silence/${encodeURIComponent(id)}`;
      const answer = await server.call({ method: 'DELETE', path, repeatable: true }, signal);
      if (answer.status === 200 || answer.status === 404) return;
      // Somebody may have ended it between our look and our request.
      if ((await own(id, signal))?.state !== 'expired') throw server.failure(reasonOfAnswer(answer));
    },

    close: () => server.close(),
  };
}

const alertOf = ({ status, ...alert }: z.infer<typeof alertsSchema>[number]): FiringAlert => ({
  ...alert,
  name: alert.labels['alertname'] ?? '',
  silencedBy: status.silencedBy,
});

const silenceOf = ({ status, ...silence }: z.infer<typeof silenceSchema>): Silence => ({
  ...silence,
  state: status.state,
});
