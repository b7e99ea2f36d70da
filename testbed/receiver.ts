import { createServer as createHttp, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** ms since the epoch. */
  readonly at: number;
}

/** How one request is answered. `silent`: the request is read and never answered; `reset`: the connection is cut. */
export type Reply =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      /** The body again and again until the client leaves. */
      readonly endless?: boolean;
    }
  | 'silent'
  | 'reset';

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly ReceivedRequest[];
  /** Answers for the next requests, in order; then 200 "ok", or what `always` says. */
  reply(...replies: readonly Reply[]): void;
  /** The answer whenever none is waiting. */
  always(reply: Reply): void;
  /** Forgets requests and answers. */
  clear(): void;
  stop(): Promise<void>;
}

const OK: Reply = { status: 200, headers: { 'content-type': 'text/html' }, body: 'ok' };

/** A real HTTP server that writes down what it gets: a webhook's target, or a server that misbehaves. */
export async function startReceiver(
  options: { readonly tls?: { readonly cert: string; readonly key: string } } = {},
): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  let waiting: Reply[] = [];
  let standard: Reply = OK;
  const answer = (response: ServerResponse) => {
    const reply = waiting.shift() ?? standard;
    if (reply === 'silent') return;
    if (reply === 'reset') {
      response.socket?.destroy();
      return;
    }
    response.writeHead(reply.status, reply.headers);
    if (!reply.endless) {
      response.end(reply.body ?? '');
      return;
    }
    const more = () => {
      while (!response.destroyed && response.write(reply.body ?? 'x'.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
  const listener: Parameters<typeof createHttp>[1] = (incoming, response) => {
    const chunks: Buffer[] = [];
    response.on('error', () => {});
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming;
      requests.push({ method, path, headers, body: Buffer.concat(chunks).toString('utf8'), at: Date.now() });
      answer(response);
    });
  };
  const server = options.tls ? createHttps({ ...options.tls }, listener) : createHttp(listener);
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    reply: (...replies) => {
      waiting.push(...replies);
    },
    always: (reply) => {
      standard = reply;
    },
    clear: () => {
      requests.length = 0;
      waiting = [];
      standard = OK;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
