import { describe, expect, it } from '@jest/globals';
import { DatabaseScene } from './database-scene.ts';

/** True in the side database, false once that has the live name: what the verification after the swap finds and the one before cannot. */
const ONLY_BESIDE = `SELECT current_database() LIKE '%\\_rb\\_%'`;

describe('D48: a restored database that fails its checks once it is live', () => {
  it('is left in place, red, with the way back, where nothing else is asked for', async () => {
    await using scene = await DatabaseScene.broken('stays');
    const { [scene.database.name]: before } = await scene.oids();
    const report = await scene.rollback({ database: { checks: [ONLY_BESIDE] } });
    expect(report.outcome).toBe('failed');
    const restore = report.steps.find(({ step }) => step === 'restore-database');
    expect(restore?.outcome).toMatchObject({ status: 'failed', failure: { code: 'RESTORE_INVALID' } });
    expect(report.next.join('\n')).toContain('mode: undo');
    expect(report.database).toMatchObject({ live: { is: 'restored' }, kept: { oid: before } });
    expect(await scene.contents()).toMatchObject({ users: 1000, broken: 0 });
  });

  it('is swapped back by its OID with on-failure: revert, with the workloads; both databases are kept', async () => {
    await using scene = await DatabaseScene.broken('goes-back');
    const { [scene.database.name]: before } = await scene.oids();
    const broken = await scene.contents();
    const report = await scene.rollback({ database: { checks: [ONLY_BESIDE] }, onFailure: 'revert' });
    expect(report.outcome).toBe('failed');
    expect(report.database?.live).toEqual({ oid: before, is: 'before' });
    const oids = await scene.oids();
    expect(oids[scene.database.name]).toBe(before);
    expect(Object.values(oids)).toHaveLength(2);
    expect(await scene.contents()).toEqual(broken);
    expect(await scene.images()).toEqual(['v2', 'v2']);
    const restored = report.database?.kept?.name ?? '';
    expect(await scene.look(restored, () => scene.contents(restored))).toMatchObject({ users: 1000, broken: 0 });
  });
});
