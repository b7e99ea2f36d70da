import type { HealthCheck } from '../core/config.ts';
import { type Judgement, judge } from '../core/health.ts';
import type { ProbeReport } from '../core/report.ts';
import { tr } from '../core/tr.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClusterReader } from '../ports/cluster.ts';
import type { ProbeMonitor } from '../ports/context.ts';
import type { HttpReader } from '../ports/http.ts';

const EVERY_MS = 500;
/** While somebody waits for right answers in a row, the probe asks more often. */
const EVERY_WHEN_WATCHED_MS = 150;

interface Sample {
  readonly at: number;
  readonly judgement: Judgement;
}

interface Track {
  readonly check: HealthCheck;
  samples: number;
  failures: number;
  last: Judgement;
  firstHealthyAt: number | undefined;
  spans: { ok: boolean; from: number; to: number }[];
  /** Times of the right answers in a row, newest last; cut by a wrong one. */
  streak: number[];
}

/** Asks each health check from the first second of the run to the last, so that the report can state the measured downtime. */
export class HealthProbe implements ProbeMonitor {
  readonly #tracks: Track[];
  readonly #http: HttpReader;
  readonly #cluster: ClusterReader;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #watchers: (() => void)[] = [];
  #loops: Promise<void>[] = [];

  constructor(checks: readonly HealthCheck[], parts: { http: HttpReader; cluster: ClusterReader; clock: Clock }) {
    this.#http = parts.http;
    this.#cluster = parts.cluster;
    this.#clock = parts.clock;
    this.#tracks = checks.map((check) => ({
      check,
      samples: 0,
      failures: 0,
      last: { ok: false, observed: tr`no answer yet`, expected: '' },
      firstHealthyAt: undefined,
      spans: [],
      streak: [],
    }));
  }

  start(): void {
    this.#loops = this.#tracks.map((track) => this.#loop(track));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#loops);
  }

  async #loop(track: Track): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const sample = await this.#sample(track.check);
      if (signal.aborted) return;
      record(track, sample);
      const watchers = this.#watchers;
      this.#watchers = [];
      for (const wake of watchers) wake();
      const pause = watchers.length > 0 ? EVERY_WHEN_WATCHED_MS : EVERY_MS;
      await this.#clock.sleep(pause, signal).catch(() => {});
    }
  }

  async #sample(check: HealthCheck): Promise<Sample> {
    const at = this.#clock.now();
    const options = { timeoutMs: check.timeoutMs, signal: this.#stop.signal };
    try {
      const answer =
        check.at.kind === 'url'
          ? await this.#http.get(check.at.url, options)
          : await this.#cluster.serviceGet(check.at.service, check.at.port, check.at.path, options);
      return { at, judgement: judge(check, answer) };
    } catch (error) {
      return { at, judgement: judge(check, error instanceof Error ? error : new Error(String(error))) };
    }
  }

  report(): readonly ProbeReport[] {
    return this.#tracks.map((track) => {
      const now = this.#clock.now();
      const spans = track.spans.map((span, index) => ({ ...span, to: track.spans[index + 1]?.from ?? now }));
      return {
        name: track.check.name,
        samples: track.samples,
        failures: track.failures,
        downtimeMs: spans.filter((span) => !span.ok).reduce((sum, span) => sum + span.to - span.from, 0),
        ...(track.firstHealthyAt === undefined ? {} : { firstHealthyAt: iso(track.firstHealthyAt) }),
        last: track.last,
        spans: spans.map((span) => ({ ok: span.ok, from: iso(span.from), to: iso(span.to) })),
      };
    });
  }

  streaks(since: number): readonly number[] {
    return this.#tracks.map((track) => track.streak.filter((at) => at >= since).length);
  }

  sampled(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const onAbort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#watchers.push(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
    });
  }
}

function record(track: Track, { at, judgement }: Sample): void {
  track.samples += 1;
  track.last = judgement;
  if (judgement.ok) {
    track.firstHealthyAt ??= at;
    track.streak.push(at);
    if (track.streak.length > 1000) track.streak.shift();
  } else {
    track.failures += 1;
    track.streak = [];
  }
  const span = track.spans.at(-1);
  if (span?.ok === judgement.ok) span.to = at;
  else track.spans.push({ ok: judgement.ok, from: at, to: at });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
