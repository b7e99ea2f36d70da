import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { waitFor } from '../../testbed/condition.ts';
import { findPostgres } from '../../testbed/postgres/binaries.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import { startPostgres } from '../../testbed/postgres.ts';

const listens = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });

describe('the database server of the testbed', () => {
  it('has three roles, of which one may do anything, and wants passwords', async () => {
    const server = await sharedPostgres();
    expect(
      await server.query(
        'postgres',
        `SELECT rolname::text AS name, rolsuper AS super, rolcreatedb AS creates FROM pg_roles WHERE rolname IN ('postgres', 'owner', 'app') ORDER BY 1`,
      ),
    ).toEqual([
      { name: 'app', super: false, creates: false },
      { name: 'owner', super: false, creates: true },
      { name: 'postgres', super: true, creates: true },
    ]);
    const { code, stderr } = await server.run('psql', [
      '-c',
      'SELECT 1',
      `postgresql://owner:wrong@127.0.0.1:${server.port}/postgres`,
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('password authentication failed')]);
  });

  it('stops, and leaves nothing', async () => {
    const server = await startPostgres();
    expect([existsSync(server.folder), await listens(server.port)]).toEqual([true, true]);
    await server.stop();
    expect([existsSync(server.folder), await listens(server.port)]).toEqual([false, false]);
  });

  it('is gone when its starter is killed', async () => {
    const path = fileURLToPath(new URL('../../testbed/postgres.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { startPostgres } from ${JSON.stringify(path)}; const s = await startPostgres(); console.log(s.port, s.folder); setInterval(() => {}, 1000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    for await (const line of createInterface({ input: child.stdout })) {
      said = line;
      break;
    }
    const [port = '', folder = ''] = said.split(' ');
    expect(await listens(Number(port))).toBe(true);
    child.kill('SIGKILL');
    await waitFor('server and folder are gone', async () => !(await listens(Number(port))) && !existsSync(folder), {
      timeoutMs: 20_000,
    });
  });

  it('says what to install when the folder that was named is not whole', async () => {
    await expect(findPostgres({ PGBIN: '/usr' })).rejects.toThrow(/PGBIN is \/usr, which does not hold all of initdb/);
  });
});
