import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OwnCluster, startCluster } from '../cluster.ts';

/** Names the socket at which test files ask for the cluster of the run. */
export const LOBBY_VARIABLE = 'TIERED_ROLLBACK_TESTBED_LOBBY';

/**
 * Lives in jest's own process and starts the shared cluster when the first test file asks for it,
 * so that a run which needs none does not pay for one.
 */
export class Lobby {
  readonly #folder: string;
  readonly #server: Server;
  #cluster: Promise<OwnCluster> | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#server = createServer((_request, response) => {
      this.#cluster ??= startCluster({ log: (line) => process.stderr.write(`${line}\n`) });
      this.#cluster.then(
        (cluster) => response.end(JSON.stringify(cluster.connection)),
        (error: Error) => response.writeHead(500).end(error.message),
      );
    });
  }

  static async open(): Promise<Lobby> {
    const lobby = new Lobby(await mkdtemp(join(tmpdir(), 'tiered-rollback-lobby-')));
    const socket = join(lobby.#folder, 'socket');
    await new Promise<void>((resolve) => lobby.#server.listen(socket, resolve));
    lobby.#server.unref();
    process.env[LOBBY_VARIABLE] = socket;
    return lobby;
  }

  async close(): Promise<void> {
    await (await this.#cluster?.catch(() => undefined))?.stop();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
