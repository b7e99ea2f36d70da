import type { Failure } from '../../core/errors.ts';
import type { Evidence, Outcome } from '../../core/outcome.ts';

/** What one part of the check came to. */
export interface Part {
  readonly status: 'passed' | 'failed' | 'unknown';
  /** Unless it passed. */
  readonly failure?: Failure;
  readonly evidence: readonly Evidence[];
}

/** One failed part makes the whole failed, one unknown part unknown. */
export function outcomeOfParts(parts: readonly Part[]): Outcome | undefined {
  const ordered = (['failed', 'unknown', 'passed'] as const).flatMap((status) =>
    parts.filter((part) => part.status === status),
  );
  const evidence = ordered.flatMap((part) => part.evidence);
  const [first, ...more] = ordered.flatMap((part) =>
    part.failure && part.status !== 'passed' ? [{ status: part.status, failure: part.failure }] : [],
  );
  if (first) {
    const { status, failure } = first;
    const causes = [...failure.causes, ...more.map((one) => one.failure.message)];
    return { status, failure: { ...failure, causes }, evidence };
  }
  const [one, ...rest] = evidence;
  return one && { status: 'passed', evidence: [one, ...rest] };
}
