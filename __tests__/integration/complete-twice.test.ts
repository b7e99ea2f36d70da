import { describe, expect, it } from '@jest/globals';
import { GOOD_CODES, OTHER_KEYS } from '../../testbed/application/manifests.ts';
import { BACKEND } from '../../testbed/application.ts';
import { DatabaseScene, GROUP } from './database-scene.ts';

const NOTHING = { cluster: [], server: [] };
const WEEK_MS = 7 * 24 * 60 * 60_000;

describe('the complete tier again', () => {
  it('changes nothing the second time: neither the cluster, nor a database, nor its structure', async () => {
    await using scene = await DatabaseScene.broken('twice');
    const first = await scene.rollback();
    expect([first.outcome, first.failures]).toEqual(['succeeded', []]);
    const oids = await scene.oids();
    const contents = await scene.contents();
    // Its pods of v1 served on, as v2 never came up; they started before the Secret was right.
    const { spec } = await scene.scene.get('Deployment', BACKEND);
    expect(spec.template.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt']).toBeDefined();

    const mark = await scene.mark();
    const second = await scene.rollback();
    expect([second.outcome, second.failures]).toEqual(['no-op', []]);
    expect(await scene.changesSince(mark)).toEqual(NOTHING);
    expect(await scene.oids()).toEqual(oids);
    expect(await scene.contents()).toEqual(contents);
    expect(second.database?.kept).toEqual(first.database?.kept);
    expect(second.steps.find(({ step }) => step === 'restore-database')?.outcome.status).not.toBe('failed');
  });

  it('after rapid adds only its own: the database and the Secret, no other release', async () => {
    await using scene = await DatabaseScene.broken('climb');
    // The old release on the new schema: red, and that is why one goes on to the next tier.
    const rapid = await scene.rollback({ tier: 'rapid', timeoutMs: 15_000 });
    expect(rapid.outcome).not.toBe('succeeded');
    expect(await scene.images()).toEqual(['v1', 'v1']);
    const templates = await Promise.all(GROUP.map(({ name }) => scene.scene.get('Deployment', name)));

    const mark = await scene.mark();
    const complete = await scene.rollback();
    expect([complete.outcome, complete.failures]).toEqual(['succeeded', []]);
    expect(await scene.contents()).toMatchObject({ users: 1000, broken: 0, emailColumn: 'email' });
    expect(await scene.secret()).toEqual({ ...GOOD_CODES, ...OTHER_KEYS });
    const { cluster } = await scene.changesSince(mark);
    expect(cluster.filter((change) => !/secrets\/app-secrets|deployments\/224solutions-/.test(change))).toEqual([]);
    // At most restarted, so that nobody reads what was read before the swap: the same images and everything else.
    const after = await Promise.all(GROUP.map(({ name }) => scene.scene.get('Deployment', name)));
    expect(after.map(({ spec }) => spec.template.spec)).toEqual(templates.map(({ spec }) => spec.template.spec));
  });

  it('a week later takes a new incident for a new one, though the backup has the same file name', async () => {
    await using scene = await DatabaseScene.create('week', { badReleases: ['v2', 'v4'] });
    const name = 'pre_change_backup.sql';
    await scene.deployGood('v1');
    await scene.backup({ name });
    await scene.deployBad('v2');
    const first = await scene.rollback();
    expect([first.outcome, first.failures]).toEqual(['succeeded', []]);

    await scene.deployGood('v3');
    await scene.database.write(25, 'week');
    await scene.backup({ name, agoMs: 60_000 });
    await scene.deployBad('v4');
    const oids = await scene.oids();
    const second = await scene.rollback({ clockAheadMs: WEEK_MS });
    expect([second.outcome, second.failures]).toEqual(['succeeded', []]);
    expect(await scene.images()).toEqual(['v3', 'v3']);
    expect(await scene.contents()).toMatchObject({ users: 1000, broken: 0, log: 525, emailColumn: 'email' });

    // Both databases from before are there, each under its own name.
    const names = [first, second].map(({ database }) => database?.kept?.name);
    expect(new Set(names).size).toBe(2);
    expect(Object.keys(await scene.oids())).toEqual(expect.arrayContaining([...names, ...Object.keys(oids)]));
    expect(second.database?.kept?.oid).toBe(oids[scene.database.name]);
    expect(second.database?.backup?.sha256).not.toBe(first.database?.backup?.sha256);
  });
});
