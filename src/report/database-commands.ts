import type { Report } from '../core/report.ts';
import { kubectl, shellWord } from '../core/shell.ts';

type Database = NonNullable<Report['database']>;

/** Commands that a person may paste about a kept database, whatever it is called. `reach` is what makes the server reachable first. */
export interface KeptCommands {
  readonly look: readonly string[];
  readonly drop: readonly string[];
}

export function keptCommands(namespace: string, database: Database, kept: string): KeptCommands {
  const { reach, address } = wayTo(namespace, database.server);
  const sql = (text: string) => `psql ${address} -d postgres -c ${shellWord(text)}`;
  const name = `"${kept.replaceAll('"', '""')}"`;
  return {
    look: [
      ...reach,
      sql(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`),
      `psql ${address} -d ${shellWord(kept)}`,
      sql(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`),
    ],
    drop: [sql(`DROP DATABASE ${name}`)],
  };
}

/** `HOST:PORT` as arguments of psql; a Service of the cluster through a port-forward. */
function wayTo(namespace: string, server: string): { reach: string[]; address: string } {
  const [, host = server, port = '5432'] = /^(.*):(\d+)$/.exec(server) ?? [];
  if (host.startsWith('service/')) {
    return {
      reach: [`${kubectl(namespace, 'port-forward', host, `5432:${port}`)} &`],
      address: '-h 127.0.0.1 -p 5432',
    };
  }
  return { reach: [], address: `-h ${shellWord(host.replace(/^\[(.*)\]$/, '$1'))} -p ${port}` };
}
