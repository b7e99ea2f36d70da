import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { stringify } from 'yaml';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer =
  | {
      readonly status?: number;
      readonly json?: unknown;
      readonly text?: string;
      readonly headers?: Record<string, string>;
    }
  /** The connection is reset without an answer. */
  | 'reset'
  /** No answer, ever. */
  | 'silence'
  /** Half of the body, then the connection is reset. */
  | { readonly cut: string };

export type Handler = (seen: Seen, response: ServerResponse) => Answer | undefined;

/** A server that speaks as an API server does where it misbehaves: a test says how. */
export class FaultyServer {
  readonly seen: Seen[] = [];
  handler: Handler = () => ({ status: 404, json: status(404, 'NotFound', 'not found') });
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #scheme: string;

  private constructor(tls?: { readonly cert: string; readonly key: string }) {
    const answer = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    this.#server = tls ? (createTlsServer(tls, answer) as unknown as Server) : createServer(answer);
    this.#scheme = tls ? 'https' : 'http';
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(tls?: { readonly cert: string; readonly key: string }): Promise<FaultyServer> {
    const server = new FaultyServer(tls);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  kubeconfig(user: object = { token: 'a-valid-token' }, cluster: object = {}): string {
    return stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: this.url, ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'test', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'test',
    });
  }

  /** Requests by method. */
  count(method: string): number {
    return this.seen.filter((seen) => seen.method === method).length;
  }

  /** Ends connections as a load balancer does when it has had enough. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.dropConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url ?? '/', this.url);
    const seen = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
    };
    this.seen.push(seen);
    const answer = this.handler(seen, response);
    if (answer === undefined || answer === 'silence') return;
    if (answer === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    if ('cut' in answer) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.cut.length });
      response.write(answer.cut.slice(0, answer.cut.length / 2), () => request.socket.resetAndDestroy());
      return;
    }
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.text ?? JSON.stringify(answer.json));
  }
}

/** The `Status` object of a refusal. */
export function status(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message };
}
