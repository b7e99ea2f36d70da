import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { ForwardedConnection } from './forwarded-connection.ts';
import type { ObjectClient } from './object-client.ts';
import { type ServiceTarget, serviceTarget } from './service-target.ts';

/** A way to one port of a Service. */
export interface Forward {
  readonly host: string;
  readonly port: number;
  /** Why the last connection failed; undefined once one has worked again. TCP can tell its client no more than that it was reset. */
  failure(): RollbackError | undefined;
}

/** A target that was just found need not be looked for again. */
const FRESH_MS = 2_000;

/**
 * Listeners on the loopback interface, each of whose connections becomes a stream to a Ready pod behind a Service, through the API server.
 * Every connection finds its pod anew, so that a pod that was replaced heals by the next connection. None of this keeps the process alive.
 */
export class ServiceForwards {
  readonly #client: ObjectClient;
  readonly #listeners = new Map<string, ServiceListener>();
  #closed = false;

  constructor(client: ObjectClient) {
    this.#client = client;
  }

  /**
   * The same listener for the same Service and port.
   * @param port number or name of a port of the Service
   * @throws DATABASE_UNREACHABLE when nothing behind the Service could be forwarded to now; CLUSTER_*
   */
  async to(service: string, port: string): Promise<Forward> {
    if (this.#closed)
      throw new RollbackError('CANCELLED', tr`The connection to the cluster was closed.`, tr`Run again.`);
    const key = JSON.stringify([service, port]);
    let listener = this.#listeners.get(key);
    if (!listener) {
      listener = new ServiceListener(this.#client, service, port);
      this.#listeners.set(key, listener);
    }
    return listener.ready();
  }

  close(): void {
    this.#closed = true;
    for (const listener of this.#listeners.values()) listener.close();
    this.#listeners.clear();
  }
}

class ServiceListener {
  readonly #client: ObjectClient;
  readonly #service: string;
  readonly #port: string;
  readonly #stop = new AbortController();
  readonly #sockets = new Set<Socket>();
  readonly #connections = new Set<ForwardedConnection>();
  #server: Promise<Server> | undefined;
  #found: { readonly target: ServiceTarget; readonly at: number } | undefined;
  #isFresh = false;
  #failure: RollbackError | undefined;

  constructor(client: ObjectClient, service: string, port: string) {
    this.#client = client;
    this.#service = service;
    this.#port = port;
  }

  async ready(): Promise<Forward> {
    await this.#target();
    this.#server ??= this.#listen();
    const { port } = (await this.#server).address() as AddressInfo;
    return { host: '127.0.0.1', port, failure: () => this.#failure };
  }

  close(): void {
    this.#stop.abort();
    for (const connection of this.#connections) connection.destroy();
    for (const socket of this.#sockets) socket.destroy();
    void this.#server?.then(
      (server) => server.close(),
      () => undefined,
    );
  }

  async #target(): Promise<ServiceTarget> {
    const { clock } = this.#client.transport;
    if (this.#isFresh && this.#found && clock.now() - this.#found.at < FRESH_MS) return this.#found.target;
    const target = await serviceTarget(this.#client, this.#service, this.#port, this.#found?.target.uid);
    this.#found = { target, at: clock.now() };
    this.#isFresh = true;
    return target;
  }

  #listen(): Promise<Server> {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (socket) => {
      socket.unref();
      this.#sockets.add(socket);
      // What goes wrong with it shows in `close`.
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
      this.#serve(socket).catch((error: unknown) => {
        this.#failure = error as RollbackError;
        socket.resetAndDestroy();
      });
    });
    server.unref();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(server));
    });
  }

  async #serve(socket: Socket): Promise<void> {
    const connection = await this.#open(socket, await this.#target());
    if (this.#stop.signal.aborted) return connection.destroy();
    this.#connections.add(connection);
    socket.on('close', () => this.#connections.delete(connection));
  }

  async #open(socket: Socket, target: ServiceTarget): Promise<ForwardedConnection> {
    const open = (to: ServiceTarget) => {
      const told = (failure: RollbackError | undefined) => {
        this.#failure = failure;
        if (failure) this.#isFresh = false;
      };
      return ForwardedConnection.open(this.#client, socket, this.#service, to, told, this.#stop.signal);
    };
    try {
      return await open(target);
    } catch (error) {
      if (!(error instanceof RollbackError)) throw error;
      if (error.code !== 'CLUSTER_ERROR') throw error;
      // The pod may have gone since it was looked up.
      this.#isFresh = false;
      const other = await this.#target();
      if (other.uid === target.uid) throw error;
      return open(other);
    }
  }
}
