import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OwnCluster, startCluster } from '../cluster.ts';
import { type OwnPostgres, startPostgres } from '../postgres.ts';

/** Names the socket at which test files ask for the cluster and the database server of the run. */
export const LOBBY_VARIABLE = 'TIERED_ROLLBACK_TESTBED_LOBBY';

/** Many test files at once, and what only some of them need: logical slots, prepared transactions, a log of who changed which structure. */
const SHARED_SETTINGS = {
  max_connections: '200',
  max_prepared_transactions: '10',
  wal_level: 'logical',
  log_statement: 'ddl',
  log_line_prefix: '%m [%p] %q%d ',
};

/**
 * Lives in jest's own process and starts the shared cluster, or database server, when the first test file asks for it,
 * so that a run which needs none does not pay for one.
 */
export class Lobby {
  readonly #folder: string;
  readonly #server: Server;
  #cluster: Promise<OwnCluster> | undefined;
  #postgres: Promise<OwnPostgres> | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
    const log = (line: string) => process.stderr.write(`${line}\n`);
    this.#server = createServer((request, response) => {
      const started = request.url === '/postgres' ? this.#startPostgres(log) : this.#startCluster(log);
      started.then(
        ({ connection }) => response.end(JSON.stringify(connection)),
        (error: Error) => response.writeHead(500).end(error.message),
      );
    });
  }

  #startCluster(log: (line: string) => void): Promise<OwnCluster> {
    this.#cluster ??= startCluster({ log });
    return this.#cluster;
  }

  #startPostgres(log: (line: string) => void): Promise<OwnPostgres> {
    this.#postgres ??= startPostgres({ log, settings: SHARED_SETTINGS });
    return this.#postgres;
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
    await (await this.#postgres?.catch(() => undefined))?.stop();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
