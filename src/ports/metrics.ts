export interface MetricSample {
  /** Labels; none for a scalar. */
  readonly labels: Readonly<Record<string, string>>;
  /** May be NaN or infinite, as in PromQL. */
  readonly value: number;
  /** ms since the epoch. */
  readonly at: number;
}

export interface MetricAnswer {
  readonly samples: readonly MetricSample[];
  /** What the server warns of, e.g. that a part of its data did not answer. */
  readonly warnings: readonly string[];
}

export interface MetricsReader {
  /**
   * Value of a PromQL expression at one time: an instant vector or a scalar.
   * @param options.at ms since the epoch; the server's now unless told.
   * @throws METRICS_UNAVAILABLE (no usable answer), METRICS_QUERY (the server refuses the expression, or its result is of another type), CANCELLED
   */
  query(expression: string, options: { readonly signal: AbortSignal; readonly at?: number }): Promise<MetricAnswer>;
}
