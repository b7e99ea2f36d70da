import type { Socket } from 'node:net';
import { RollbackError } from '../../core/errors.ts';
import { kubectl } from '../../core/shell.ts';
import { tr } from '../../core/tr.ts';
import type { ChannelListener, ChannelSocket } from './channel-socket.ts';
import { openChannels } from './channels.ts';
import type { ObjectClient } from './object-client.ts';
import { printable } from './printable.ts';
import type { ServiceTarget } from './service-target.ts';

const DATA = 0;
const ERROR = 1;
/** The first two bytes of each channel repeat the port (k8s.io/cri-streaming, portforward/websocket.go). */
const PORT_BYTES = 2;
/** Within the time that a database client waits for its connection, so that it is told why there is none. */
const OPEN_MS = 7_000;
/** As containerd: once one side has ended, the other has a second. A half-closed connection cannot be passed on. */
const LAST_WORDS_MS = 1_000;

/** One accepted TCP connection and its stream to a pod; each direction holds back when the other side does not keep up. */
export class ForwardedConnection implements ChannelListener {
  readonly #local: Socket;
  readonly #told: (failure: RollbackError | undefined) => void;
  readonly #about: { readonly service: string; readonly target: ServiceTarget; readonly namespace: string };
  #channels: ChannelSocket | undefined;
  readonly #toSkip = [PORT_BYTES, PORT_BYTES];
  #said = '';
  #hasWorked = false;
  #lastWords: NodeJS.Timeout | undefined;

  private constructor(
    local: Socket,
    about: { readonly service: string; readonly target: ServiceTarget; readonly namespace: string },
    told: (failure: RollbackError | undefined) => void,
  ) {
    this.#local = local;
    this.#about = about;
    this.#told = told;
  }

  /**
   * Opens the stream and joins it to the connection. Nothing of `local` was read yet, and nothing is when this throws.
   * @param told is told why the stream broke, before the connection is reset; undefined once bytes came from the pod.
   * @throws CLUSTER_*, CANCELLED
   */
  static async open(
    client: ObjectClient,
    local: Socket,
    service: string,
    target: ServiceTarget,
    told: (failure: RollbackError | undefined) => void,
    signal: AbortSignal,
  ): Promise<ForwardedConnection> {
    const { namespace } = client;
    const connection = new ForwardedConnection(local, { service, target, namespace }, told);
    const channels = await openChannels(
      client,
      {
        pod: target.pod,
        subresource: 'portforward',
        query: `ports=${target.port}`,
        // Served by every API server and node of 1.24 to 1.37. The newer `SPDY/3.1+portforward.k8s.io` tunnels a second protocol.
        protocols: ['v4.channel.k8s.io'],
        signal,
        timeoutMs: OPEN_MS,
      },
      connection,
    );
    connection.#join(channels);
    return connection;
  }

  destroy(): void {
    this.#channels?.destroy();
    this.#local.destroy();
  }

  #join(channels: ChannelSocket): void {
    const local = this.#local;
    this.#channels = channels;
    local.on('data', (chunk: Buffer) => {
      if (!channels.send(DATA, chunk)) local.pause();
    });
    local.on('drain', () => channels.resume());
    local.on('end', () => this.#waitForLastWords());
    local.on('close', () => {
      clearTimeout(this.#lastWords);
      channels.close();
    });
    if (local.destroyed) channels.close();
    else local.resume();
  }

  data(channel: number, chunk: Buffer): boolean {
    const skipped = Math.min(this.#toSkip[channel] ?? 0, chunk.length);
    if (this.#toSkip[channel]) this.#toSkip[channel] -= skipped;
    const rest = chunk.subarray(skipped);
    if (channel === ERROR && this.#said.length < 2000) this.#said += rest.toString('utf8');
    if (channel !== DATA || rest.length === 0 || this.#local.destroyed) return true;
    if (!this.#hasWorked) this.#told(undefined);
    this.#hasWorked = true;
    if (this.#lastWords) this.#waitForLastWords();
    return this.#local.write(rest);
  }

  drain(): void {
    this.#local.resume();
  }

  end(how: 'closed' | 'cut', why: string): void {
    if (this.#local.destroyed) return;
    if (how === 'closed' && this.#said === '') {
      // The server has closed its end; ours follows once it took what came before.
      this.#local.end();
      this.#local.resume();
      return;
    }
    this.#told(this.#failure(why));
    this.#local.resetAndDestroy();
  }

  #waitForLastWords(): void {
    clearTimeout(this.#lastWords);
    this.#lastWords = setTimeout(() => {
      this.#channels?.close();
      this.#local.destroy();
    }, LAST_WORDS_MS).unref();
  }

  #failure(why: string): RollbackError {
    const { service, target, namespace } = this.#about;
    const where = tr`port ${target.port} of pod/${target.pod} (behind service/${service})`;
    const check = kubectl(namespace, 'port-forward', `pod/${target.pod}`, String(target.port));
    return this.#said === ''
      ? new RollbackError(
          'DATABASE_UNREACHABLE',
          tr`The port-forward to ${where} broke: ${printable(why, 200)}.`,
          tr`See whether the pod still runs: \`${kubectl(namespace, 'get', 'pod', target.pod)}\`; then run again: a run goes on where the last one stopped.`,
        )
      : new RollbackError(
          'DATABASE_UNREACHABLE',
          tr`The node could not reach ${where}: ${printable(this.#said, 300)}.`,
          tr`Is that the port on which the server listens? Try it: \`${check}\`.`,
        );
  }
}
