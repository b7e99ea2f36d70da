import { describe, expect, it } from '@jest/globals';
import { gitops } from '../../../src/preflight/gitops.ts';
import { identity } from '../../../src/preflight/identity.ts';
import { PREFLIGHT_CHECKS } from '../../../src/preflight/index.ts';
import { quota } from '../../../src/preflight/quota.ts';
import { target } from '../../../src/preflight/target.ts';
import { contextOf, member, NOTHING_PLANNED, named, planOf, podOf, server, situationOf, template } from './world.ts';

const keys = (items: readonly { note?: { key: string } }[]) => items.flatMap((item) => item.note?.key ?? []);

describe('identity', () => {
  const check = (uid: string | undefined, expectedCluster?: string) => {
    const { cluster, requests } = server(uid ? { uid } : {});
    const config = expectedCluster === undefined ? {} : { expectedCluster };
    return { items: identity.check(contextOf(situationOf([]), cluster, config), NOTHING_PLANNED), requests };
  };

  it('asks nothing where nothing is expected', async () => {
    const { items, requests } = check('a');
    expect(await items).toEqual([]);
    expect(requests).toEqual([]);
  });

  it('passes on the expected cluster', async () => {
    expect(await check('a', 'a').items).toEqual([{ check: 'identity', subject: 'context prod', severity: 'info' }]);
  });

  it('refuses another cluster, and one that cannot be told apart', async () => {
    const [other] = await check('b', 'a').items;
    expect(other?.failure?.code).toBe('CLUSTER_MISMATCH');
    expect(other?.failure?.message).toContain('UID b');
    const [unreadable] = await check(undefined, 'a').items;
    expect(unreadable?.severity).toBe('refuse');
    expect(unreadable?.failure?.message).toContain('may not read');
  });
});

describe('target', () => {
  const check = (over: Parameters<typeof member>[0], situation = {}) => {
    const one = member(over);
    const world = situationOf([one], { pods: [podOf(one, 2, 0), podOf(one, 1, 1)], ...situation });
    return target.check(contextOf(world), planOf([one]));
  };

  it('passes on the refusal of the choice', async () => {
    const failure = { code: 'TARGET_NOT_FOUND', message: 'none', hint: 'deploy', causes: [] } as const;
    const world = situationOf([], { choice: { kind: 'refused', failure } });
    expect(await target.check(contextOf(world), NOTHING_PLANNED)).toEqual([
      { check: 'target', subject: 'namespace/production', severity: 'refuse', failure },
    ]);
  });

  it('says nothing of a plain Deployment', async () => {
    expect(await check({})).toEqual([{ check: 'target', subject: 'deployment/web', severity: 'info' }]);
  });

  it('names what keeps the controller from taking every pod there', async () => {
    expect(keys(await check({ spec: { revisionHistoryLimit: 1 } }))).toEqual(['note.history-limit']);
    const rollingUpdate = { partition: 1 };
    expect(keys(await check({ kind: 'StatefulSet', spec: { updateStrategy: { rollingUpdate } } }))).toEqual([
      'note.partition',
    ]);
    const [item] = await check({ kind: 'DaemonSet', spec: { updateStrategy: { type: 'OnDelete' } } });
    expect(item?.note).toEqual({
      key: 'note.on-delete',
      values: { workload: 'daemonset/web', command: 'kubectl -n production delete pod web-2-0' },
    });
  });

  it('names the autoscaler and the disruption budget that are left alone, and no others', async () => {
    const scales = (name: string) => ({ spec: { scaleTargetRef: { kind: 'Deployment', name }, maxReplicas: 9 } });
    const protects = (app: string) => ({ spec: { selector: { matchLabels: { app } } } });
    const items = await check(
      {},
      {
        autoscalers: [named('mine', scales('web')), named('other', scales('api'))],
        disruptionBudgets: [
          named('mine', protects('shop')),
          named('other', protects('x')),
          named('none', { spec: {} }),
        ],
      },
    );
    expect(items.map((item) => item.note)).toEqual([
      { key: 'note.hpa', values: { workload: 'deployment/web', name: 'mine', min: 1, max: 9 } },
      { key: 'note.pdb', values: { workload: 'deployment/web', name: 'mine' } },
    ]);
  });
});

describe('gitops', () => {
  const owned = { labels: { 'argocd.argoproj.io/instance': 'shop' } };
  const check = (over: Parameters<typeof member>[0], config = {}) => {
    const one = member(over);
    return gitops.check(contextOf(situationOf([one]), undefined, config), planOf([one]));
  };

  it('refuses what a controller would take back, with what to do', async () => {
    const [item] = await check({ metadata: owned });
    expect(item?.severity).toBe('refuse');
    expect(item?.failure?.code).toBe('GITOPS_OWNED');
    expect(item?.failure?.hint).toContain('argocd app set shop --sync-policy none');
    expect(item?.failure?.hint).toContain('allow-gitops: true');
  });

  it('goes on when that is allowed, and says so', async () => {
    const [item] = await check({ metadata: owned }, { allowGitops: true });
    expect(item).toMatchObject({ severity: 'warn', note: { key: 'note.gitops-allowed' } });
  });

  it('refuses nothing where nothing is rolled back', async () => {
    const one = member({ metadata: owned });
    expect(await gitops.check(contextOf(situationOf([one])), NOTHING_PLANNED)).toEqual([]);
  });

  it('says what the next helm upgrade will leave in place', async () => {
    const env = Array.from({ length: 10 }, (_, index) => ({ name: `V${index}`, value: 'x' }));
    const good = template('shop:1', { containers: [{ name: 'web', image: 'shop:1', env }] });
    const metadata = {
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': 'shop' },
    };
    const fields = async (operation: 'Apply' | 'Update') => {
      const managedFields = [{ manager: 'helm', operation, fieldsV1: { 'f:spec': { 'f:template': {} } } }];
      const [item] = await check({ good, metadata: { ...metadata, managedFields } });
      return item?.note?.values;
    };
    expect(await fields('Apply')).toEqual({ workload: 'deployment/web', release: 'shop' });
    expect((await fields('Update'))?.['fields']).toContain('containers[web].env');
  });

  it('names other tools that deploy', async () => {
    expect(keys(await check({ metadata: { labels: { 'kapp.k14s.io/app': '1' } } }))).toEqual(['note.next-deploy']);
  });
});

describe('quota', () => {
  const requests = (image: string) =>
    template(image, { containers: [{ name: 'web', image, resources: { requests: { cpu: '200m' } } }] });
  const limits = (used: string) =>
    named('limits', { status: { hard: { 'requests.cpu': '400m' }, used: { 'requests.cpu': used } } });
  const check = (over: Parameters<typeof member>[0], options: Parameters<typeof server>[0], running: 1 | 2 = 2) => {
    const one = member({ good: requests('shop:1'), bad: requests('shop:2'), ...over });
    const pods = [podOf(one, running, 0), podOf(one, running, 1)];
    const { cluster, requests: asked } = server(options);
    return { items: quota.check(contextOf(situationOf([one], { pods }), cluster), planOf([one])), asked };
  };
  const full = { objects: { ResourceQuota: [limits('400m')] } };
  const rolling = (maxSurge: string | number, maxUnavailable: string | number) => ({
    spec: { strategy: { rollingUpdate: { maxSurge, maxUnavailable } } },
  });

  it('refuses what provably cannot roll', async () => {
    const [item] = await check(rolling('25%', '25%'), full).items;
    expect(item).toMatchObject({ subject: 'resourcequota/limits', severity: 'refuse' });
    expect(item?.failure?.code).toBe('QUOTA_INSUFFICIENT');
    expect(item?.failure?.message).toContain('needs 200m more of requests.cpu, 0 is free (used 400m of 400m)');
  });

  it('warns where it can go on with fewer pods', async () => {
    expect(keys(await check(rolling(1, '50%'), full).items)).toEqual(['note.quota-tight']);
  });

  it.each([
    ['a StatefulSet, which ends a pod before it makes the next', { kind: 'StatefulSet' as const }],
    ['a DaemonSet', { kind: 'DaemonSet' as const, status: { desiredNumberScheduled: 2 } }],
    ['Recreate', { spec: { strategy: { type: 'Recreate' as const } } }],
  ])('passes %s', async (_, over) => {
    expect(await check(over, full).items).toEqual([
      { check: 'quota', subject: 'resourcequota/limits', severity: 'info' },
    ]);
  });

  it('passes where the pods of the target run already', async () => {
    expect(keys(await check(rolling(1, 0), full, 1).items)).toEqual([]);
  });

  it('never takes a failed read for a lack of room', async () => {
    const { items, asked } = check({}, { failing: ['list ResourceQuota'] });
    expect(await items).toMatchObject([{ severity: 'warn', failure: { code: 'CLUSTER_ERROR' } }]);
    expect(asked).toEqual(['list ResourceQuota']);
  });

  it('leaves it to the access check to say that quotas may not be listed', async () => {
    expect(await check({}, { forbidden: ['list ResourceQuota'] }).items).toEqual([]);
  });

  it('asks nothing where nothing is planned', async () => {
    const { cluster, requests: asked } = server();
    expect(await quota.check(contextOf(situationOf([]), cluster), NOTHING_PLANNED)).toEqual([]);
    expect(asked).toEqual([]);
  });
});

it('registers each check under a name of its own', () => {
  const ids = PREFLIGHT_CHECKS.map((check) => check.id);
  expect(ids).toEqual([...new Set(ids)]);
  expect(ids).toEqual(['identity', 'access', 'target', 'references', 'quota', 'gitops', 'database']);
});

it('costs a group of 50 workloads a handful of requests', async () => {
  const good = template('shop:1', { containers: [{ name: 'web', envFrom: [{ secretRef: { name: 'db' } }] }] });
  const members = Array.from({ length: 50 }, (_, index) => member({ name: `w${index}`, good }));
  const { cluster, requests } = server({ objects: { Secret: [named('db')] } });
  const ctx = contextOf(situationOf(members), cluster);
  await Promise.all(PREFLIGHT_CHECKS.map((check) => check.check(ctx, planOf(members))));
  expect(requests.map((request) => request.split(' ')[0]).sort()).toEqual(['access', 'get', 'list']);
});
