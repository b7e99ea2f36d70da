import { EnvHttpProxyAgent, fetch } from 'undici';
import { Silence, type SilenceKind } from '../core/health.ts';
import { tr } from '../core/tr.ts';
import type { HttpAnswer, HttpReader } from '../ports/http.ts';

const MAX_BODY = 64 * 1024;
const MAX_REDIRECTS = 5;

/**
 * Health checks by plain GET. HTTPS_PROXY and NO_PROXY are honoured; redirects are followed on the same host only (SSRF).
 * @param authorization header by URL, for URLs that came with credentials.
 */
export function createHttpReader(
  authorization: Readonly<Record<string, string>> = {},
): HttpReader & { close(): Promise<void> } {
  const dispatcher = new EnvHttpProxyAgent({ keepAliveTimeout: 5000, connections: 4 });
  return {
    async get(url, { timeoutMs, signal }) {
      const startedAt = performance.now();
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      try {
        let at = new URL(url);
        for (let redirects = 0; ; redirects++) {
          const answer = await fetch(at, {
            dispatcher,
            redirect: 'manual',
            signal: limit,
            headers: {
              'user-agent': 'tiered-rollback',
              accept: '*/*',
              'cache-control': 'no-cache',
              ...(authorization[url] ? { authorization: authorization[url] } : {}),
            },
          });
          const next = redirectOf(answer.headers.get('location'), answer.status, at);
          const body = await textOf(answer.body);
          if (!next || redirects >= MAX_REDIRECTS)
            return { status: answer.status, body, durationMs: performance.now() - startedAt } satisfies HttpAnswer;
          at = next;
        }
      } catch (error) {
        throw silenceOf(error, timeoutMs);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

function redirectOf(location: string | null, status: number, from: URL): URL | undefined {
  if (location === null || status < 300 || status > 399 || !URL.canParse(location, from.href)) return undefined;
  const to = new URL(location, from.href);
  return to.host === from.host && to.protocol === from.protocol ? to : undefined;
}

async function textOf(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  if (!body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BODY) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY).toString('utf8');
}

/** A short reason, without the URL: it may carry credentials. */
export function reasonOf(error: unknown, timeoutMs: number): string {
  return silenceOf(error, timeoutMs).message;
}

const CERTIFICATE = /CERT|^UNABLE_TO_|^ERR_TLS_|^HOSTNAME_MISMATCH$/;

/** The same with its kind, and with the name that was looked up in vain: behind a proxy that is the proxy's. */
export function silenceOf(error: unknown, timeoutMs: number): Silence {
  const chain: unknown[] = [];
  for (let one: unknown = error; isErrorLike(one) && chain.length < 6; one = one.cause) chain.push(one);
  const coded = chain.find((one) => typeof (one as { code?: unknown }).code === 'string') as
    | { readonly code: string; readonly hostname?: unknown }
    | undefined;
  const because = (message: string, kind?: SilenceKind, host?: string) =>
    new Silence(message, { kind, host, cause: error });
  if (chain.some((one) => isErrorLike(one) && one.name === 'TimeoutError'))
    return because(tr`no answer within ${timeoutMs} ms`, 'timeout');
  const code = coded?.code;
  switch (code) {
    case 'ECONNREFUSED':
      return because(tr`connection refused`, 'connection-refused');
    case 'ENOTFOUND':
    case 'EAI_AGAIN': {
      const { hostname } = coded ?? {};
      return because(
        tr`the name does not resolve (${code})`,
        'name-not-resolved',
        typeof hostname === 'string' ? hostname : undefined,
      );
    }
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return because(tr`connection reset`, 'connection-lost');
    case 'UND_ERR_CONNECT_TIMEOUT':
      return because(tr`no connection in time`, 'timeout');
    case undefined:
      return because(tr`no answer`);
    default:
      if (CERTIFICATE.test(code)) return because(tr`the certificate is not accepted (${code})`, 'certificate');
      return because(tr`no answer (${code})`);
  }
}

/** Also true of an error of another realm, which is no `instanceof Error` of this one. */
export const isErrorLike = (thrown: unknown): thrown is Error =>
  typeof thrown === 'object' && thrown !== null && 'message' in thrown;
