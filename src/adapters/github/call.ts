import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Octokit } from './client.ts';

export interface GithubConnection {
  readonly octokit: () => Promise<Octokit>;
  readonly owner: string;
  readonly repo: string;
  readonly clock: Clock;
  /** One request, ms. */
  readonly attemptMs: number;
}

export interface GithubAnswer {
  readonly status: number;
  readonly data: unknown;
}

/** GitHub said no, or nothing that can be used. Its message never holds the token. */
export class GithubRefusal extends Error {
  override readonly name = 'GithubRefusal';
  /** 0: no answer, or none that could be read; what was asked for may have been done. */
  readonly status: number;
  /** ms to wait before it is asked again; undefined where it should not be asked again. */
  readonly retryMs: number | undefined;
  /** Fields that GitHub names as invalid, with their values. */
  readonly invalid: readonly { readonly field: string; readonly value: string }[];

  constructor(
    status: number,
    message: string,
    { retryMs, invalid = [] }: { retryMs?: number | undefined; invalid?: GithubRefusal['invalid'] } = {},
  ) {
    super(message);
    this.status = status;
    this.retryMs = retryMs;
    this.invalid = invalid;
  }
}

/** One request to the repository, not repeated. @throws GithubRefusal, CANCELLED */
export async function call(
  { octokit, owner, repo, clock, attemptMs }: GithubConnection,
  route: string,
  parameters: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<GithubAnswer> {
  if (signal.aborted) throw cancelled();
  const timeout = AbortSignal.timeout(attemptMs);
  try {
    const { status, data } = await (await octokit()).request(route, {
      // Values go into path, query or body by the route's names; what has no place in it would go into the body.
      ...(route.includes('{owner}') ? { owner, repo } : {}),
      ...parameters,
      headers: { 'x-github-api-version': '2022-11-28' },
      request: { signal: AbortSignal.any([signal, timeout]) },
    });
    return { status, data };
  } catch (error) {
    if (signal.aborted) throw cancelled();
    // The library's error is not kept as the cause: it holds the whole request.
    throw timeout.aborted ? noAnswer(tr`no answer within ${attemptMs} ms`) : refusalOf(error, clock.now());
  }
}

/** An answer that says nothing which can be used. */
export const noAnswer = (reason: string) => new GithubRefusal(0, reason, { retryMs: 0 });

/** What a record that the run does not wait for any more ends with. */
export const cancelled = () =>
  new RollbackError('CANCELLED', tr`The run was cancelled.`, tr`Run again; running again is safe.`);

/** As long as GitHub asks for where it limits without saying how long (docs.github.com, "Rate limits for the REST API"). */
const LIMITED_MS = 60_000;

function refusalOf(error: unknown, now: number): GithubRefusal {
  const response = propertyOf(error, 'response');
  const status = propertyOf(response, 'status');
  if (typeof status !== 'number') return noAnswer(reasonOf(error));
  const data = propertyOf(response, 'data');
  const said = propertyOf(data, 'message');
  const text = typeof said === 'string' ? short(said) : '';
  const message = text === '' ? tr`it answered ${status}` : tr`it answered ${status}, "${text}"`;
  if (status >= 500) return new GithubRefusal(status, message, { retryMs: retryAfterMs(response) ?? 0 });
  if (isLimited(status, text, response))
    return new GithubRefusal(status, message, {
      retryMs: retryAfterMs(response) ?? resetMs(response, now) ?? LIMITED_MS,
    });
  return new GithubRefusal(status, message, { invalid: invalidOf(data) });
}

function isLimited(status: number, text: string, response: unknown): boolean {
  if (status === 429) return true;
  return (
    status === 403 &&
    (/rate limit|abuse detection/i.test(text) ||
      retryAfterMs(response) !== undefined ||
      header(response, 'x-ratelimit-remaining') === '0')
  );
}

function retryAfterMs(response: unknown): number | undefined {
  const seconds = header(response, 'retry-after');
  return /^\d{1,9}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

/** Until the hour's limit is given anew, where that is what was reached. */
function resetMs(response: unknown, now: number): number | undefined {
  const at = header(response, 'x-ratelimit-reset');
  if (header(response, 'x-ratelimit-remaining') !== '0' || !/^\d{1,12}$/.test(at)) return undefined;
  return Math.max(0, Number(at) * 1000 - now);
}

function invalidOf(data: unknown): GithubRefusal['invalid'] {
  const errors = propertyOf(data, 'errors');
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, 20).flatMap((one) => {
    const field = propertyOf(one, 'field');
    return typeof field === 'string' ? [{ field, value: String(propertyOf(one, 'value') ?? '') }] : [];
  });
}

function header(response: unknown, name: string): string {
  const value = propertyOf(propertyOf(response, 'headers'), name);
  return typeof value === 'string' ? value : '';
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function reasonOf(error: unknown): string {
  const cause = propertyOf(error, 'cause');
  const code = propertyOf(propertyOf(cause, 'cause'), 'code') ?? propertyOf(cause, 'code') ?? propertyOf(error, 'code');
  return typeof code === 'string' ? tr`no answer (${short(code)})` : tr`no answer`;
}

const short = (text: string) => text.replace(/\s+/g, ' ').trim().slice(0, 200);
