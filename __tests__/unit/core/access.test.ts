import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import {
  type AccessRule,
  canICommand,
  degradableRules,
  JOURNAL_NAMES,
  KEPT_NAMES,
  LEDGER_NAME,
  missingRulesYaml,
  requiredRules,
  roleRules,
  ruleKey,
  rulesText,
} from '../../../src/core/access.ts';

const rule = (verb: AccessRule['verb'], group: string, resource: string, name?: string): AccessRule => ({
  verb,
  group,
  resource,
  ...(name === undefined ? {} : { name }),
});

describe('requiredRules', () => {
  it('is what a rollback of Deployments cannot do without', () => {
    expect(roleRules(requiredRules(['Deployment', 'Deployment']))).toEqual([
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch', 'patch'] },
      { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
    ]);
  });

  it('reads ControllerRevisions for the other kinds, once', () => {
    const resources = requiredRules(['StatefulSet', 'DaemonSet']).map(({ verb, resource }) => `${verb} ${resource}`);
    expect(resources.filter((one) => one.endsWith('controllerrevisions'))).toHaveLength(3);
    expect(resources.filter((one) => one.endsWith('replicasets'))).toEqual([]);
  });

  it('asks for no patch where nothing changes', () => {
    expect(requiredRules(['Deployment'], { changes: false }).map(({ verb }) => verb)).not.toContain('patch');
  });
});

describe('requiredRules of tier complete', () => {
  const only = (needs: Parameters<typeof requiredRules>[1]) => {
    const base = new Set(requiredRules(['Deployment']).map(ruleKey));
    return roleRules(requiredRules(['Deployment'], needs).filter((one) => !base.has(ruleKey(one))));
  };

  it('names each Secret, and the copies all together', () => {
    expect(only({ secrets: [{ name: 'app-secrets', way: 'set' }] })).toEqual([
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['app-secrets'], verbs: ['get', 'patch'] },
      { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
      { apiGroups: [''], resources: ['secrets'], resourceNames: KEPT_NAMES, verbs: ['get', 'update'] },
    ]);
  });

  it('only looks at a Secret that is as it must be, and deletes only an immutable one', () => {
    expect(only({ secrets: [{ name: 'a' }] })).toEqual([
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['a'], verbs: ['get'] },
    ]);
    const verbs = (way: 'recreate' | 'create' | 'set') => only({ secrets: [{ name: 'a', way }] })[0]?.verbs;
    expect(verbs('recreate')).toEqual(['get', 'patch', 'delete']);
    expect(verbs('create')).toEqual(['get', 'patch']);
    expect(verbs('set')).not.toContain('delete');
  });

  it('cannot do without the ledger, which then is not among what it is better with', () => {
    expect(only({ needsLedger: true }).flatMap(({ resourceNames = [] }) => resourceNames)).toEqual([
      LEDGER_NAME,
      ...JOURNAL_NAMES,
    ]);
    const parts = (needsLedger: boolean) => degradableRules({ unblocks: false, needsLedger }).map(({ part }) => part);
    expect(parts(false)).toContain('ledger');
    expect(parts(true)).not.toContain('ledger');
  });

  it('suspends CronJobs where writers are stopped', () => {
    expect(only({ fences: true })).toEqual([
      { apiGroups: ['batch'], resources: ['cronjobs'], verbs: ['list', 'patch'] },
    ]);
  });
});

describe('what is reached through the API server', () => {
  it('a Service by name, the pods behind it by no name, a pod with a backup by name', () => {
    expect(roleRules(requiredRules([], { forwards: ['postgres'], podFiles: ['backup-0'] })).slice(1)).toEqual([
      { apiGroups: [''], resources: ['services'], resourceNames: ['postgres'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get', 'create'] },
      { apiGroups: [''], resources: ['pods/exec'], resourceNames: ['backup-0'], verbs: ['get', 'create'] },
    ]);
  });

  it('is not asked about where nothing is configured', () => {
    const resources = requiredRules(['Deployment'], { forwards: [], podFiles: [] }).map(({ resource }) => resource);
    expect(resources.filter((one) => /services|exec|portforward/.test(one))).toEqual([]);
  });
});

describe('degradableRules', () => {
  it('never asks to change objects that are not our own', () => {
    const changing = degradableRules({ unblocks: false })
      .flatMap(({ rules }) => rules)
      .filter(({ verb }) => verb === 'update' || verb === 'delete' || verb === 'patch');
    expect(changing.length).toBeGreaterThan(0);
    expect(changing.filter(({ name }) => !name?.startsWith('tiered-rollback'))).toEqual([]);
  });

  it('asks to delete pods only where it may come to that', () => {
    const parts = (unblocks: boolean) => degradableRules({ unblocks }).map(({ part }) => part);
    expect(parts(true)).toContain('unblock');
    expect(parts(false)).not.toContain('unblock');
  });
});

describe('why a health check fails', () => {
  it('is looked for in Services and EndpointSlices, where there is a check', () => {
    const rules = (checksHealth: boolean) =>
      degradableRules({ unblocks: false, checksHealth }).find(({ part }) => part === 'services')?.rules;
    expect(rulesText(rules(true) ?? [])).toBe('list services; list endpointslices.discovery.k8s.io');
    expect(rules(false)).toBeUndefined();
  });
});

describe('roleRules', () => {
  it('puts names of one resource together, and never names of two', () => {
    const rules = [
      rule('get', '', 'secrets', 'a'),
      rule('get', '', 'secrets', 'b'),
      rule('get', '', 'configmaps', 'a'),
    ];
    expect(roleRules(rules)).toEqual([
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['a', 'b'], verbs: ['get'] },
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['a'], verbs: ['get'] },
    ]);
  });

  it('never widens a rule with a name to all objects', () => {
    const rules = [rule('get', '', 'secrets'), rule('get', '', 'secrets', 'a')];
    expect(roleRules(rules)).toEqual([
      { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['a'], verbs: ['get'] },
    ]);
  });
});

describe('missingRulesYaml', () => {
  const missing = [rule('list', '', 'events'), rule('watch', '', 'events')];

  it('is the rules alone where the user is not known', () => {
    expect(missingRulesYaml(missing, 'production')).toBe(
      '- apiGroups: [""]\n  resources: [events]\n  verbs: [list, watch]',
    );
  });

  it('is a Role with its RoleBinding where the user is known', () => {
    const [role, binding] = parseAllDocuments(missingRulesYaml(missing, 'production', 'jane')).map((one) => one.toJS());
    expect(role).toMatchObject({ kind: 'Role', metadata: { namespace: 'production' } });
    expect(binding.subjects).toEqual([{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }]);
    const [, account] = parseAllDocuments(
      missingRulesYaml(missing, 'production', 'system:serviceaccount:ci:deployer'),
    ).map((one) => one.toJS());
    expect(account.subjects).toEqual([{ kind: 'ServiceAccount', name: 'deployer', namespace: 'ci' }]);
  });

  it('quotes what YAML would read as something else', () => {
    const [only] = parse(missingRulesYaml([rule('get', '', 'secrets', 'on')], 'production'));
    expect(only.resourceNames).toEqual(['on']);
    const [number] = parse(missingRulesYaml([rule('get', '', 'secrets', '123')], 'production'));
    expect(number.resourceNames).toEqual(['123']);
  });
});

it('says rules in one short line', () => {
  expect(rulesText([rule('get', '', 'pods/log'), rule('patch', 'apps', 'deployments', 'web')])).toBe(
    'get pods/log; patch deployments.apps (web)',
  );
});

it.each([
  [rule('patch', 'apps', 'deployments'), 'kubectl -n production auth can-i patch deployments.apps'],
  [rule('get', '', 'pods/log'), 'kubectl -n production auth can-i get pods --subresource=log'],
  [rule('get', '', 'secrets', 'db'), 'kubectl -n production auth can-i get secrets/db'],
])('asks kubectl the same question', (asked, command) => expect(canICommand(asked, 'production')).toBe(command));
