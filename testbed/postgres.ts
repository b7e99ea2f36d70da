import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { TestbedError } from './errors.ts';
import { Guard } from './guard.ts';
import { freePorts } from './ports.ts';
import { findPostgres } from './postgres/binaries.ts';
import { serverIdentity } from './postgres/identity.ts';
import { ServerExited, ServerProcess } from './server-process.ts';

/** `postgres`: superuser. `owner`: owns databases and may create some (CREATEDB), no more. `app`: what an application connects as. */
export type Role = 'postgres' | 'owner' | 'app';

export interface PostgresOptions {
  /** Lines of postgresql.conf. `fsync` is off unless told: nothing here outlives its run. */
  readonly settings?: Readonly<Record<string, string>>;
  /** True: no passwords. Else scram-sha-256 for everybody. */
  readonly trust?: boolean;
  /** Folder of the programs; else the one that is found. */
  readonly bin?: string;
  /** PEM; TLS is off without. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly log?: (line: string) => void;
  /** More arguments of initdb, e.g. a locale. */
  readonly initdb?: readonly string[];
}

/** All that another process needs to use a server that this one started. */
export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly bin: string;
  readonly folder: string;
  readonly passwords: Readonly<Record<Role, string>>;
}

export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A real PostgreSQL on the loopback interface. */
export interface Postgres {
  readonly connection: PostgresConnection;
  readonly host: string;
  readonly port: number;
  /** Its own folder, readable for the server. */
  readonly folder: string;
  url(database: string, role?: Role): string;
  /** One statement or several as the superuser; the rows of the last. */
  // biome-ignore lint/suspicious/noExplicitAny: rows of any shape
  query<Row = any>(database: string, sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** A client of the caller's own, to be ended by it. */
  client(database: string, role?: Role): Promise<pg.Client>;
  /** psql on a database, with `-X -q -v ON_ERROR_STOP=1`; the text goes to its standard input. */
  psql(
    database: string,
    input: string,
    options?: { readonly role?: Role; readonly args?: readonly string[] },
  ): Promise<ToolResult>;
  /** What pg_dump prints. Throws when it fails. */
  pgDump(database: string, options?: { readonly role?: Role; readonly args?: readonly string[] }): Promise<string>;
  /** Any program of the set with the environment of a connection. */
  run(
    name: string,
    args: readonly string[],
    options?: { readonly database?: string; readonly role?: Role; readonly input?: string },
  ): Promise<ToolResult>;
  /** Path of a program of the set. */
  tool(name: string): string;
  /** Creates a database that `owner` owns, and runs the SQL in it as `owner`. Returns its name: the given one, or a free one. */
  createDatabase(options?: {
    readonly name?: string;
    readonly owner?: Role;
    readonly sql?: string;
    readonly options?: string;
  }): Promise<string>;
}

export interface OwnPostgres extends Postgres, AsyncDisposable {
  readonly pid: number;
  /** `immediate`: as a crash, sessions are cut and it recovers. */
  restart(mode?: 'fast' | 'immediate'): Promise<void>;
  /** SIGSTOP and SIGCONT for the postmaster only. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  logTail(lines?: number): Promise<string>;
  stop(): Promise<void>;
}

/** A new server with its own data, ready in about two seconds, gone with this process however that ends. */
export async function startPostgres(options: PostgresOptions = {}): Promise<OwnPostgres> {
  const bin = options.bin ?? (await findPostgres(process.env, options.log));
  const identity = await serverIdentity();
  const folder = await mkdtemp(join(tmpdir(), 'tiered-rollback-postgres-'));
  const guard = new Guard();
  guard.folder(folder);
  try {
    // The server's user must reach it, and nobody else needs to list it.
    await chmod(folder, 0o711);
    const data = join(folder, 'data');
    await mkdir(data, { mode: 0o700 });
    if (identity) for (const path of [folder, data]) await chown(path, identity.uid, identity.gid);
    const passwords = { postgres: secret(), owner: secret(), app: secret() };
    await initialise(bin, data, options, passwords.postgres, identity);
    let running = await launch(bin, data, folder, guard, identity);
    const connection: PostgresConnection = { host: '127.0.0.1', port: running.port, bin, folder, passwords };
    const server = connectPostgres(connection);
    await server.query(
      'postgres',
      `CREATE ROLE owner LOGIN CREATEDB PASSWORD '${passwords.owner}'; CREATE ROLE app LOGIN PASSWORD '${passwords.app}'`,
    );
    const stop = async () => {
      await running.process.kill();
      await guard.release();
    };
    return {
      ...server,
      get pid() {
        return running.process.pid;
      },
      restart: async (mode = 'fast') => {
        await pgCtl(bin, ['stop', '-D', data, '-m', mode, '-w', '-t', '20'], identity);
        await running.process.exited;
        running = await launch(bin, data, folder, guard, identity, connection.port);
      },
      signal: (signal) => running.process.signal(signal),
      logTail: (lines) => running.process.logTail(lines),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await guard.release();
    throw error;
  }
}

type Identity = { readonly uid: number; readonly gid: number } | undefined;

/** Letters and digits only; a quote and a colon would test the testbed, not the project. */
const secret = () => randomBytes(12).toString('hex');

async function initialise(
  bin: string,
  data: string,
  options: PostgresOptions,
  password: string,
  identity: Identity,
): Promise<void> {
  const pwfile = join(data, '..', 'pwfile');
  await place(pwfile, password, identity);
  const auth = options.trust ? 'trust' : 'scram-sha-256';
  const args = [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    auth,
    '--pwfile',
    pwfile,
    '-E',
    'UTF8',
    '--no-sync',
    ...(options.initdb ?? ['--locale=C.UTF-8']),
  ];
  const { code, stderr } = await runTool(join(bin, 'initdb'), args, { identity });
  await rm(pwfile, { force: true });
  if (code !== 0)
    throw new TestbedError(`initdb failed: ${stderr.trim()}`, 'Set PGBIN to the folder of another PostgreSQL.');
  const settings = {
    fsync: 'off',
    full_page_writes: 'off',
    shared_buffers: '64MB',
    max_wal_size: '512MB',
    unix_socket_directories: '',
    logging_collector: 'off',
    log_min_messages: 'warning',
    ...(options.tls ? { ssl: 'on' } : {}),
    ...options.settings,
  };
  for (const [kind, file] of [
    ['cert', 'server.crt'],
    ['key', 'server.key'],
  ] as const) {
    if (options.tls) await place(join(data, file), options.tls[kind], identity);
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
  await place(join(data, 'postgresql.auto.conf'), lines.join(''), identity);
}

/** A file that the server's user alone may read. */
async function place(path: string, content: string, identity: Identity): Promise<void> {
  await writeFile(path, content, { mode: 0o600 });
  if (identity) await chown(path, identity.uid, identity.gid);
}

async function launch(bin: string, data: string, folder: string, guard: Guard, identity: Identity, fixed?: number) {
  for (let attempt = 1; ; attempt++) {
    const port = fixed ?? ((await freePorts(1))[0] as number);
    const process = await ServerProcess.start(
      'postgres',
      [join(bin, 'postgres'), '-D', data, '-c', 'listen_addresses=127.0.0.1', '-p', String(port)],
      { logPath: join(folder, 'postgres.log'), guard, identity },
    );
    try {
      await process.ready(
        'accepts connections',
        async () => {
          const { code } = await runTool(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port), '-q'], {});
          return code === 0;
        },
        30_000,
      );
      return { process, port };
    } catch (error) {
      await process.kill();
      if (!(error instanceof ServerExited && error.portTaken) || fixed !== undefined || attempt === 5) throw error;
    }
  }
}

/** A server that another process started; it stays when this one ends. */
export function connectPostgres(connection: PostgresConnection): Postgres {
  const { host, port, passwords, bin } = connection;
  const client = async (database: string, role: Role = 'postgres') => {
    const one = new pg.Client({ host, port, database, user: role, password: passwords[role], ssl: false });
    // Tests end sessions under it; the query in flight tells.
    one.on('error', () => {});
    await one.connect();
    return one;
  };
  const environment = (database: string, role: Role) => ({
    PATH: process.env['PATH'],
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: role,
    PGPASSWORD: passwords[role],
    PGDATABASE: database,
    PGCONNECT_TIMEOUT: '10',
    LC_ALL: 'C',
  });
  const run: Postgres['run'] = (name, args, { database = 'postgres', role = 'postgres', input } = {}) =>
    runTool(join(bin, name), args, { env: environment(database, role), ...(input === undefined ? {} : { input }) });
  let counter = 0;
  const server: Postgres = {
    connection,
    host,
    port,
    folder: connection.folder,
    url: (database, role = 'owner') =>
      `postgresql://${role}:${passwords[role]}@${host}:${port}/${encodeURIComponent(database)}`,
    client,
    async query(database, sql, values) {
      const one = await client(database);
      try {
        const result = await (values ? one.query(sql, [...values]) : one.query(sql));
        return (Array.isArray(result) ? result.at(-1) : result).rows;
      } finally {
        await one.end();
      }
    },
    psql: (database, input, { role = 'owner', args = [] } = {}) =>
      run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...args], { database, role, input }),
    async pgDump(database, { role = 'postgres', args = [] } = {}) {
      const { code, stdout, stderr } = await run('pg_dump', args, { database, role });
      if (code !== 0) throw new Error(`pg_dump ${database}: ${stderr}`);
      return stdout;
    },
    run,
    tool: (name) => join(bin, name),
    async createDatabase({ name, owner = 'owner', sql, options = '' } = {}) {
      const chosen = name ?? `db_${process.pid}_${++counter}_${randomBytes(3).toString('hex')}`;
      await server.query('postgres', `CREATE DATABASE ${pg.escapeIdentifier(chosen)} OWNER ${owner} ${options}`);
      if (sql) {
        const one = await client(chosen, owner);
        await one.query(sql).finally(() => one.end());
      }
      return chosen;
    },
  };
  return server;
}

async function pgCtl(bin: string, args: readonly string[], identity: Identity): Promise<void> {
  const { code, stdout, stderr } = await runTool(join(bin, 'pg_ctl'), args, { identity });
  if (code !== 0) throw new Error(`pg_ctl ${args[0]}: ${stdout}${stderr}`);
}

function runTool(
  file: string,
  args: readonly string[],
  { env, input, identity }: { env?: NodeJS.ProcessEnv; input?: string; identity?: Identity },
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      cwd: '/',
      env: env ?? { PATH: process.env['PATH'], LC_ALL: 'C' },
      ...identity,
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
