import { type Failure, RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import type { VerdictContext } from '../../ports/context.ts';
import type { Recorded } from '../../ports/github.ts';

/** What GitHub made of a record: the value, or why there is none. */
export type Answer<T> = { readonly value: T } | { readonly failure: Failure };

/** Asks for a record. That the time for telling is over is an answer of GitHub, and no cancelled run. @throws CANCELLED */
export async function answerOf<T>({ signal }: VerdictContext, asked: Promise<Recorded<T>>): Promise<Answer<T>> {
  try {
    const answer = await asked;
    return answer.kind === 'done' ? { value: answer.value } : { failure: answer.failure };
  } catch (error) {
    if (!isTimeout(signal)) throw error;
    const late = new RollbackError(
      'GITHUB_FAILED',
      tr`The record was not written: GitHub did not answer within the time that a run has for its records.`,
      tr`Look at https://www.githubstatus.com, then run again: it makes no second record.`,
    );
    return { failure: late.toFailure() };
  }
}

/** The same for a question whose answer can be done without: undefined where the time is over. @throws CANCELLED */
export async function unlessLate<T>({ signal }: VerdictContext, asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isTimeout(signal)) return undefined;
    throw error;
  }
}

const isTimeout = ({ aborted, reason }: AbortSignal) => aborted && reason?.name === 'TimeoutError';
