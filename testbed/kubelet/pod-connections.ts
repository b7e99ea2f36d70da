import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { servedAt } from './forwards.ts';
import type { NodeAgent } from './node-agent.ts';
import type { Pod } from './pod.ts';

const DATA = 0;
const ERROR = 1;
const HIGH_WATER = 256 * 1024;
/** containerd gives the other direction so long once one has ended. */
const LAST_WORDS_MS = 1000;
const PROTOCOL = 'v4.channel.k8s.io';

/**
 * Port-forward over WebSocket as a kubelet with containerd serves it (k8s.io/cri-streaming, portforward/websocket.go; containerd,
 * sandbox_portforward_linux.go): one stream is one TCP connection within the pod, which ends when the server or the pod does.
 */
export class PodConnections {
  readonly #agent: NodeAgent;
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });

  constructor(agent: NodeAgent) {
    this.#agent = agent;
  }

  /** Whether the request is one for this; other protocols go to kwok. */
  takes(request: IncomingMessage, pod: Pod): boolean {
    const forKwok = pod.metadata.annotations?.['testbed/forward-by'] === 'kwok';
    return request.headers.upgrade?.toLowerCase() === 'websocket' && !forKwok;
  }

  serve(request: IncomingMessage, socket: Duplex, head: Buffer, pod: Pod): void {
    const port = Number(new URL(request.url ?? '/', 'https://kubelet').searchParams.get('port'));
    this.#server.handleUpgrade(request, socket, head, (peer) => {
      const portBytes = Buffer.from([port & 255, port >> 8]);
      peer.send(Buffer.from([DATA, ...portBytes]));
      peer.send(Buffer.from([ERROR, ...portBytes]));
      this.#join(peer, pod, port);
    });
  }

  #join(peer: WebSocket, pod: Pod, port: number): void {
    const { namespace, name, uid } = pod.metadata;
    const target = servedAt(pod, port);
    // Nothing listens on port 1: what nobody serves is refused by the machine itself.
    const onward = connect({ ...(target ?? { host: '127.0.0.1', port: 1 }), allowHalfOpen: true });
    let over = false;
    const finish = (error?: string) => {
      if (over) return;
      over = true;
      clearInterval(watch);
      onward.destroy();
      if (error !== undefined) {
        const said = `error forwarding port ${port} to pod ${name}, uid ${uid}: failed to execute portforward in network namespace "/var/run/netns/testbed": ${error}`;
        peer.send(Buffer.concat([Buffer.from([ERROR]), Buffer.from(said)]));
      }
      peer.close(1000);
    };
    const watch = setInterval(() => {
      if (this.#agent.pod(namespace, name)?.metadata.uid !== uid) finish('read tcp4: connection reset by peer');
    }, 50);
    onward.on('data', (chunk) => {
      peer.send(Buffer.concat([Buffer.from([DATA]), chunk]), () => {
        if (onward.isPaused() && peer.bufferedAmount < HIGH_WATER) onward.resume();
      });
      if (peer.bufferedAmount >= HIGH_WATER) onward.pause();
    });
    onward.on('end', () => setTimeout(finish, LAST_WORDS_MS).unref());
    onward.on('error', (error: NodeJS.ErrnoException) =>
      finish(
        onward.connecting || error.syscall === 'connect'
          ? `failed to connect to localhost:${port} inside namespace "testbed", IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused`
          : `read tcp4: ${error.code}`,
      ),
    );
    peer.on('message', (data) => {
      if (data[0] !== DATA || over) return;
      if (!onward.write(data.subarray(1))) {
        peer.pause();
        onward.once('drain', () => peer.resume());
      }
    });
    peer.on('error', () => finish());
    peer.on('close', () => finish());
  }
}
