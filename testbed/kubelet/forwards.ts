import { connect, createServer } from 'node:net';
import { FORWARD_NAMESPACE } from '../control-plane.ts';
import type { Pod } from './pod.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Where a pod's port really leads, from the annotation `testbed/serve` of its template:
 * `127.0.0.1:40001` for all ports, or `8080=127.0.0.1:40001,5432=127.0.0.1:40002`.
 */
export function servedAt(pod: Pod, port?: number): Address | undefined {
  const text = pod.metadata.annotations?.['testbed/serve'];
  for (const part of text?.split(',') ?? []) {
    const [, from, host, to] = /^(?:(\d+)=)?([^:=]+):(\d+)$/.exec(part.trim()) ?? [];
    if (host && to && (from === undefined || port === undefined || Number(from) === port))
      return { host, port: Number(to) };
  }
  return undefined;
}

/** kwok's targets stand in its configuration from the start; each of these listeners leads to one real target, given later. */
export class Forwards {
  readonly #targets: (Address | undefined)[];
  #next = 0;

  private constructor(count: number) {
    this.#targets = new Array(count).fill(undefined);
  }

  static async listen(ports: readonly number[]): Promise<Forwards> {
    const forwards = new Forwards(ports.length);
    await Promise.all(
      ports.map(
        (port, index) =>
          new Promise<void>((resolve, reject) => {
            const server = createServer((socket) => {
              const target = forwards.#targets[index];
              if (!target) {
                socket.destroy();
                return;
              }
              const onward = connect(target.port, target.host);
              for (const end of [socket, onward]) {
                end.on('error', () => {
                  socket.destroy();
                  onward.destroy();
                });
              }
              socket.pipe(onward).pipe(socket);
            });
            server.once('error', reject);
            server.listen(port, '127.0.0.1', resolve);
          }),
      ),
    );
    return forwards;
  }

  /** The path by which kwok reaches what the pod serves. More targets at once than listeners: the oldest way is taken over. */
  wayTo(pod: Pod): string | undefined {
    const target = servedAt(pod);
    if (!target) return undefined;
    let index = this.#targets.findIndex((one) => one?.host === target.host && one.port === target.port);
    if (index < 0) {
      index = this.#next++ % this.#targets.length;
      this.#targets[index] = target;
    }
    return `/portForward/${FORWARD_NAMESPACE}/forward-${index}`;
  }
}
