/**
 * A line that reports an error, in the forms that are common: a level (`ERROR`, `level=error`, `"level":"fatal"`), an exception, a panic, and the
 * first letter of Kubernetes' own logs (klog: `E0131 10:00:00.000000`), coloured or not. Counts of none (`0 errors`, `error: null`) are no error.
 */
export const ERROR_LINE = String.raw`(?<!\b(?:no|0|without) )(?:(?:\b|\x1b\[[\d;]{0,9}m)(?:error|exception|fatal|panic|critical|traceback)|Error|ERROR|Exception|EXCEPTION|Fatal|FATAL|Panic|PANIC|Critical|CRITICAL|Traceback)\b(?!["']?[:=] ?(?:null|none|nil|false|0|""|'')(?!\w))|^[EF]\d{4} \d\d:`;

/** A line of a container's log; `at` in ms since the epoch by the clock of its node, where the answer has it. */
export interface LogLine {
  readonly at?: number;
  readonly text: string;
}

/** What was counted in the log of one container. */
export interface CountedLog {
  readonly pod: string;
  readonly container: string;
  readonly errors: number;
  /** The time that its lines speak of, ms. */
  readonly ms: number;
  /** The last error line. Hostile. */
  readonly last?: LogLine;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod: `timestamps`. */
const STAMPED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?/;
/** What the API prints, with success, when the kubelet has removed that container already. */
const NO_LOG = /^unable to retrieve container logs/;

/** Lines as the API gives them with `timestamps`. */
export function logLines(lines: readonly string[]): LogLine[] {
  if (NO_LOG.test(lines[0] ?? '')) return [];
  return lines.map((line) => {
    const stamp = STAMPED.exec(line);
    return stamp ? { at: Date.parse(stamp[1] ?? ''), text: line.slice(stamp[0].length) } : { text: line };
  });
}

/**
 * The time that lines speak of, ms, at least a second: the whole time that was asked about, unless lines were left out because there are too many.
 */
export function spanOf(lines: readonly LogLine[], askedMs: number, isCut: boolean): number {
  const times = isCut ? lines.flatMap(({ at }) => at ?? []) : [];
  const [first, last] = [times[0], times.at(-1)];
  const ms = first === undefined || last === undefined ? askedMs : Math.min(askedMs, last - first);
  return Math.max(1000, ms);
}

/** So many lines more than before are told of where no limit is configured: fewer are the noise of a start. */
const NOTICEABLE = 5;

/**
 * What a comparison comes to. `as-before`: no more than the release before printed in the same time, or hardly more. `rose`: noticeably more, told
 * and never red, as a release may be noisy and right. `above-limit`: more than the configured limit allows; only this is a failure.
 */
export interface LogVerdict {
  readonly kind: 'as-before' | 'rose' | 'above-limit';
  readonly errors: number;
  /** How long the target's logs were looked at, ms. */
  readonly ms: number;
  /** Error lines that the release before printed in as much time, rounded up. */
  readonly before: number;
  /** The log that has the last error line. */
  readonly newest?: CountedLog;
}

/**
 * The rule by which error lines after the rollback are judged, for one workload. Each container is compared with the one of its name in the
 * release that was live when the run began, by the rate of its error lines, so that neither the number of pods nor the length of the look
 * counts. A container that release did not have, or that never ran, printed none.
 *
 * @param maxIncrease error lines above those of before that are still right; undefined: no limit.
 */
export function judgeLogs(
  before: readonly CountedLog[],
  after: readonly CountedLog[],
  maxIncrease?: number,
): LogVerdict {
  const rates = ratesOf(before);
  const expected = after.reduce((sum, { container, ms }) => sum + (rates.get(container) ?? 0) * ms, 0);
  // Rates are fractions: a whole number must not be rounded up for their last digit.
  const asBefore = Math.max(0, Math.ceil(expected - 1e-6));
  const errors = after.reduce((sum, one) => sum + one.errors, 0);
  const [newest] = after.filter(({ last }) => last).toSorted((a, b) => (b.last?.at ?? 0) - (a.last?.at ?? 0));
  return {
    kind:
      maxIncrease !== undefined && errors > asBefore + maxIncrease
        ? 'above-limit'
        : errors > asBefore + NOTICEABLE
          ? 'rose'
          : 'as-before',
    errors,
    ms: Math.max(0, ...after.map(({ ms }) => ms)),
    before: asBefore,
    ...(newest ? { newest } : {}),
  };
}

/** Error lines a millisecond, by container. */
function ratesOf(logs: readonly CountedLog[]): Map<string, number> {
  const byName = Map.groupBy(logs, ({ container }) => container);
  return new Map(
    [...byName].map(([name, all]) => [
      name,
      all.reduce((sum, { errors }) => sum + errors, 0) / all.reduce((sum, { ms }) => sum + ms, 0),
    ]),
  );
}
