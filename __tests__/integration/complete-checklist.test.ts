import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { GOOD_CODES, OTHER_KEYS } from '../../testbed/application/manifests.ts';
import { DatabaseScene, withoutToken } from './database-scene.ts';

interface Said {
  readonly code: number | null;
  readonly text: string;
}

/** Types the lines into a shell, as a person pastes a block of the checklist: what fails does not stop what follows. */
function type(scene: DatabaseScene, lines: string): Promise<Said> {
  const { server, scene: inCluster } = scene;
  const { kubectlPath } = inCluster.cluster.connection;
  const programs = [server.connection.bin, dirname(kubectlPath)];
  const child = spawn('bash', [], {
    cwd: scene.folder,
    env: {
      PATH: [...programs, process.env['PATH']].join(delimiter),
      HOME: scene.folder,
      KUBECONFIG: inCluster.cluster.kubeconfigPath,
      PGPORT: String(server.port),
      PGPASSWORD: server.connection.passwords.postgres,
      LC_ALL: 'C',
    },
  });
  const text: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => text.push(String(chunk)));
  child.stdin.end(lines);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text: text.join('') }));
  });
}

describe("the checklist's own commands and ours, on the same broken application", () => {
  it('leaves every broken row, doubles others and ends with 0; ours brings all of it back', async () => {
    await using scene = await DatabaseScene.broken('checklist');
    const { database, scene: inCluster } = scene;
    const [backup] = (await type(scene, `ls ${scene.backups}`)).text.trim().split('\n');
    const path = join(scene.backups, basename(backup ?? ''));
    const broken = await scene.contents();
    expect(broken).toMatchObject({ users: 900, broken: 900, log: 550, emailColumn: 'email_address' });

    // ROLLBACK RAPIDE, 1 and 2: what was paused cannot be undone.
    const rapid = await type(
      scene,
      `kubectl rollout pause deployment/224solutions-frontend -n ${inCluster.namespace}
       kubectl rollout pause deployment/224solutions-backend -n ${inCluster.namespace}
       kubectl rollout undo deployment/224solutions-frontend -n ${inCluster.namespace}
       kubectl rollout undo deployment/224solutions-backend -n ${inCluster.namespace}`,
    );
    expect(rapid.text).toContain('you cannot rollback a paused deployment');
    expect(await scene.images()).toEqual(['v2', 'v2']);

    // ROLLBACK COMPLET, 1, as written: a backup of a database that is not there, and a file of this very second.
    const literal = await type(
      scene,
      `pg_dump -h localhost -U postgres -d ${database.name}_backup > current_backup.sql
       psql -h localhost -U postgres -d ${database.name} -f ${scene.backups}/pre_change_$(date +%F_%T).sql`,
    );
    expect(literal.text).toContain(`database "${database.name}_backup" does not exist`);
    expect(literal.text).toContain('No such file or directory');
    expect((await stat(join(scene.folder, 'current_backup.sql'))).size).toBe(0);

    // The same with the right file, as the person types it who has seen the list.
    const restore = await type(scene, `psql -h localhost -U postgres -d ${database.name} -f ${path}`);
    expect(restore.code).toBe(0);
    expect(restore.text).toContain('already exists');
    const count = await type(
      scene,
      `psql -h localhost -U postgres -d ${database.name} -c "SELECT COUNT(*) FROM users;"`,
    );
    expect(count.code).toBe(0);
    expect(count.text).toMatch(/^ +900$/m);
    // Not one row is back, and the table without a key has the rows of the backup twice.
    expect(await scene.contents()).toEqual({ ...broken, log: 550 + 500 });

    // ROLLBACK COMPLET, 3.
    const secrets = await type(
      scene,
      `kubectl create secret generic app-secrets --from-literal=PDG_ACCESS_CODE="backup_value" --from-literal=ADMIN_ACCESS_CODE="backup_value" -n ${inCluster.namespace}
       kubectl get secrets -n ${inCluster.namespace}`,
    );
    expect(secrets.code).toBe(0);
    expect(secrets.text).toContain('secrets "app-secrets" already exists');
    expect((await scene.secret())['PDG_ACCESS_CODE']).toBe('wrong-pdg');
    expect(await scene.answers()).toEqual([503, 503, 503]);

    // The same case, by now worse than before.
    const report = await scene.rollback();
    expect(report.failures).toEqual([]);
    expect(report.outcome).toBe('succeeded');
    expect(await scene.dump()).toBe(withoutToken(await readFile(path, 'utf8')));
    expect(await scene.contents()).toEqual({
      users: 1000,
      broken: 0,
      orders: 4000,
      log: 500,
      head: '20261001080000_create_log',
      emailColumn: 'email',
    });
    expect(await scene.secret()).toEqual({ ...GOOD_CODES, ...OTHER_KEYS });
    expect(await scene.images()).toEqual(['v1', 'v1']);
    expect(await scene.answers()).toEqual([200, 200, 200]);

    // Nothing of what was there before is lost.
    const kept = report.database?.kept?.name ?? '';
    expect(await scene.look(kept, () => scene.contents(kept))).toEqual({ ...broken, log: 1050 });
  });
});
