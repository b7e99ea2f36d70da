import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';

export interface ApiClientOptions {
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly userAgent?: string;
}

export interface ApiResponse {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: objects of any kind the API serves
  readonly body: any;
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

/**
 * The few calls that the testbed makes to the API server. It is its own so that a defect of the
 * client that the product uses cannot hide behind the same defect here.
 */
export class ApiClient {
  readonly #options: ApiClientOptions;
  readonly #agent: Agent;

  constructor(options: ApiClientOptions) {
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, ca: options.ca, cert: options.cert, key: options.key, maxSockets: 32 });
  }

  /** Returns any answer, whatever its status; rejects only when there is none. */
  async send(
    method: string,
    path: string,
    body?: unknown,
    { contentType = 'application/json', timeoutMs = 30_000 }: { contentType?: string; timeoutMs?: number } = {},
  ): Promise<ApiResponse> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await this.#open(method, path, text, contentType, timeoutMs);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const answer = Buffer.concat(chunks).toString();
    const json = response.headers['content-type']?.includes('json');
    return { status: response.statusCode ?? 0, body: json && answer !== '' ? JSON.parse(answer) : answer };
  }

  /** Like `send`, but an answer outside 2xx rejects with what the server said. `allow` lists other statuses to return. */
  async call(method: string, path: string, body?: unknown, options: { contentType?: string; allow?: number[] } = {}) {
    const response = await this.send(method, path, body, options);
    const fine = (response.status >= 200 && response.status < 300) || options.allow?.includes(response.status);
    if (!fine) {
      const said = typeof response.body === 'string' ? response.body : response.body?.message;
      throw new Error(`${method} ${path}: ${response.status} ${said}`);
    }
    return response;
  }

  /** Lists, then watches until `signal` aborts; an expired or closed watch starts again with a list, whose items come as ADDED. */
  async *watch<T>(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent<T>> {
    while (!signal.aborted) {
      try {
        const { body } = await this.call('GET', path);
        for (const object of body.items) yield { type: 'ADDED', object };
        const joint = path.includes('?') ? '&' : '?';
        const url = `${path}${joint}watch=1&allowWatchBookmarks=true&resourceVersion=${body.metadata.resourceVersion}`;
        const stream = await this.#open('GET', url, undefined, undefined, 0, signal);
        for await (const line of createInterface({ input: stream })) {
          if (line === '') continue;
          const event = JSON.parse(line) as WatchEvent<T>;
          if (event.type === 'ERROR') break;
          if (event.type !== 'BOOKMARK') yield event;
        }
      } catch {
        // The server is starting, stopping or under a fault: list again.
        if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #open(
    method: string,
    path: string,
    body: string | undefined,
    contentType: string | undefined,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${this.#options.server}${path}`,
        {
          method,
          agent: this.#agent,
          ...(signal ? { signal } : {}),
          headers: {
            accept: 'application/json',
            'user-agent': this.#options.userAgent ?? 'testbed',
            ...(body === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }),
          },
        },
        resolve,
      );
      outgoing.once('error', reject);
      if (timeoutMs > 0)
        outgoing.setTimeout(timeoutMs, () =>
          outgoing.destroy(new Error(`${method} ${path}: silent for ${timeoutMs} ms`)),
        );
      outgoing.end(body);
    });
  }
}
