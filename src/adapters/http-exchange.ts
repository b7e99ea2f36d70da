import { getCACertificates } from 'node:tls';
import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';
import { isErrorLike, reasonOf } from './http.ts';

export interface ExchangeRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whole exchange, ms. */
  readonly timeoutMs: number;
  /** More than this is not read: the answer counts as none. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly contentType: string;
  /** ms that the server asks to wait; undefined where it does not say. */
  readonly retryAfterMs: number | undefined;
  readonly body: string;
}

/** No answer that could be read. Its message names neither URL nor credentials. */
export class NoExchange extends Error {
  override readonly name = 'NoExchange';
  /** True: the request never reached a server, so sending it again cannot do it twice. */
  readonly unsent: boolean;

  constructor(message: string, unsent: boolean) {
    super(message);
    this.unsent = unsent;
  }
}

/**
 * Connections to a server of the project's surroundings. HTTPS_PROXY and NO_PROXY are honoured; certificates are always checked.
 * @param ca PEM, accepted besides the authorities of the system and NODE_EXTRA_CA_CERTS.
 */
export function connections(ca?: string): Dispatcher {
  // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED in the environment cannot switch it off.
  const tls = { rejectUnauthorized: true, ...(ca ? { ca: [...getCACertificates('default'), ca] } : {}) };
  return new EnvHttpProxyAgent({ connections: 4, keepAliveTimeout: 5000, connect: tls, requestTls: tls });
}

/** One request and its answer, whatever the status; a redirect is an answer as well: credentials go nowhere else. @throws NoExchange, CANCELLED */
export async function exchange(dispatcher: Dispatcher, asked: ExchangeRequest): Promise<ExchangeAnswer> {
  asked.signal.throwIfAborted();
  const timeout = AbortSignal.timeout(asked.timeoutMs);
  try {
    const { statusCode, headers, body } = await request(asked.url, {
      dispatcher,
      method: asked.method,
      headers: { 'user-agent': 'tiered-rollback', ...asked.headers },
      body: asked.body ?? null,
      signal: AbortSignal.any([asked.signal, timeout]),
    });
    const header = (name: string) => [headers[name] ?? ''].flat()[0] ?? '';
    return {
      status: statusCode,
      contentType: header('content-type'),
      retryAfterMs: retryAfterMs(header('retry-after')),
      body: await textOf(body, asked.maxBytes),
    };
  } catch (error) {
    if (asked.signal.aborted) throw cancelled();
    if (error instanceof NoExchange) throw error;
    // The library's error is not kept as the cause: it may hold the address.
    throw new NoExchange(reasonOf(timeout.aborted ? timeout.reason : error, asked.timeoutMs), isUnsent(error));
  }
}

export const cancelled = () =>
  new RollbackError('CANCELLED', tr`The run was cancelled.`, tr`Run again; running again is safe.`);

async function textOf(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new NoExchange(tr`the answer is longer than ${maxBytes} bytes`, false);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string): number | undefined {
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function isUnsent(error: unknown): boolean {
  const codes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'];
  for (let one: unknown = error, depth = 0; isErrorLike(one) && depth < 6; one = one.cause, depth++)
    if (codes.includes(String((one as { code?: unknown }).code))) return true;
  return false;
}
