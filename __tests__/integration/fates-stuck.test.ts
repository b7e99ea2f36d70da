import { describe, expect, it } from '@jest/globals';
import { waitFor } from '../../testbed/condition.ts';
import { deployment, type Manifest, Scene } from './scene.ts';

/** What the action waits for after the grace period, before it calls a pod stuck. */
const STUCK_AFTER_MS = 30_000;

describe('pods that do not end although their grace period is over', () => {
  it('are ended by tier emergency, by name, and no other pod is', async () => {
    const scene = await Scene.create('stuck');
    const web = (tag: string) =>
      scene.deployment('web', `shop/web:${tag}`, (manifest) => {
        manifest.spec.template.metadata.annotations = { 'testbed/terminate-after': tag === '2' ? '1h' : '0s' };
        manifest.spec.template.spec.terminationGracePeriodSeconds = 1;
      });
    for (const tag of ['1', '2', '3']) await scene.deploy(web(tag));
    const stuck = await waitFor('two pods that have been stuck for long enough', () => stuckPods(scene), {
      timeoutMs: 60_000,
      everyMs: 500,
    });
    const since = await scene.cluster.auditMark();

    const to = { kind: 'explicit', lines: [{ ref: deployment('web'), to: { image: 'shop/web:1' } }] } as const;
    const report = await scene.rollback([deployment('web')], { tier: 'emergency', to });

    expect(report.outcome).toBe('succeeded');
    const deletions = (await scene.changesSince(since)).filter(({ verb }) => verb === 'delete');
    expect(deletions.map(({ objectRef }) => objectRef?.name).sort()).toEqual(stuck.sort());
    expect(await stuckPods(scene)).toBeUndefined();
    expect(report.notes.filter(({ key }) => key === 'note.pod-deleted').length).toBe(2);
  });
});

/** Names of the two pods whose end is overdue; undefined while there are not two. */
async function stuckPods({ cluster, namespace }: Scene): Promise<string[] | undefined> {
  const { body } = await cluster.api.call('GET', `/api/v1/namespaces/${namespace}/pods`);
  const overdue = body.items.filter(({ metadata }: Manifest) => {
    return Date.now() - Date.parse(metadata.deletionTimestamp ?? '') > STUCK_AFTER_MS + 1000;
  });
  return overdue.length === 2 ? overdue.map(({ metadata }: Manifest) => metadata.name) : undefined;
}
