export interface HttpAnswer {
  readonly status: number;
  /** At most the first 64 KiB. */
  readonly body: string;
  readonly durationMs: number;
}

/** Plain GET for health checks. Redirects to another host are not followed (they count as the answer they are). */
export interface HttpReader {
  /** @throws Silence with a short reason (refused, timed out, certificate) when there is no answer. */
  get(url: string, options: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<HttpAnswer>;
}
