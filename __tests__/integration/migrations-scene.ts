import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../src/adapters/clock.ts';
import { createCommands } from '../../src/adapters/commands.ts';
import { connectDatabase } from '../../src/adapters/postgres/index.ts';
import type { Config, MigrationsConfig } from '../../src/core/config.ts';
import { addressVariables } from '../../src/core/database/address-variables.ts';
import { failuresOf, type RollbackError } from '../../src/core/errors.ts';
import { EMPTY_LEDGER, type RollbackRecord } from '../../src/core/ledger.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Said } from '../../src/core/said.ts';
import type { Planned } from '../../src/core/step.ts';
import type { WriteContext } from '../../src/ports/context.ts';
import type { MigrationsChange } from '../../src/steps/migrations/goal.ts';
import { rollbackMigrations } from '../../src/steps/rollback-migrations.ts';
import { bringPackages } from '../../testbed/npm-packages.ts';
import type { Postgres } from '../../testbed/postgres.ts';
import { member, situationOf } from '../unit/preflight/world.ts';

export const TOOLS_FOLDER = join(import.meta.dirname, '../fixtures/migration-tools');

export interface SceneOptions {
  readonly migrations: Partial<MigrationsConfig>;
  /** What the ledger says of the target. */
  readonly ledgerHead?: string;
  readonly config?: Partial<Config>;
  /** The record of this run. */
  readonly record?: Partial<RollbackRecord>;
  readonly undoes?: Partial<RollbackRecord>;
  /** Of restore-database. */
  readonly outcome?: Outcome;
  /** ms since the epoch. */
  readonly deadline?: number;
}

/** A database of its own, a workspace, and the step between them; the cluster's part is made up. */
export class MigrationsScene {
  readonly name: string;
  readonly workspace: string;
  readonly #server: Postgres;
  readonly notes: Said[] = [];
  readonly logs: string[] = [];
  recorded: RollbackRecord[] = [];

  private constructor(server: Postgres, name: string, workspace: string) {
    this.#server = server;
    this.name = name;
    this.workspace = workspace;
  }

  static async create(server: Postgres, sql = ''): Promise<MigrationsScene> {
    const workspace = await mkdtemp(join(tmpdir(), 'migrations-'));
    return new MigrationsScene(server, await server.createDatabase(sql ? { sql } : {}), workspace);
  }

  /** With the files of one tool, and the tool itself. */
  static async of(server: Postgres, tool: string): Promise<MigrationsScene> {
    const scene = await MigrationsScene.create(server);
    await cp(join(TOOLS_FOLDER, tool), scene.workspace, { recursive: true });
    await symlink(await bringPackages(TOOLS_FOLDER), join(scene.workspace, 'node_modules'));
    return scene;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.workspace, { recursive: true, force: true });
  }

  async put(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.workspace, path)), { recursive: true });
    await writeFile(join(this.workspace, path), text, { mode: 0o755 });
  }

  get password(): string {
    return this.#variables['PGPASSWORD'] ?? '';
  }

  get #variables(): Readonly<Record<string, string>> {
    return addressVariables({ url: this.#server.url(this.name) });
  }

  get environment(): NodeJS.ProcessEnv {
    const psql = dirname(this.#server.tool('psql'));
    // The tools look for news and for binaries on the network otherwise.
    return {
      ...process.env,
      PATH: `${psql}:${process.env['PATH']}`,
      NODE_OPTIONS: '',
      NODE_ENV: 'production',
      CHECKPOINT_DISABLE: '1',
      ...QUIET_PRISMA,
    };
  }

  /** As the project would by hand. */
  async shell(command: string): Promise<string> {
    const env = { ...this.environment, ...this.#variables };
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', command], {
      cwd: this.workspace,
      env,
    });
    return stdout;
  }

  async columns(): Promise<readonly string[]> {
    const rows = await this.#server.query(
      this.name,
      `SELECT column_name::text AS name FROM information_schema.columns WHERE table_name = 'users' ORDER BY ordinal_position`,
    );
    return rows.map(({ name }: { name: string }) => name);
  }

  query(sql: string): Promise<unknown[]> {
    return this.#server.query(this.name, sql);
  }

  context(options: SceneOptions): WriteContext {
    const web = member();
    const good = web.revisions.find(({ number }) => number === 1)?.hash ?? '';
    const bare = { url: '', actor: '', reason: '', at: '', fromImages: [], toImages: [] };
    const to = { ...bare, kind: web.ref.kind, name: web.ref.name, uid: '', from: 'x', to: good };
    const verified: RollbackRecord = {
      ...bare,
      run: 'earlier',
      members: [to],
      verifiedAt: '2026-01-01T00:00:00Z',
      ...(options.ledgerHead === undefined ? {} : { migrationHead: options.ledgerHead }),
    };
    const own: RollbackRecord = { ...bare, run: 'this-run', members: [to], ...options.record };
    const rollbacks = [own, verified];
    const database = connectDatabase({ url: this.#server.url(this.name) });
    const commands = createCommands({
      workspace: this.workspace,
      environment: this.environment,
      neutral: (text) => text.replaceAll(this.password, '***'),
      databaseEnvironment: async () => this.#variables,
    });
    const config = {
      mode: 'rollback',
      tier: 'complete',
      skipSteps: [],
      database: { name: this.name, checks: [], migrations: { timeoutMs: 60_000, ...options.migrations } },
      ...options.config,
    };
    const ctx = {
      config,
      run: { id: 'this-run' },
      situation: situationOf([web], {
        ledger: { ledger: { ...EMPTY_LEDGER, rollbacks }, access: 'full' },
        ...(options.undoes ? { undoes: { ...own, ...options.undoes } } : {}),
      }),
      database,
      commands,
      clock: systemClock,
      signal: new AbortController().signal,
      deadline: options.deadline ?? Date.now() + 120_000,
      irreversibleUntil: options.deadline ?? Date.now() + 120_000,
      log: {
        phase: () => {},
        debug: () => {},
        info: (line: string) => this.logs.push(line),
        warn: (line: string) => this.logs.push(line),
      },
      note: (note: Said) => this.notes.push(note),
      outcomeOf: () => options.outcome,
      record: async (change: (record: RollbackRecord) => RollbackRecord) => {
        this.recorded.push(change(own));
      },
      write: { commands },
    };
    return ctx as unknown as WriteContext;
  }
}

/** Set and empty: with an adapter it needs neither, and without these it would fetch both from the network. */
const QUIET_PRISMA = { PRISMA_QUERY_ENGINE_LIBRARY: '/dev/null', PRISMA_SCHEMA_ENGINE_BINARY: '/dev/null' };

export interface Went {
  readonly planned: Planned<MigrationsChange>;
  readonly failure: RollbackError | undefined;
  readonly outcome: Outcome;
}

/** Plan, apply where something is to change, verify: as the engine does. */
export async function go(ctx: WriteContext): Promise<Went> {
  const planned = (await rollbackMigrations.plan(ctx)) as Planned<MigrationsChange>;
  const change = planned.kind === 'change' ? planned.change : undefined;
  const failure =
    change &&
    (await rollbackMigrations.apply(ctx, change).then(
      () => undefined,
      (error) => error,
    ));
  return { planned, failure, outcome: await rollbackMigrations.verify(ctx, change) };
}

/** The refusal of a plan. */
export async function refusal(ctx: WriteContext) {
  const failures = await rollbackMigrations.plan(ctx).then(() => [], failuresOf);
  return failures[0];
}
