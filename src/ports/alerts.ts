import type { AlertMatcher } from '../core/alerts.ts';

export type { AlertMatcher };

export interface FiringAlert {
  readonly fingerprint: string;
  /** Label `alertname`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** ms since the epoch. */
  readonly startsAt: number;
  /** Ids of the silences that mute it. */
  readonly silencedBy: readonly string[];
}

export interface Silence {
  readonly id: string;
  readonly state: 'active' | 'pending' | 'expired';
  readonly matchers: readonly AlertMatcher[];
  /** ms since the epoch. */
  readonly startsAt: number;
  /** ms since the epoch. */
  readonly endsAt: number;
  readonly createdBy: string;
  readonly comment: string;
}

/** All methods throw ALERTS_UNAVAILABLE when there is no usable answer, and CANCELLED. */
export interface AlertReader {
  /** Alerts that fire now and match all matchers, silenced ones too; those that another alert inhibits are left out. */
  firing(matchers: readonly AlertMatcher[], options: { readonly signal: AbortSignal }): Promise<readonly FiringAlert[]>;
  /** The silences of this run: made by us, with the run's mark in the comment; expired ones too, as long as the server keeps them. */
  ownSilences(options: { readonly signal: AbortSignal }): Promise<readonly Silence[]>;
}

export interface SilenceRequest {
  readonly matchers: readonly AlertMatcher[];
  /** ms since the epoch; the past counts as now. */
  readonly startsAt: number;
  /** ms since the epoch: the silence ends by itself then, whatever becomes of the run. */
  readonly endsAt: number;
  /** For people; the run's mark is added. */
  readonly comment: string;
}

/** Silences of this run only: of anybody else's nothing is changed (SILENCE_FOREIGN). */
export interface AlertWriter {
  /** Returns the id. After a lost answer it looks whether the silence is there, and does not ask for a second one. */
  silence(request: SilenceRequest, options: { readonly signal: AbortSignal }): Promise<string>;
  /** Moves the end. Returns the id, which is another one where the server had to make it anew. @throws SILENCE_FOREIGN */
  extend(id: string, endsAt: number, options: { readonly signal: AbortSignal }): Promise<string>;
  /** Ends it now. One that is gone or expired already is fine. @throws SILENCE_FOREIGN */
  expire(id: string, options: { readonly signal: AbortSignal }): Promise<void>;
}
