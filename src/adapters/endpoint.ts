import { RollbackError } from '../core/errors.ts';
import { percentDecoded } from '../core/percent.ts';
import { tr } from '../core/tr.ts';
import type { ExchangeAnswer } from './http-exchange.ts';

export interface Endpoint {
  /** Without credentials, query and the last slash; a path prefix stays. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Authorization {
  /** A bearer token. Credentials in the URL (`https://user:password@host`) are for basic authentication. */
  readonly token?: string;
}

/** Takes the credentials out of the URL, so that no message can show them. @throws INPUT_INVALID, which does not quote it */
export function endpointOf(name: string, url: string, { token }: Authorization = {}): Endpoint {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw new RollbackError(
      'INPUT_INVALID',
      tr`The address of ${name} is not a URL that begins with http:// or https://.`,
      tr`Give the address as a browser takes it, with the path prefix if there is one, e.g. https://monitoring.example.com/${name.toLowerCase()}.`,
    );
  const basic = [parsed.username, parsed.password].map(percentDecoded).join(':');
  return {
    // The quote, because a hint holds it between quotes.
    base: `${parsed.origin}${parsed.pathname.replace(/\/+$/, '').replaceAll("'", '%27')}`,
    headers: {
      accept: 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(!token && parsed.username !== '' ? { authorization: `Basic ${Buffer.from(basic).toString('base64')}` } : {}),
    },
  };
}

/** Why an answer is not the JSON that was asked for, in words that quote nothing but the server's own short error. */
export function reasonOfAnswer({ status, contentType, body }: ExchangeAnswer): string {
  if (status === 401 || status === 403) return tr`the credentials are not accepted (${status})`;
  if (status >= 300 && status < 400)
    return tr`it redirects (${status}), which is not followed: a login, or another address`;
  if (/html/i.test(contentType) || /^\s*</.test(body))
    return tr`an HTML page instead of JSON (${status}): a login, or a path prefix that the address lacks`;
  const said = serverError(body);
  return said === '' ? tr`it answered ${status}` : tr`it answered ${status} "${said}"`;
}

/** Alertmanager answers with a JSON string, Prometheus with `{"error": "…"}`; at most 200 characters of one line. */
export function serverError(body: string): string {
  try {
    const json: unknown = JSON.parse(body);
    const text =
      typeof json === 'object' && json !== null
        ? ((json as Record<string, unknown>)['error'] ?? (json as Record<string, unknown>)['message'])
        : json;
    return typeof text === 'string'
      ? text
          .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
          .trim()
          .slice(0, 200)
      : '';
  } catch {
    return '';
  }
}

export const isTransient = (status: number) => status === 429 || (status >= 500 && status !== 501);

/** JSON, or why it is none. */
export function jsonOf(body: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(body) };
  } catch {
    return undefined;
  }
}
