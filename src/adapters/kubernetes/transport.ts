import type { Duplex } from 'node:stream';
import { createSecureContext } from 'node:tls';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { ClusterAccess } from './access.ts';
import { Credentials, type Proof } from './credentials.ts';
import {
  type Answer,
  errorOf,
  lookAt,
  NoAnswer,
  noAnswer,
  type Purpose,
  refusalOf,
  unauthorized,
  unreachable,
} from './failure.ts';
import { Agent, type Dispatcher, ProxyAgent } from './http-client.ts';
import { serverJson } from './json-patch.ts';
import { type Upgraded, upgradeOf } from './upgrade.ts';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly purpose: Purpose;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Cuts the answer off instead of holding all of it. */
  readonly maxBytes?: number;
}

export interface TransportOptions {
  readonly userAgent: string;
  readonly clock: Clock;
  readonly log?: Log | undefined;
  readonly onSecret: (secret: string) => void;
  /** Ends reads and waits; a write that was sent is still brought to its end. */
  readonly signal?: AbortSignal | undefined;
  /** One attempt, ms. */
  readonly attemptMs?: number | undefined;
  /** All attempts of one request, ms. */
  readonly budgetMs?: number | undefined;
}

/** One attempt. A healthy API server answers in milliseconds; slow webhooks may take ten seconds. */
const ATTEMPT_MS = 10_000;
/** All attempts together: below the 30 s within which an unreachable cluster must be named. */
const BUDGET_MS = 25_000;
/** Before the first answer ever, a refused connection is a wrong address rather than a restart. */
const FIRST_CONTACT_MS = 5_000;
/** More are no faster; fewer would make many changes wait for a slow webhook. */
const CONNECTIONS = 6;

/** Requests to one API server: authenticated, each with its own deadline, retried only where that is safe. */
export class Transport {
  readonly #access: ClusterAccess;
  readonly #options: TransportOptions;
  readonly #credentials: Credentials;
  readonly #origin: string;
  readonly #prefix: string;
  #dispatcher: { readonly proof: Proof; readonly requests: Dispatcher; readonly streams: Dispatcher } | undefined;
  readonly #retired = new Set<Dispatcher>();
  /** Connections that speak another protocol now: no dispatcher closes them. */
  readonly #upgraded = new Set<Duplex>();
  #answered = false;
  #count = 0;

  constructor(access: ClusterAccess, options: TransportOptions) {
    this.#access = access;
    this.#options = options;
    this.#credentials = new Credentials(access, options.onSecret);
    const url = new URL(access.server);
    this.#origin = url.origin;
    this.#prefix = url.pathname.replace(/\/$/, '');
  }

  get context(): string {
    return this.#access.context;
  }

  /** Requests sent so far, streams included. */
  get count(): number {
    return this.#count;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /**
   * Sends a request that may safely be sent twice: GET, dry runs, reviews. Retries 429, 5xx and lost answers with jittered backoff.
   * @returns the answer, whatever its status below 500.
   * @throws CLUSTER_UNREACHABLE, CLUSTER_CERTIFICATE, CLUSTER_UNAUTHORIZED, CLUSTER_ERROR, CANCELLED
   */
  async read(request: Request): Promise<Answer> {
    const started = this.clock.now();
    const signal = anySignal(request.signal, this.#options.signal);
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.attempt({ ...request, ...(signal ? { signal } : {}) }).catch((error: unknown) => {
        if (error instanceof NoAnswer) return error;
        throw error;
      });
      const elapsed = this.clock.now() - started;
      if (outcome instanceof NoAnswer) {
        if (outcome.kind === 'certificate' || outcome.kind === 'aborted' || elapsed >= this.#budgetFor(outcome)) {
          throw unreachable(outcome, this.#access.server, elapsed / 1000, request.purpose);
        }
      } else if (!isTransient(outcome)) {
        return outcome;
      } else if (elapsed >= this.#budget) {
        throw errorOf(outcome, request.purpose, this.context);
      }
      await this.pause(attempt, outcome, this.#budget - elapsed, signal).catch(() => {
        throw unreachable(new NoAnswer('aborted', tr`cancelled`), this.#access.server, 0, request.purpose);
      });
    }
  }

  /**
   * Sends once. Safe for anything: only what the server surely did not act on (a refused token) is sent again.
   * @throws NoAnswer when nothing is known; RollbackError when the credentials are refused.
   */
  async attempt(request: Request): Promise<Answer> {
    const proof = await this.#credentials.current();
    const answer = await this.#send(request, proof);
    if (answer.status !== 401) return answer;
    if (this.#credentials.renewable) {
      const again = await this.#send(request, await this.#credentials.renewed(proof));
      if (again.status !== 401) return again;
    }
    throw unauthorized(this.context);
  }

  /** Opens a stream whose body the caller reads; `signal` ends it. @throws NoAnswer, RollbackError */
  async stream(request: Request & { readonly signal: AbortSignal }): Promise<Dispatcher.ResponseData> {
    const open = async (proof: Proof) => {
      this.#count++;
      const { streams } = this.#connections(proof);
      try {
        return await streams.request({ ...this.#wire(request, proof), signal: request.signal, bodyTimeout: 0 });
      } catch (error) {
        throw noAnswer(error);
      }
    };
    const proof = await this.#credentials.current();
    const response = await open(proof);
    if (response.statusCode !== 401) return response;
    await response.body.dump().catch(() => undefined);
    if (this.#credentials.renewable) {
      const again = await open(await this.#credentials.renewed(proof));
      if (again.statusCode !== 401) return again;
      await again.body.dump().catch(() => undefined);
    }
    throw unauthorized(this.context);
  }

  /**
   * Asks once to speak another protocol on the connection. `signal` ends the asking, not what comes of it.
   * @returns the connection, or the answer by which the server refuses. @throws NoAnswer, RollbackError
   */
  async upgrade(
    request: Request & { readonly headers: Readonly<Record<string, string>> },
    protocol: string,
  ): Promise<Upgraded | Answer> {
    const open = async (proof: Proof) => {
      this.#count++;
      const { headers, ...wire } = this.#wire(request, proof);
      const late = AbortSignal.timeout(request.timeoutMs ?? this.#options.attemptMs ?? ATTEMPT_MS);
      const answer = await upgradeOf(
        this.#connections(proof).streams,
        { ...wire, headers: { ...headers, ...request.headers } },
        protocol,
        anySignal(late, request.signal, this.#options.signal) ?? late,
      );
      if ('socket' in answer) {
        const { socket } = answer;
        this.#upgraded.add(socket);
        socket.on('close', () => this.#upgraded.delete(socket));
      }
      return answer;
    };
    const proof = await this.#credentials.current();
    const answer = await open(proof);
    if (answer.status !== 401) return answer;
    if (this.#credentials.renewable) {
      const again = await open(await this.#credentials.renewed(proof));
      if (again.status !== 401) return again;
    }
    throw unauthorized(this.context);
  }

  get server(): string {
    return this.#access.server;
  }

  /** Waits before the next attempt: as long as the server asks, else with exponential backoff and jitter. */
  async pause(attempt: number, outcome: Answer | NoAnswer, leftMs: number, signal?: AbortSignal): Promise<void> {
    const asked = outcome instanceof NoAnswer ? undefined : retryAfterMs(outcome);
    const backoff = Math.min(100 * 2 ** attempt, 3_000);
    const wait = asked === undefined ? backoff / 2 + Math.random() * (backoff / 2) : asked + Math.random() * 100;
    const why = outcome instanceof NoAnswer ? outcome.message : tr`answer ${outcome.status}`;
    this.#options.log?.debug(`API server: ${why}; trying again in ${Math.round(wait)} ms`);
    await this.clock.sleep(Math.max(0, Math.min(wait, leftMs)), signal);
  }

  get budgetMs(): number {
    return this.#budget;
  }

  /** The error for a write of which it stayed unknown whether the server did it. */
  unknownOutcome(outcome: Answer | NoAnswer, purpose: Purpose): RollbackError {
    const why = outcome instanceof NoAnswer ? outcome.message : tr`answer ${outcome.status}`;
    return new RollbackError(
      'CLUSTER_UNREACHABLE',
      tr`It is unknown whether the API server did ${purpose.verb} ${purpose.what} in namespace "${purpose.namespace}" (${why}).`,
      tr`Run again: it reads what is there and goes on. To look: \`${lookAt(purpose)}\`.`,
    );
  }

  async close(): Promise<void> {
    const open = this.#dispatcher;
    this.#dispatcher = undefined;
    for (const socket of this.#upgraded) socket.destroy();
    await Promise.all([open?.requests, open?.streams, ...this.#retired].map((dispatcher) => dispatcher?.destroy()));
  }

  get #budget(): number {
    return this.#options.budgetMs ?? BUDGET_MS;
  }

  #budgetFor(outcome: NoAnswer): number {
    return outcome.kind === 'refused' && !this.#answered ? Math.min(FIRST_CONTACT_MS, this.#budget) : this.#budget;
  }

  async #send(request: Request, proof: Proof): Promise<Answer> {
    this.#count++;
    const { requests } = this.#connections(proof);
    const timeout = AbortSignal.timeout(request.timeoutMs ?? this.#options.attemptMs ?? ATTEMPT_MS);
    const signal = anySignal(timeout, request.signal) ?? timeout;
    try {
      const response = await requests.request({ ...this.#wire(request, proof), signal });
      const body = await bodyText(response.body, request.maxBytes);
      this.#answered = true;
      return { status: response.statusCode, headers: response.headers, body };
    } catch (error) {
      if (timeout.aborted) {
        // The connections that wait in the pool may be as dead as this one: the next attempt must not end up on them.
        // Where the caller set the time, it is the application behind the server that is slow.
        if (request.timeoutMs === undefined) this.#retire();
        throw new NoAnswer('timeout', tr`timed out`);
      }
      if (signal.aborted) throw new NoAnswer('aborted', tr`cancelled`);
      throw noAnswer(error);
    }
  }

  #wire(request: Request, proof: Proof) {
    const query = Object.entries(request.query ?? {}).flatMap(([key, value]) =>
      value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
    );
    const headers: Record<string, string | string[]> = {
      accept: 'application/json',
      'user-agent': this.#options.userAgent,
    };
    for (const [name, value] of Object.entries(proof.headers))
      headers[name] = typeof value === 'string' ? value : [...value];
    if (request.body !== undefined) headers['content-type'] = request.contentType ?? 'application/json';
    return {
      origin: this.#origin,
      method: request.method,
      path: `${this.#prefix}${request.path}${query.length > 0 ? `${request.path.includes('?') ? '&' : '?'}${query.join('&')}` : ''}`,
      headers,
      ...(request.body === undefined ? {} : { body: serverJson(request.body) }),
    } as const;
  }

  #connections(proof: Proof) {
    // The plugin gave another certificate: only a new connection shows it.
    if (this.#dispatcher && this.#dispatcher.proof.clientCertificate !== proof.clientCertificate) this.#retire();
    this.#dispatcher ??= {
      proof,
      requests: this.#agent(proof, CONNECTIONS),
      // Watches stay open: they must not take the connections that requests wait for.
      streams: this.#agent(proof, 32),
    };
    return this.#dispatcher;
  }

  /** What is under way on the old connections ends by itself; what follows gets new ones. */
  #retire(): void {
    const old = this.#dispatcher;
    this.#dispatcher = undefined;
    for (const dispatcher of [old?.requests, old?.streams]) {
      if (!dispatcher) continue;
      this.#retired.add(dispatcher);
      void dispatcher
        .close()
        .catch(() => undefined)
        .then(() => this.#retired.delete(dispatcher));
    }
  }

  #agent(proof: Proof, connections: number): Dispatcher {
    const { ca, tlsServerName, skipTlsVerify, proxyUrl } = this.#access;
    const tls = {
      // Made once: to read CA, certificate and key anew for each connection costs milliseconds every time.
      secureContext: createSecureContext({ ...(ca ? { ca } : {}), ...(proof.clientCertificate ?? {}) }),
      ...(tlsServerName ? { servername: tlsServerName } : {}),
      // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED in the environment cannot switch it off.
      rejectUnauthorized: !skipTlsVerify,
    };
    const options = {
      connections,
      pipelining: 1,
      // Over HTTP/2 undici 8 keeps a stream that was aborted while its connection was being made, and crashes when that is closed.
      allowH2: false,
      keepAliveTimeout: 30_000,
      headersTimeout: 0,
    };
    return proxyUrl
      ? new ProxyAgent({ ...options, uri: proxyUrl, requestTls: tls })
      : new Agent({ ...options, connect: { ...tls, timeout: 5_000 } });
  }
}

function isTransient(answer: Answer): boolean {
  if (answer.status === 429) return true;
  // A webhook that is down stays down: waiting would only delay the refusal.
  if (/failed calling webhook/.test(answer.body)) return false;
  // 501 and 505 are answers about the request, not about the state of the server.
  return answer.status >= 500 && answer.status !== 501 && answer.status !== 505;
}

function retryAfterMs(answer: Answer): number | undefined {
  const header = answer.headers['retry-after'];
  const seconds = Number(Array.isArray(header) ? header[0] : (header ?? refusalOf(answer).details?.retryAfterSeconds));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

async function bodyText(body: Dispatcher.ResponseData['body'], maxBytes?: number): Promise<string> {
  if (maxBytes === undefined) return body.text();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, maxBytes - size));
    size += chunk.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
