import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { discover, wouldGoTo } from '../../../src/core/discovery.ts';
import { EMPTY_LEDGER } from '../../../src/core/ledger.ts';
import type { Member } from '../../../src/core/situation.ts';
import { groupsOf } from '../../../src/core/workload-groups.ts';
import { member, template } from '../preflight/world.ts';

const found = (members: readonly Member[], missing = new Map()) =>
  discover({ namespace: 'production', members, ledger: EMPTY_LEDGER, missing });
const fileOf = (members: readonly Member[], name: string) =>
  found(members).files.find((file) => file.name === name)?.content ?? '';
const labelled = (name: string, labels: Record<string, string>) => member({ name, metadata: { labels } });

describe('discover', () => {
  it('says of each workload whether it can go back, and why', () => {
    const never = { ...member({ name: 'new' }) };
    const fresh = { ...never, revisions: [{ ...never.revisions[0], number: 1 } as (typeof never.revisions)[0]] };
    const broken = member({ name: 'sick', status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2 } });
    const argo = labelled('argo', { 'argocd.argoproj.io/instance': 'shop' });
    const failure = { code: 'REFERENCE_MISSING', message: 'no Secret', hint: 'create', causes: [] } as const;
    const { workloads } = found(
      [member({ name: 'well' }), broken, fresh, argo, member({ name: 'lacks' })],
      new Map([['deployment/lacks', failure]]),
    );
    expect(
      workloads.map(({ ref, canGoBack, why }) => [ref.name, canGoBack, 'key' in why ? why.key : why.code]),
    ).toEqual([
      ['well', true, 'discovery.can-go-back'],
      ['sick', true, 'discovery.unhealthy'],
      ['new', false, 'discovery.stays'],
      ['argo', false, 'GITOPS_OWNED'],
      ['lacks', false, 'REFERENCE_MISSING'],
    ]);
  });

  it('says of a pruned history that it was pruned', () => {
    const whole = member({ name: 'pruned' });
    const pruned = { ...whole, revisions: whole.revisions.filter((revision) => revision.number === 2) };
    const [only] = found([pruned]).workloads;
    expect(only?.why).toMatchObject({ code: 'TARGET_NOT_FOUND' });
  });

  it('makes no files of an empty namespace', () => {
    expect(found([])).toEqual({ workloads: [], files: [] });
  });

  it('writes a config of the group that is unwell, and names the others', () => {
    const members = [
      member({ name: 'blog-web' }),
      member({ name: 'blog-api' }),
      member({ name: 'blog-job' }),
      member({ name: '224solutions-backend', status: { observedGeneration: 2 } }),
      member({ name: '224solutions-frontend' }),
    ];
    const content = fileOf(members, '.github/rollback.yml');
    expect(parse(content)).toEqual({
      namespace: 'production',
      workloads: ['deployment/224solutions-backend', 'deployment/224solutions-frontend'],
    });
    expect(content).toContain('# blog: [deployment/blog-web, deployment/blog-api, deployment/blog-job]');
  });

  it('grants the group no more than it needs', () => {
    const good = template('shop:1', { containers: [{ name: 'web', envFrom: [{ secretRef: { name: 'db' } }] }] });
    const documents = parseAllDocuments(fileOf([member({ good })], 'rollback-role.yaml')).map((one) => one.toJS());
    expect(documents.map((one) => one.kind)).toEqual(['ServiceAccount', 'Role', 'RoleBinding']);
    const rules = documents[1].rules as { resources: string[]; resourceNames?: string[]; verbs: string[] }[];
    expect(rules.find((rule) => rule.resources.includes('secrets'))).toMatchObject({
      resourceNames: ['db'],
      verbs: ['get'],
    });
    expect(rules.flatMap((rule) => rule.resources)).not.toContain('statefulsets');
    expect(rules.filter((rule) => rule.verbs.includes('*') || rule.resources.includes('*'))).toEqual([]);
    const writes = rules.filter((rule) => rule.resources.includes('configmaps') && rule.verbs.includes('update'));
    expect(writes.every((rule) => rule.resourceNames?.length)).toBe(true);
  });

  it('writes a workflow that is started by hand and has no more permission than it needs', () => {
    const workflow = parse(fileOf([member()], '.github/workflows/rollback.yml'));
    expect(Object.keys(workflow.on)).toEqual(['workflow_dispatch']);
    expect(workflow.permissions).toEqual({ contents: 'read', issues: 'write' });
    expect(workflow.jobs.rollback.environment).toBe('production');
    expect(workflow.jobs.rollback.steps[1].with.kubeconfig).toBe(['$', '{{ secrets.KUBECONFIG }}'].join(''));
  });
});

describe('wouldGoTo', () => {
  it('is the template that the workload would go to alone', () => {
    const one = member();
    expect(wouldGoTo(one, EMPTY_LEDGER)?.spec.containers[0]?.image).toBe('shop:1');
    expect(wouldGoTo({ ...one, revisions: [] }, EMPTY_LEDGER)).toBeUndefined();
  });
});

describe('groupsOf', () => {
  it('goes by the recommended labels, then by the first word of the name', () => {
    const groups = groupsOf([
      labelled('a', { 'app.kubernetes.io/part-of': 'shop' }),
      labelled('b', { 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/instance': 'other' }),
      labelled('c', { 'app.kubernetes.io/instance': 'blog' }),
      member({ name: 'pay-web' }),
      member({ name: 'pay-api' }),
      member({ name: 'lone-wolf' }),
    ]);
    expect(groups.map(({ name, members }) => `${name}: ${members.map(({ ref }) => ref.name).join(' ')}`)).toEqual([
      'shop: a b',
      'blog: c',
      'pay: pay-web pay-api',
      'lone-wolf: lone-wolf',
    ]);
  });
});
