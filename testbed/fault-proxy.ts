import { readFile } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { parse, stringify } from 'yaml';
import type { Cluster, User } from './cluster.ts';

/** What goes wrong with a request. Each but `delay` ends it. */
export type Fault =
  /** It is passed on later, and answered as always. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Answered by us; the API server never sees it. `after: true`: it did, and applied it, but the client is told otherwise. */
  | {
      readonly kind: 'status';
      readonly code: number;
      readonly retryAfterSeconds?: number;
      readonly message?: string;
      readonly after?: boolean;
    }
  /** The connection breaks before the API server sees the request. */
  | { readonly kind: 'reset' }
  /** The API server applied it; the connection breaks instead of the answer. */
  | { readonly kind: 'drop-answer' }
  /** The answer breaks off after so many bytes of its body. */
  | { readonly kind: 'cut'; readonly bytes: number }
  /** A watch or a log that stays open and says nothing more after so many bytes. */
  | { readonly kind: 'silence'; readonly bytes: number }
  /** A watch that ends at once with 410 Expired, as one does that starts from a too old version. */
  | { readonly kind: 'expired-watch' };

export interface ProxiedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly watch: boolean;
  /** The client certificate's user, or `bearer`. */
  readonly user: string;
  /** What was sent; undefined when nothing or no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: an object of any kind
  readonly body?: any;
}

export interface Injection {
  /** The requests that it struck so far. */
  readonly struck: readonly ProxiedRequest[];
  remove(): void;
}

export interface FaultProxy extends AsyncDisposable {
  readonly server: string;
  /** An administrator's, through the proxy. */
  readonly kubeconfig: string;
  kubeconfigFor(user: User): Promise<string>;
  /** Every request so far, in order of arrival. */
  readonly requests: readonly ProxiedRequest[];
  /** Strikes requests that match, at most `times` (always unless told). Earlier injections come first; one fault per request. */
  inject(fault: Fault, matches?: (request: ProxiedRequest) => boolean, times?: number): Injection;
  /** Removes all injections. */
  clear(): void;
  stop(): Promise<void>;
}

interface Armed {
  readonly fault: Fault;
  readonly matches: (request: ProxiedRequest) => boolean;
  readonly struck: ProxiedRequest[];
  left: number;
}

/**
 * Stands between a client and the API server, with a certificate of the cluster's own authority. Who a client is stays what its
 * certificate or token says: certificates are passed on as an authenticating proxy does, so RBAC and audit see the user.
 */
export async function startFaultProxy(cluster: Cluster): Promise<FaultProxy> {
  const [serving, frontCert, frontKey] = await Promise.all([
    cluster.issue({ commonName: 'fault-proxy', hosts: ['127.0.0.1', 'localhost'] }),
    readFile(join(cluster.folder, 'front-proxy.crt'), 'utf8'),
    readFile(join(cluster.folder, 'front-proxy.key'), 'utf8'),
  ]);
  const upstream = new URL(cluster.server);
  const asFrontProxy = { ca: cluster.ca, cert: frontCert, key: frontKey };
  const asNobody = { ca: cluster.ca };
  const agents = {
    certificate: new Agent({ keepAlive: true, ...asFrontProxy }),
    bearer: new Agent({ keepAlive: true, ...asNobody }),
  };
  const requests: ProxiedRequest[] = [];
  let armed: Armed[] = [];

  const take = (one: ProxiedRequest): Fault | undefined => {
    const found = armed.find(({ left, matches }) => left > 0 && matches(one));
    if (!found) return undefined;
    found.left--;
    found.struck.push(one);
    return found.fault;
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = await readAll(incoming);
    const identity = identify(incoming);
    const one = describe(incoming, identity.user, body);
    requests.push(one);
    const fault = take(one);
    if (fault?.kind === 'delay') await delay(fault.ms);
    if (fault?.kind === 'reset') return void response.destroy();
    if (fault?.kind === 'expired-watch') return answerExpired(response);
    if (fault?.kind === 'status' && !fault.after) return answerStatus(response, fault);

    const onward = request({
      host: upstream.hostname,
      port: upstream.port,
      method: incoming.method,
      path: incoming.url,
      headers: identity.headers,
      agent: identity.certificate ? agents.certificate : agents.bearer,
    });
    onward.on('error', () => response.destroy());
    // The client left: the watch upstream must not stay.
    response.on('close', () => onward.destroy());
    onward.on('response', (answer) => relay(answer, response, fault));
    onward.end(body);
  };

  const server: Server = createServer(
    { ...serving, ca: cluster.ca, requestCert: true, rejectUnauthorized: false },
    (incoming, response) => {
      handle(incoming, response).catch(() => response.destroy());
    },
  );
  server.on('upgrade', (incoming, socket, head) => {
    const identity = identify(incoming);
    const one = describe(incoming, identity.user, Buffer.alloc(0));
    requests.push(one);
    const fault = take(one);
    if (fault && fault.kind !== 'delay') {
      socket.destroy();
      return;
    }
    const tls = identity.certificate ? asFrontProxy : asNobody;
    const wait = fault ? delay(fault.ms) : Promise.resolve();
    void wait.then(() => upgrade(upstream, tls, incoming, identity.headers, socket, head));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const through = (kubeconfig: string) => {
    const config = parse(kubeconfig);
    for (const { cluster: entry } of config.clusters) entry.server = address;
    return stringify(config);
  };

  const proxy: FaultProxy = {
    server: address,
    kubeconfig: through(cluster.kubeconfig),
    kubeconfigFor: async (user) => through(await cluster.kubeconfigFor(user)),
    requests,
    inject(fault, matches = () => true, times = Number.POSITIVE_INFINITY) {
      const one: Armed = { fault, matches, struck: [], left: times };
      armed.push(one);
      return {
        struck: one.struck,
        remove: () => {
          armed = armed.filter((other) => other !== one);
        },
      };
    },
    clear() {
      armed = [];
    },
    async stop() {
      server.closeAllConnections();
      for (const agent of Object.values(agents)) agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
    [Symbol.asyncDispose]: () => proxy.stop(),
  };
  return proxy;
}

function relay(answer: IncomingMessage, response: ServerResponse, fault: Fault | undefined): void {
  if (fault?.kind === 'drop-answer' || fault?.kind === 'status') {
    answer.resume();
    // Only when the whole answer is there has the server surely applied it.
    answer.on('end', () => (fault.kind === 'status' ? answerStatus(response, fault) : response.destroy()));
    return;
  }
  const { connection: _connection, 'transfer-encoding': _encoding, ...headers } = answer.headers;
  response.writeHead(answer.statusCode ?? 502, headers);
  // A watch has no byte yet; its client must still learn that it stands.
  response.flushHeaders();
  if (fault?.kind !== 'cut' && fault?.kind !== 'silence') {
    answer.on('error', () => response.destroy());
    answer.pipe(response);
    return;
  }
  let left = fault.bytes;
  const stop = () => {
    if (fault.kind === 'cut') response.destroy();
  };
  if (left === 0) stop();
  answer.on('data', (chunk: Buffer) => {
    if (left > 0) response.write(chunk.subarray(0, left), () => left <= 0 && stop());
    left -= chunk.length;
  });
  answer.on('end', () => {
    // Shorter than the cut: then nothing was cut.
    if (left > 0) response.end();
  });
  answer.on('error', () => response.destroy());
}

function answerStatus(response: ServerResponse, fault: Extract<Fault, { kind: 'status' }>): void {
  const { code, retryAfterSeconds } = fault;
  const reasons: Record<number, string> = {
    401: 'Unauthorized',
    403: 'Forbidden',
    409: 'Conflict',
    429: 'TooManyRequests',
    500: 'InternalError',
    503: 'ServiceUnavailable',
    504: 'Timeout',
  };
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: fault.message ?? reasons[code] ?? 'injected',
    reason: reasons[code] ?? '',
    ...(retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }),
    code,
  };
  response
    .writeHead(code, {
      'content-type': 'application/json',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    })
    .end(JSON.stringify(body));
}

function answerExpired(response: ServerResponse): void {
  const object = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'too old resource version: 1 (2)',
    reason: 'Expired',
    code: 410,
  };
  response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
}

interface Identity {
  readonly user: string;
  readonly certificate: boolean;
  readonly headers: OutgoingHttpHeaders;
}

/** A client with a certificate of our authority is named to the API server in headers, which it believes of its front proxy. */
function identify(incoming: IncomingMessage): Identity {
  const socket = incoming.socket as TLSSocket;
  const headers: OutgoingHttpHeaders = { ...incoming.headers };
  for (const name of Object.keys(headers)) if (name.startsWith('x-remote-')) delete headers[name];
  const subject = socket.authorized ? socket.getPeerCertificate().subject : undefined;
  if (!subject?.CN) return { user: 'bearer', certificate: false, headers };
  // `O` is a list when the user has several groups; the types know of one only.
  const groups = [subject.O as string | string[] | undefined].flat().filter((group) => group !== undefined);
  headers['x-remote-user'] = subject.CN as string;
  if (groups.length > 0) headers['x-remote-group'] = groups;
  return { user: subject.CN as string, certificate: true, headers };
}

function describe(incoming: IncomingMessage, user: string, body: Buffer): ProxiedRequest {
  const url = new URL(incoming.url ?? '/', 'https://proxy');
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    watch: ['1', 'true'].includes(url.searchParams.get('watch') ?? ''),
    user,
    ...json(body),
  };
}

function json(body: Buffer): { body?: unknown } {
  if (body.length === 0) return {};
  try {
    return { body: JSON.parse(body.toString()) };
  } catch {
    return {};
  }
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Exec and port-forward: the head is passed on with the same identity, the rest byte by byte. */
function upgrade(
  upstream: URL,
  tls: { ca: string; cert?: string; key?: string },
  incoming: IncomingMessage,
  headers: OutgoingHttpHeaders,
  socket: Duplex,
  head: Buffer,
): void {
  const onward = connect({ ...tls, host: upstream.hostname, port: Number(upstream.port) }, () => {
    const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`));
    onward.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    if (head.length > 0) onward.write(head);
    onward.pipe(socket).pipe(onward);
  });
  for (const end of [onward, socket]) {
    end.on('error', () => {
      onward.destroy();
      socket.destroy();
    });
  }
}
