import { createServer } from 'node:http';
import { connect } from 'node:net';
import { servedAt } from './forwards.ts';
import type { NodeAgent } from './node-agent.ts';

/**
 * The way from the API server into the cluster (HTTP CONNECT on a socket): an address of this machine is reached as it is,
 * a pod's address leads to what its template says it serves. So `services/NAME:PORT/proxy` picks a Ready endpoint and reaches a real server.
 */
export function serveEgress(agent: NodeAgent, socketPath: string): Promise<void> {
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (incoming, socket, head) => {
    const [host = '', port = ''] = (incoming.url ?? '').split(':');
    const pod = host === '127.0.0.1' ? undefined : agent.podByAddress(host);
    const target = host === '127.0.0.1' ? { host, port: Number(port) } : pod && servedAt(pod, Number(port));
    if (!target) {
      socket.end(`HTTP/1.1 502 dial tcp ${host}:${port}: connect: no route to host\r\n\r\n`);
      return;
    }
    const onward = connect(target.port, target.host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', (error) => {
      if (onward.connecting || onward.bytesRead === 0)
        socket.end(`HTTP/1.1 502 ${error.message.replace(/\s+/g, ' ')}\r\n\r\n`);
      else socket.destroy();
    });
    socket.on('error', () => onward.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
}
