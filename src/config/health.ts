import * as z from 'zod';
import type { HealthCheck } from '../core/config.ts';
import { percentDecoded } from '../core/percent.ts';
import { tr } from '../core/tr.ts';
import { duration, integer, onlyKeys, repeated, text } from './fields.ts';
import { LABEL } from './names.ts';

/** A health check with what must not stand in the config: how to log in, and what to mask. */
export interface ParsedHealth {
  readonly check: HealthCheck;
  /** Value of the Authorization header, from the credentials of the URL. */
  readonly authorization?: string;
  readonly sensitive: readonly string[];
}

const forms = () => tr`https://HOST/PATH, http://HOST/PATH or service/NAME:PORT/PATH`;
const SECRET_PARAMETER = /([?&][^=&#]{0,40}(?:token|key|secret|passw|pwd|sig|auth|code)[^=&#]{0,40}=)([^&#]+)/gi;

export const HEALTH_DEFAULTS = { status: { from: 200, to: 299 }, timeoutMs: 5000, successes: 3 } as const;

const status = z
  .union([integer(100, 599), z.string().regex(/^[1-5]\d\d(-[1-5]\d\d)?$/)], {
    error: () => tr`allowed: a status like 200, or a range like "200-299"`,
  })
  .transform((value, ctx) => {
    const [from = 0, to = from] = String(value).split('-').map(Number);
    if (from <= to) return { from, to };
    ctx.addIssue({ code: 'custom', message: tr`allowed: a range from the lower to the higher status, like "200-299"` });
    return z.NEVER;
  });

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: () => tr`allowed: text, a number, true, false or null`,
});

const detailed = z.strictObject(
  {
    url: text(forms, 2000).meta({
      description: 'What to ask: https://HOST/PATH, http://HOST/PATH or service/NAME:PORT/PATH.',
    }),
    status: status.optional().meta({ description: 'Statuses that count as healthy. Default: `200-299`.' }),
    contains: text(() => tr`a text that the answer must contain`)
      .optional()
      .meta({ description: 'Text that the body must contain.' }),
    json: z
      .record(z.string(), scalar, {
        error: () => tr`allowed: paths with their values, for example status.database: ok`,
      })
      .optional()
      .meta({ description: 'JSON values that the body must have: path in dots, and its value.' }),
    timeout: duration.optional().meta({ description: 'Time for one answer. Default: `5s`.' }),
    successes: integer(1, 100)
      .optional()
      .meta({ description: 'Right answers in a row that make it healthy. Default: `3`.' }),
  },
  onlyKeys('url, status, contains, json, timeout, successes'),
);

const item = z
  .union([text(forms, 2000), detailed], { error: () => tr`allowed: ${forms()}, or a map with url` })
  .transform((value, ctx): ParsedHealth => {
    const { url, ...more } = typeof value === 'string' ? { url: value } : value;
    const place = placeOf(url);
    if (typeof place === 'string') {
      ctx.addIssue({
        code: 'custom',
        message: place,
        path: typeof value === 'string' ? [] : ['url'],
        params: { seen: refusedUrl(url) },
      });
      return z.NEVER;
    }
    const { timeout, status: range, contains, json, successes } = more as Omit<z.output<typeof detailed>, 'url'>;
    return {
      ...place,
      check: {
        ...place.check,
        status: range ?? HEALTH_DEFAULTS.status,
        ...(contains === undefined ? {} : { contains }),
        ...(json === undefined ? {} : { json }),
        timeoutMs: timeout ?? HEALTH_DEFAULTS.timeoutMs,
        successes: successes ?? HEALTH_DEFAULTS.successes,
      },
    };
  });

const tooMany = { error: () => tr`allowed: at most 100 health checks` };

/** The `health` list of the file. */
export const health = z
  .array(item, { error: () => tr`allowed: a list of health checks` })
  .max(100, tooMany)
  .transform((list, ctx) => once(list, ctx));

/** The `health-urls` input: one a line; lines do not split at commas, which may stand in a URL. */
export const healthUrls = z
  .union([z.string(), z.array(text(forms, 2000)).max(100, tooMany)], {
    error: () => tr`allowed: a list of ${forms()}`,
  })
  .transform((value, ctx) => {
    const lines = typeof value === 'string' ? value.split(/\s+/).filter((line) => line !== '' && line !== '-') : value;
    const results = lines.map((line, index) => {
      const result = item.safeParse(line);
      if (result.success) return result.data;
      const [issue] = result.error.issues;
      ctx.addIssue({
        code: 'custom',
        message: issue?.message ?? tr`allowed: ${forms()}`,
        path: typeof value === 'string' ? [] : [index],
        params: { seen: refusedUrl(line) },
      });
      return z.NEVER;
    });
    return once(results, ctx);
  });

function once(list: readonly ParsedHealth[], ctx: z.RefinementCtx): readonly ParsedHealth[] {
  // A failed element stands here as `z.NEVER`, which has no check.
  const twice = repeated(list.flatMap((parsed) => (parsed?.check ? [parsed.check.name] : [])));
  if (twice === undefined) return list;
  ctx.addIssue({ code: 'custom', message: tr`allowed: each health check once`, params: { seen: twice } });
  return z.NEVER;
}

type Place = Pick<ParsedHealth, 'authorization' | 'sensitive'> & { readonly check: Pick<HealthCheck, 'name' | 'at'> };

function placeOf(written: string): Place | string {
  const service = /^service\/([^:/]+)(?::([^/]+))?(\/.*)?$/i.exec(written);
  if (service) return serviceOf(written, service[1] ?? '', service[2] ?? '', service[3] ?? '/');
  if (!/^https?:\/\//i.test(written) || !URL.canParse(written)) return tr`allowed: ${forms()}`;
  const url = new URL(written);
  const { username, password } = url;
  const name = withoutSecrets(written);
  url.username = '';
  url.password = '';
  url.hash = '';
  // A text that two parsers read as two hosts must not be shown as the one and asked as the other.
  if (!URL.canParse(name) || new URL(name).host !== url.host)
    return tr`allowed: a URL without "\\" and with "@" only behind credentials`;
  const credentials = [username, password].map(percentDecoded);
  return {
    check: { name, at: { kind: 'url', url: url.href } },
    sensitive: [
      ...[password, credentials[1] ?? ''].filter((value) => value !== ''),
      ...[...written.matchAll(SECRET_PARAMETER)].map((match) => match[2] ?? ''),
    ],
    ...(username === '' && password === ''
      ? {}
      : { authorization: `Basic ${Buffer.from(credentials.join(':')).toString('base64')}` }),
  };
}

function serviceOf(written: string, service: string, port: string, path: string): Place | string {
  const known = /^\d+$/.test(port)
    ? Number(port) >= 1 && Number(port) <= 65535
    : /^(?=.*[a-z])[a-z0-9-]{1,15}$/.test(port);
  if (!LABEL.test(service) || !known) return tr`allowed: service/NAME:PORT/PATH with the port as number or name`;
  // The path goes behind the API server's own: `..` in it would reach other objects than the Service.
  const plain = URL.canParse(`http://x${path}`) ? new URL(`http://x${path}`) : undefined;
  if (!plain || plain.pathname + plain.search !== path || /%2e|%2f|%5c/i.test(path)) {
    return tr`allowed: a path without "..", blanks and "#"`;
  }
  return {
    check: { name: written.replace(SECRET_PARAMETER, '$1***'), at: { kind: 'service', service, port, path } },
    sensitive: [...written.matchAll(SECRET_PARAMETER)].map((match) => match[2] ?? ''),
  };
}

/** The text as it may be shown: without credentials, and without the values of parameters that sound secret. */
export function withoutSecrets(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:[/\\]{2})[^/\\?#]*@/i, '$1').replace(SECRET_PARAMETER, '$1***');
}

/** Where a text that is no URL hides its password is anybody's guess: nothing before the last `@` is shown. */
export function refusedUrl(text: string): string {
  return withoutSecrets(text.replace(/^.*@/s, '***@'));
}
