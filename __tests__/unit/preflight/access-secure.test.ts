import { describe, expect, it } from '@jest/globals';
import { completeRules, KEPT_OBJECT_NAMES, roleRules } from '../../../src/core/access.ts';
import type { Config } from '../../../src/core/config.ts';
import type { Change, Plan } from '../../../src/core/step.ts';
import { accessNeeds } from '../../../src/preflight/access-review.ts';
import { contextOf, member, planOf, server, situationOf } from './world.ts';

const CONFIG: Partial<Config> = {
  tier: 'secure',
  secrets: [],
  manifests: { path: 'backup', allowClusterScoped: [] },
  featureFlags: { configMap: 'flags', disable: ['fast'] },
  temporaryResources: [{ kind: 'Job', name: 'import' }],
};
const object = (name: string, way: string) => ({
  ref: { apiVersion: 'v1', kind: 'ConfigMap', name },
  resource: 'configmaps',
  way,
});

function rulesOf(config: Partial<Config>, changes: Readonly<Record<string, object>>) {
  const web = member();
  const base = planOf([web]);
  const steps = Object.entries(changes).map(([step, change]) => ({
    step,
    planned: { kind: 'change' as const, change: { summary: [], ...change } as Change },
  }));
  const plan: Plan = { ...base, steps: [...base.steps, ...steps] };
  const needs = accessNeeds(contextOf(situationOf([web]), server({}).cluster, { ...CONFIG, ...config }), plan);
  const { needsLedger: _needsLedger, ...rest } = needs;
  return { needs, rules: roleRules(completeRules(rest)) };
}
const KEEPS = [
  { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
  { apiGroups: [''], resources: ['secrets'], resourceNames: KEPT_OBJECT_NAMES, verbs: ['get', 'update'] },
];
const LEFTOVER = { apiGroups: ['batch'], resources: ['jobs'], resourceNames: ['import'], verbs: ['get', 'delete'] };

describe('the permissions of tier secure', () => {
  it('name each object, and what is kept of it', () => {
    const { needs, rules } = rulesOf({}, { 'restore-manifests': { objects: [object('app', 'apply')] } });
    expect(needs.needsLedger).toBe(true);
    expect(rules).toEqual([
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['app'], verbs: ['get', 'patch'] },
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['flags'], verbs: ['get'] },
      LEFTOVER,
      ...KEEPS,
    ]);
  });

  it('are those of putting it back, too, where a failed run shall do that', () => {
    const objects = [object('app', 'apply'), object('extra', 'create')];
    const { rules } = rulesOf({ onFailure: 'revert' }, { 'restore-manifests': { objects } });
    const verbs = (name: string) => rules.find(({ resourceNames }) => resourceNames?.includes(name))?.verbs;
    expect(verbs('app')).toEqual(['get', 'patch', 'update']);
    expect(verbs('extra')).toEqual(['get', 'patch', 'delete']);
    expect(rules).toContainEqual({ apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['create'] });
  });

  it('delete a ConfigMap of flags only where it is immutable', () => {
    const flags = (way: string) =>
      rulesOf({}, { 'disable-feature-flags': { configMap: 'flags', way, before: {}, values: {} } }).rules.find(
        ({ resourceNames }) => resourceNames?.includes('flags'),
      )?.verbs;
    expect(flags('set')).toEqual(['get', 'patch']);
    expect(flags('recreate')).toEqual(['get', 'patch', 'delete']);
  });

  it('are none of them in the tiers below, nor for steps that are left out', () => {
    expect(rulesOf({ tier: 'complete' }, {}).rules).toEqual([]);
    const skipSteps = ['restore-manifests', 'disable-feature-flags', 'clean-temporary-resources'];
    const { needs, rules } = rulesOf({ skipSteps }, {});
    expect([rules, needs.needsLedger]).toEqual([[], false]);
  });
});
