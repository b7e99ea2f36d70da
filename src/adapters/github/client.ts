import type { getOctokit } from '@actions/github';

export type Octokit = ReturnType<typeof getOctokit>;

/** GitHub's client, loaded when it is first asked for: most runs need none, and to parse it is a good part of a start. */
export function lazyOctokit({ token, apiUrl }: { token: string; apiUrl: string }): () => Promise<Octokit> {
  let client: Promise<Octokit> | undefined;
  return () => {
    client ??= import('@actions/github').then(({ getOctokit: create }) => create(token, { baseUrl: apiUrl }));
    return client;
  };
}
