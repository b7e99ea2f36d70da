/** What one address of the application answered. */
export interface Answer {
  readonly url: string;
  readonly status: number;
  /** The release that answered, or why nobody could. */
  readonly about: string;
}

/** Asks each address once; an address that does not answer has status 0. */
export function ask(urls: readonly string[]): Promise<Answer[]> {
  return Promise.all(
    urls.map(async (url) => {
      try {
        const response = await fetch(url);
        const { release, reason } = (await response.json()) as { release?: string; reason?: string };
        return { url, status: response.status, about: reason ?? `release ${release}` };
      } catch (error) {
        return { url, status: 0, about: (error as Error).message };
      }
    }),
  );
}
