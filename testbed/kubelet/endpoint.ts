import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import type { Forwards } from './forwards.ts';
import { LogGone, type LogQuery, LogRefused } from './log-store.ts';
import type { NodeAgent } from './node-agent.ts';
import { PodConnections } from './pod-connections.ts';
import { resourceMetrics } from './usage.ts';

export interface EndpointOptions {
  readonly agent: NodeAgent;
  readonly forwards: Forwards;
  /** PEM; the authority signed the API server's client certificate and kwok's own. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly port: number;
  readonly kwokPort: number;
}

/** The kubelet's HTTPS port: logs, usage and port-forward over WebSocket are answered here; exec, and what kubectl speaks, is passed on to kwok. */
export function serveKubelet(options: EndpointOptions): Promise<void> {
  const { agent, tls, port, kwokPort } = options;
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: true }, (incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'https://kubelet');
    const [, verb, namespace = '', name = '', container = ''] = url.pathname.split('/');
    if (url.pathname === '/metrics/resource') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(resourceMetrics(agent.pods()));
      return;
    }
    if (verb === 'containerLogs') return answerLogs(agent, { namespace, name, container, url }, response);
    const onward = request(
      {
        ...tls,
        host: '127.0.0.1',
        port: kwokPort,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', (error) => response.writeHead(502).end(error.message));
    incoming.pipe(onward);
  });
  const connections = new PodConnections(agent);
  server.on('upgrade', (incoming, socket, head) => {
    const [, verb, namespace = '', name = ''] = (incoming.url ?? '').split(/[/?]/);
    const pod = verb === 'portForward' ? agent.pod(namespace, name) : undefined;
    if (pod && connections.takes(incoming, pod)) connections.serve(incoming, socket, head, pod);
    else tunnel(options, incoming, socket, head);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

function answerLogs(
  agent: NodeAgent,
  { namespace, name, container, url }: { namespace: string; name: string; container: string; url: URL },
  response: ServerResponse,
): void {
  const pod = agent.pod(namespace, name);
  if (!pod) {
    response.writeHead(404).end(`pod "${name}" not found`);
    return;
  }
  const query = logQuery(url.searchParams);
  try {
    let sent = agent.logs.read(pod, container, query);
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write(sent);
    if (url.searchParams.get('follow') !== 'true') {
      response.end();
      return;
    }
    // Followed until the pod is gone or the reader leaves, as on a node.
    const timer = setInterval(() => {
      const current = agent.pod(namespace, name);
      if (!current) {
        response.end();
        return;
      }
      const { tailLines: _tail, ...whole } = query;
      try {
        const now = agent.logs.read(current, container, whole);
        if (now.length > sent.length) response.write(now.slice(sent.length));
        sent = now;
      } catch {
        response.end();
      }
    }, 100);
    response.on('close', () => clearInterval(timer));
  } catch (error) {
    if (error instanceof LogGone) response.writeHead(200, { 'content-type': 'text/plain' }).end(error.message);
    else if (error instanceof LogRefused) response.writeHead(400).end(error.message);
    else response.writeHead(500).end((error as Error).message);
  }
}

function logQuery(parameters: URLSearchParams): LogQuery {
  const number = (name: string) => (parameters.has(name) ? Number(parameters.get(name)) : undefined);
  const [tailLines, sinceSeconds, limitBytes] = [number('tailLines'), number('sinceSeconds'), number('limitBytes')];
  const sinceTime = parameters.get('sinceTime');
  return {
    previous: parameters.get('previous') === 'true',
    timestamps: parameters.get('timestamps') === 'true',
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(sinceTime === null ? {} : { sinceTime }),
  };
}

/** Exec and port-forward take the connection over; the bytes behind the request's head are none of our business. */
function tunnel(
  { agent, forwards, tls, kwokPort }: EndpointOptions,
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
) {
  const [, verb, namespace = '', name = ''] = (incoming.url ?? '').split(/[/?]/);
  let path = incoming.url ?? '/';
  if (verb === 'portForward') {
    const pod = agent.pod(namespace, name);
    const way = pod ? forwards.wayTo(pod) : undefined;
    if (way === undefined) {
      const said = `pod "${name}" serves nothing: its template has no annotation testbed/serve`;
      socket.end(`HTTP/1.1 404 Not Found\r\ncontent-length: ${said.length}\r\nconnection: close\r\n\r\n${said}`);
      return;
    }
    path = path.replace(`/portForward/${namespace}/${name}`, way);
  }
  const onward = connect({ ...tls, host: '127.0.0.1', port: kwokPort }, () => {
    const headers: string[] = [];
    for (let at = 0; at + 1 < incoming.rawHeaders.length; at += 2) {
      headers.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}`);
    }
    onward.write(`${incoming.method} ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
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
