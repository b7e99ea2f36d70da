import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { AccessRule } from '../../../src/core/access.ts';
import type { Config } from '../../../src/core/config.ts';
import type { Plan } from '../../../src/core/step.ts';
import { access } from '../../../src/preflight/access.ts';
import { accessNeeds, reviewAccess } from '../../../src/preflight/access-review.ts';
import { contextOf, member, NOTHING_PLANNED, planOf, server, situationOf } from './world.ts';

const web = member();
const database = member({ kind: 'StatefulSet', name: 'db' });

function check(answer: (rule: AccessRule) => 'allowed' | 'denied' | 'unknown', members = [web], config = {}) {
  const { cluster, requests } = server({ access: answer });
  const items = access.check(contextOf(situationOf(members), cluster, config), planOf(members));
  return { items, requests };
}

describe('access', () => {
  it('asks everything in one batch and passes when all is allowed', async () => {
    const { items, requests } = check(() => 'allowed');
    expect(await items).toEqual([{ check: 'access', subject: 'namespace/production', severity: 'info' }]);
    expect(requests).toHaveLength(1);
  });

  it('refuses with the missing rule ready to paste', async () => {
    const { items } = check((rule) => (rule.verb === 'patch' ? 'denied' : 'allowed'));
    const [item] = await items;
    expect(item?.severity).toBe('refuse');
    expect(item?.failure?.code).toBe('CLUSTER_FORBIDDEN');
    expect(item?.failure?.message).toBe('the credentials lack in namespace production: patch deployments.apps');
    const [first = '', ...yaml] = (item?.failure?.hint ?? '').split('\n');
    expect(first).toContain('kubectl -n production auth can-i patch deployments.apps');
    expect(parse(yaml.join('\n'))).toEqual([{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['patch'] }]);
  });

  it('asks for each workload where the kind as a whole is not granted', async () => {
    const other = member({ name: 'api' });
    const byName = (granted: readonly string[]) => (rule: AccessRule) =>
      rule.verb !== 'patch' || (rule.name !== undefined && granted.includes(rule.name)) ? 'allowed' : 'denied';
    expect(await check(byName(['web', 'api']), [web, other]).items).toEqual([
      { check: 'access', subject: 'namespace/production', severity: 'info' },
    ]);
    const [item] = await check(byName(['web']), [web, other]).items;
    expect(item?.failure?.message).toContain('patch deployments.apps (api)');
  });

  it('goes on without what is not required, and says what is lost', async () => {
    const lost = ['leases', 'events', 'pods/log'];
    const { items } = check((rule) => (lost.includes(rule.resource) ? 'denied' : 'allowed'));
    expect(await items).toEqual([
      expect.objectContaining({
        severity: 'warn',
        note: {
          key: 'degraded.lock',
          values: {
            rule: expect.stringContaining('create leases.coordination.k8s.io; get,update'),
          },
        },
      }),
      expect.objectContaining({ note: { key: 'degraded.events', values: { rule: 'list,watch events' } } }),
      expect.objectContaining({ note: { key: 'degraded.logs', values: { rule: 'get pods/log' } } }),
    ]);
  });

  it('warns where the authoriser gives no answer', async () => {
    const [item] = await check((rule) => (rule.verb === 'patch' ? 'unknown' : 'allowed')).items;
    expect(item?.severity).toBe('warn');
    expect(item?.failure?.message).toContain('patch deployments.apps');
  });

  it('asks for what the plan needs and for nothing else', async () => {
    const needs = (members: (typeof web)[], tier: string) =>
      accessNeeds(contextOf(situationOf(members), undefined, { tier } as never), planOf(members));
    expect(needs([web], 'rapid').unblocks).toBe(false);
    expect(needs([web], 'emergency').unblocks).toBe(true);
    expect(needs([web, database], 'rapid').unblocks).toBe(true);
    expect(accessNeeds(contextOf(situationOf([web])), NOTHING_PLANNED).changes).toBe(false);
    const asked: AccessRule[] = [];
    await check((rule) => {
      asked.push(rule);
      return 'allowed';
    }).items;
    expect(asked.map((rule) => rule.resource)).not.toContain('statefulsets');
    expect(asked.map((rule) => rule.resource)).not.toContain('controllerrevisions');
  });

  it('requires the service proxy where a health check goes through it', async () => {
    const at = { kind: 'service', service: 'web', port: '80', path: '/health' };
    const { items } = check((rule) => (rule.resource === 'services/proxy' ? 'denied' : 'allowed'), [web], {
      health: [{ at }],
    });
    const [item] = await items;
    expect(item?.severity).toBe('refuse');
    expect(item?.failure?.hint).toContain('auth can-i get services/web:80 --subresource=proxy');
  });

  describe('in tier complete', () => {
    const config = {
      tier: 'complete',
      skipSteps: [],
      secrets: [{ name: 'app-secrets', keys: { CODE: 'CODE' } }],
    } as unknown as Partial<Config>;
    const setting = (way: string) => ({
      ...NOTHING_PLANNED,
      steps: [
        {
          step: 'restore-secrets',
          planned: {
            kind: 'change' as const,
            change: { summary: [], secrets: [{ name: 'app-secrets', way, keys: ['CODE'] }] },
          },
        },
      ],
    });
    const needs = (more: object, plan?: Plan) =>
      accessNeeds(contextOf(situationOf([web]), undefined, { ...config, ...more }), plan);

    it('needs each Secret in the way in which it is written', () => {
      expect(needs({}).secrets).toEqual([{ name: 'app-secrets', way: 'set' }]);
      expect(needs({}, setting('recreate')).secrets).toEqual([{ name: 'app-secrets', way: 'recreate' }]);
      expect(needs({}, NOTHING_PLANNED).secrets).toEqual([{ name: 'app-secrets' }]);
      expect(needs({ skipSteps: ['restore-secrets'] }).secrets).toEqual([]);
      expect(needs({ tier: 'rapid' }).secrets).toBeUndefined();
    });

    it('refuses without the ledger, and where CronJobs may not be suspended', async () => {
      const denied = ['configmaps', 'cronjobs'];
      const { items } = check((rule) => (denied.includes(rule.resource) ? 'denied' : 'allowed'), [web], {
        ...config,
        database: { fenceWriters: true },
      });
      const [item] = await items;
      expect(item?.severity).toBe('refuse');
      expect(item?.failure?.message).toContain('get,update configmaps (tiered-rollback-ledger');
      expect(item?.failure?.message).toContain('list,patch cronjobs.batch');
    });
  });

  it('asks each rule once for the life of a reader', async () => {
    const { cluster, requests } = server();
    const needs = accessNeeds(contextOf(situationOf([web])));
    const [early] = await Promise.all([reviewAccess(cluster, needs), reviewAccess(cluster, needs)]);
    await access.check(contextOf(situationOf([web]), cluster), planOf([web]));
    expect(requests).toHaveLength(1);
    expect(early.can('lock')).toBe(true);
  });

  it('needs every kind where a selector decides', () => {
    const { kinds } = accessNeeds({
      config: { selector: 'app=shop', workloads: [], health: [], skipSteps: [] } as never,
    });
    expect(kinds).toEqual(['Deployment', 'StatefulSet', 'DaemonSet']);
  });
});
