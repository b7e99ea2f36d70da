import type { ErrorCode } from '../core/errors.ts';
import { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';
import type { Clock } from '../ports/clock.ts';
import { attempts } from './attempts.ts';
import { type Authorization, type Endpoint, endpointOf, isTransient, jsonOf, reasonOfAnswer } from './endpoint.ts';
import { cancelled, connections, type ExchangeAnswer, exchange, NoExchange } from './http-exchange.ts';

export interface MonitoringOptions extends Authorization {
  /** With its path prefix; may hold credentials for basic authentication. */
  readonly url: string;
  readonly clock: Clock;
  /** PEM of one more authority. */
  readonly ca?: string;
  /** One attempt, ms. */
  readonly attemptMs?: number;
  /** All attempts of one request, ms. */
  readonly budgetMs?: number;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** After the path prefix. */
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
  /** False: sent once more only where it surely was not received. */
  readonly repeatable: boolean;
}

const ATTEMPT_MS = 10_000;
const BUDGET_MS = 20_000;
/** Some thousand alerts. */
const MAX_BYTES = 8 * 1024 * 1024;

/** JSON over HTTP with one server of the monitoring; its errors have one code and name the address without credentials. */
export class Monitoring {
  readonly #name: string;
  readonly #code: ErrorCode;
  readonly #probe: string;
  readonly #options: MonitoringOptions;
  readonly #endpoint: Endpoint;
  readonly #dispatcher: ReturnType<typeof connections>;

  /** @param probe path that answers on a healthy server, for the hint. */
  constructor(name: string, code: ErrorCode, probe: string, options: MonitoringOptions) {
    this.#name = name;
    this.#code = code;
    this.#probe = probe;
    this.#options = options;
    this.#endpoint = endpointOf(name, options.url, options);
    this.#dispatcher = connections(options.ca);
  }

  /** The answer of a server that is there: any status that another attempt would not change. @throws the code, CANCELLED */
  async call(call: Call, signal: AbortSignal): Promise<ExchangeAnswer> {
    const { clock, attemptMs = ATTEMPT_MS, budgetMs = BUDGET_MS } = this.#options;
    const once = async () => {
      try {
        const answer = await exchange(this.#dispatcher, {
          url: `${this.#endpoint.base}${call.path}`,
          method: call.method,
          headers: {
            ...this.#endpoint.headers,
            ...(call.contentType ? { 'content-type': call.contentType } : {}),
          },
          ...(call.body === undefined ? {} : { body: call.body }),
          timeoutMs: attemptMs,
          maxBytes: MAX_BYTES,
          signal,
        });
        if (!isTransient(answer.status)) return { done: answer };
        const failed = this.failure(reasonOfAnswer(answer));
        // 429 and 503 say that nothing was done; behind another one, as a proxy's 504, it may have been.
        if (!call.repeatable && answer.status !== 429 && answer.status !== 503) throw failed;
        return { failed, afterMs: answer.retryAfterMs };
      } catch (error) {
        if (!(error instanceof NoExchange)) throw error;
        const failed = this.failure(error.message);
        if (!call.repeatable && !error.unsent) throw failed;
        return { failed };
      }
    };
    return attempts(once, { clock, budgetMs, signal }).catch((error: unknown) => {
      throw signal.aborted ? cancelled() : error;
    });
  }

  /** The JSON of an answer of 200. @throws the code */
  json(answer: ExchangeAnswer): unknown {
    const parsed = answer.status === 200 ? jsonOf(answer.body) : undefined;
    if (!parsed) throw this.failure(reasonOfAnswer(answer));
    return parsed.json;
  }

  failure(reason: string): RollbackError {
    const { base } = this.#endpoint;
    return new RollbackError(
      this.#code,
      tr`${this.#name} at ${base} gave no usable answer: ${reason}.`,
      tr`Try it from the runner: \`curl -sS '${base}${this.#probe}'\`, with the same credentials.`,
    );
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }
}
