import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OpenApi, type Operation } from './github/openapi.ts';
import { type Answer, error, type Identity, Repository } from './github/repository.ts';

export type { Identity } from './github/repository.ts';
export { WORKFLOW_BOT } from './github/repository.ts';

export interface GithubRequest {
  /** `POST /repos/{owner}/{repo}/issues`. */
  readonly operation: string;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * What befalls a request. `answer`: GitHub says this and does nothing. `reset`: the connection is cut; with `after`, what was asked for was done
 * before. `meanwhile`: something happens (somebody else's change, a wait for another request), then it goes on as usual.
 */
export type GithubFault =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'text'; readonly status: number; readonly text: string }
  | { readonly kind: 'reset'; readonly after?: boolean }
  | { readonly kind: 'silence' }
  | { readonly kind: 'meanwhile'; readonly act: (request: GithubRequest) => void | Promise<void> };

export interface Github extends AsyncDisposable {
  /** For `GITHUB_API_URL`. */
  readonly url: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly state: Repository;
  readonly requests: readonly GithubRequest[];
  /** What GitHub's description does not allow: requests of the action, answers of this server. Tests expect none. */
  readonly violations: readonly string[];
  /** Makes a token. */
  token(identity: Identity): string;
  /** The next `times` requests for which `operation` begins with this are struck. */
  strike(operation: string, fault: GithubFault, times?: number): void;
  stop(): Promise<void>;
}

/**
 * The part of GitHub's REST API that the action uses, with a repository behind it. Every request and every answer is held against the
 * description that GitHub publishes.
 */
export async function startGithub({ repository = 'shop/app' } = {}): Promise<Github> {
  const api = await OpenApi.load();
  const state = new Repository(api, repository);
  const identities = new Map<string, Identity>();
  const requests: GithubRequest[] = [];
  const violations: string[] = [];
  const faults: { readonly operation: string; readonly fault: GithubFault; left: number }[] = [];

  const judged = async (incoming: IncomingMessage, response: ServerResponse, text: string): Promise<void> => {
    const { method = 'GET', url = '/', headers } = incoming;
    const { pathname, searchParams } = new URL(url, 'http://github');
    const operation = api.operation(method, pathname);
    if (!operation) {
      violations.push(`${method} ${pathname}: GitHub has no such operation`);
      return send(response, error(404, 'Not Found'));
    }
    const body = text === '' ? undefined : JSON.parse(text);
    const request = {
      operation: operation.name,
      path: operation.path,
      query: Object.fromEntries(searchParams),
      body: body ?? {},
    };
    requests.push(request);
    for (const fault of api.faultsOfRequest(operation, searchParams, body))
      violations.push(`${operation.name}: ${fault}`);
    if (!headers['user-agent']) violations.push(`${operation.name}: GitHub refuses requests without a User-Agent`);
    const answer = () => answerTo(operation, searchParams, request.body, headers.authorization);
    const struck = faults.find(({ operation: name, left }) => left > 0 && operation.name.startsWith(name));
    if (struck) struck.left -= 1;
    switch (struck?.fault.kind) {
      case 'answer': {
        const { status, message = 'Server Error', headers: more } = struck.fault;
        return send(response, error(status, message), more);
      }
      case 'text':
        response.writeHead(struck.fault.status, { 'content-type': 'text/html' }).end(struck.fault.text);
        return;
      case 'reset':
        if (struck.fault.after) answer();
        response.socket?.destroy();
        return;
      case 'silence':
        return;
      case 'meanwhile':
        await struck.fault.act(request);
        return send(response, answer());
      case undefined:
        return send(response, answer());
    }
  };

  const answerTo = (
    operation: Operation,
    query: URLSearchParams,
    body: GithubRequest['body'],
    authorization: string | undefined,
  ): Answer => {
    const who = identities.get(/^(?:token|bearer) (.+)$/i.exec(authorization ?? '')?.[1] ?? '');
    if (!who) return error(401, 'Bad credentials');
    const isOurs =
      !('owner' in operation.path) || `${operation.path['owner']}/${operation.path['repo']}` === repository;
    const answer = isOurs ? state.answer(operation, query, body, who) : error(404, 'Not Found');
    if (!answer) {
      violations.push(`${operation.name}: not played by this server`);
      return error(404, 'Not Found');
    }
    const seen = JSON.parse(JSON.stringify(answer.body));
    for (const fault of api.faultsOfAnswer(operation, answer.status, seen))
      violations.push(`${operation.name} ${answer.status}: ${fault}`);
    return answer;
  };

  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    response.on('error', () => {});
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      judged(incoming, response, Buffer.concat(chunks).toString('utf8')).catch((cause: unknown) => {
        violations.push(`the server failed: ${String(cause)}`);
        response.destroy();
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const stop = async () => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    repository,
    state,
    requests,
    violations,
    token: (identity) => {
      const token = `${identity.type === 'Bot' ? 'ghs' : 'ghp'}_${identities.size}testbed`;
      identities.set(token, identity);
      return token;
    },
    strike: (operation, fault, times = 1) => {
      faults.push({ operation, fault, left: times });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function send(
  response: ServerResponse,
  { status, body }: Answer,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}
