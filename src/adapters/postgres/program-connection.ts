import { lookup } from 'node:dns/promises';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import type { Server } from './server.ts';

export interface ProgramConnection {
  /** The whole environment of the program: nothing of ours, so that no PG* setting of the runner takes part. */
  readonly environment: Readonly<Record<string, string>>;
  /** Takes the files away. */
  close(): Promise<void>;
}

/**
 * How a program of PostgreSQL reaches the same server as we do, by the same rules for TLS. The password goes by its environment, where only the
 * same user can read it; a file would stay behind when this process is killed.
 * @param name shown in pg_stat_activity.
 * @param settings of its sessions, each without a space.
 */
export async function programConnection(
  server: Server,
  name: string,
  { temp = tmpdir(), settings = {} }: { readonly temp?: string; readonly settings?: Readonly<Record<string, string>> },
): Promise<ProgramConnection> {
  const { address } = server;
  const reached = await server.reached();
  const isForwarded = reached.host !== address.host;
  const checksName = address.tlsMode === 'verify-full';
  const checks = address.tlsMode.startsWith('verify') || (address.tlsMode === 'require' && address.ca !== undefined);
  const folder = checks ? await mkdtemp(join(temp, 'tiered-rollback-tls-')) : undefined;
  if (folder !== undefined) {
    const authority = address.ca ?? getCACertificates('default').join('\n');
    await writeFile(join(folder, 'authority.pem'), authority, { mode: 0o600 });
  }
  return {
    environment: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      LC_ALL: 'C',
      // Where a password, a service or a certificate of somebody else could lie.
      HOME: '/nonexistent',
      // The name that the certificate is to show, and where the server answers.
      PGHOST: isForwarded && checksName ? address.tlsName : reached.host,
      ...(isForwarded && checksName ? { PGHOSTADDR: await numeric(reached.host) } : {}),
      PGPORT: String(reached.port),
      PGUSER: address.user,
      PGPASSWORD: address.password,
      PGSSLMODE: checks && address.tlsMode === 'require' ? 'verify-ca' : address.tlsMode,
      ...(folder === undefined ? {} : { PGSSLROOTCERT: join(folder, 'authority.pem') }),
      PGGSSENCMODE: 'disable',
      PGCONNECT_TIMEOUT: '10',
      PGAPPNAME: name,
      PGOPTIONS: Object.entries({ default_transaction_read_only: 'off', ...settings })
        .map(([setting, value]) => `-c ${setting}=${value}`)
        .join(' '),
    },
    close: async () => {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** For `--dbname`: a bare name with a `=` in it, or one that looks like a URL, would be read as a whole address. */
export const databaseArgument = (name: string) => `dbname='${name.replace(/[\\']/g, '\\$&')}'`;

const numeric = async (host: string) => (isIP(host) === 0 ? (await lookup(host)).address : host);
