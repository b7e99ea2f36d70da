import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBackupReader } from '../../src/adapters/backup/index.ts';
import { createCommands } from '../../src/adapters/commands.ts';
import type { Cluster } from '../../src/adapters/kubernetes/index.ts';
import { createManifestReader } from '../../src/adapters/manifests.ts';
import { connectDatabase } from '../../src/adapters/postgres/index.ts';
import { createSafetyDump } from '../../src/adapters/postgres/safety-dump.ts';
import type { Config } from '../../src/core/config.ts';
import { serviceOf } from '../../src/core/database/address.ts';
import { addressVariables } from '../../src/core/database/address-variables.ts';
import type { Parts } from '../../src/engine/state.ts';

export interface StoresOptions {
  readonly databaseUrl: string | undefined;
  /** Folder of pg_dump and pg_restore; the path is searched unless told. */
  readonly programs: string | undefined;
  readonly values: Readonly<Record<string, string>>;
  readonly workspace: string;
  readonly signal: AbortSignal;
  readonly cluster: Cluster;
}

type Stores = Pick<Parts, 'database' | 'backup' | 'safetyDump' | 'manifests' | 'commands' | 'values'>;

/** Database, backups, manifests, commands and values of a run by the real adapters, put together as `compose.ts` does it. */
export function storesOf(config: Config, options: StoresOptions): { readonly parts: Stores; close(): Promise<void> } {
  const { databaseUrl, programs, values, workspace, signal, cluster } = options;
  const temp = tmpdir();
  const place = databaseUrl === undefined ? undefined : config.database?.backup;
  const program = (name: string) => (programs === undefined ? name : join(programs, name));
  const address = {
    ...(databaseUrl === undefined ? {} : { url: databaseUrl }),
    temp,
    forward: async (host: string, port: number) => {
      const service = serviceOf(host);
      return service === undefined ? { host, port } : cluster.forward(service, String(port));
    },
  };
  const server = databaseUrl === undefined ? undefined : connectDatabase(address);
  const backup = place && createBackupReader({ ...place, workspace, temp, signal });
  return {
    parts: {
      ...(server ? { database: { reader: server, writer: server } } : {}),
      ...(backup ? { backup } : {}),
      ...(server && config.database?.safetyBackup !== undefined
        ? { safetyDump: createSafetyDump(address, { pgDump: program('pg_dump'), pgRestore: program('pg_restore') }) }
        : {}),
      ...(config.manifests ? { manifests: createManifestReader({ workspace, path: config.manifests.path }) } : {}),
      commands: createCommands({
        workspace,
        environment: process.env,
        neutral: (text) => text,
        databaseEnvironment: async () =>
          server === undefined ? {} : addressVariables(address, await address.forward(server.host, server.port)),
      }),
      values: { get: (variable) => values[variable] || undefined },
    },
    close: async () => {
      await backup?.close();
    },
  };
}
