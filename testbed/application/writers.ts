import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Postgres } from '../postgres.ts';

/** Clients that write one row after another and connect again whenever they lose their session, as applications do. */
export class Writers {
  /** What the server confirmed. */
  readonly acknowledged = new Set<string>();
  /** A write whose answer was lost may be there or not. */
  readonly uncertain = new Set<string>();
  #stopped = false;
  readonly #insert: string;
  readonly #running: Promise<void>[];

  /** @param insert takes the row's id, unique over all writers, as `$1` */
  constructor(server: Postgres, database: string, count = 8, insert = 'INSERT INTO writes VALUES ($1)') {
    this.#insert = insert;
    this.#running = Array.from({ length: count }, (_, writer) => this.#write(server, database, writer));
  }

  async #write(server: Postgres, database: string, writer: number): Promise<void> {
    let client: pg.Client | undefined;
    for (let n = 0; !this.#stopped; n++) {
      const id = `${writer}-${n}`;
      try {
        client ??= await server.client(database, 'owner');
        this.uncertain.add(id);
        await client.query(this.#insert, [id]);
        this.uncertain.delete(id);
        this.acknowledged.add(id);
        await delay(2);
      } catch {
        await client?.end().catch(() => {});
        client = undefined;
        await delay(5);
      }
    }
    await client?.end().catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }
}
