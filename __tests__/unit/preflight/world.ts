import type { AccessAnswer, AccessRule } from '../../../src/core/access.ts';
import type { Config } from '../../../src/core/config.ts';
import { RollbackError } from '../../../src/core/errors.ts';
import type {
  KubeObject,
  ObjectKind,
  PodObject,
  PodTemplate,
  WorkloadKind,
  WorkloadObject,
} from '../../../src/core/kubernetes.ts';
import { EMPTY_LEDGER } from '../../../src/core/ledger.ts';
import type { Member, MemberChoice, Situation } from '../../../src/core/situation.ts';
import type { Plan } from '../../../src/core/step.ts';
import type { UndoChange } from '../../../src/core/undo.ts';
import { imagesOf, revisionsOf, templateHash } from '../../../src/core/workload.ts';
import type { ClusterReader } from '../../../src/ports/cluster.ts';
import type { ReadContext } from '../../../src/ports/context.ts';

/** A pod template with one container `web`; `spec` is merged over it. */
export function template(image: string, spec: Partial<PodTemplate['spec']> = {}): PodTemplate {
  return { metadata: { labels: { app: 'shop' } }, spec: { containers: [{ name: 'web', image }], ...spec } };
}

export interface MemberOptions {
  readonly kind?: WorkloadKind;
  readonly name?: string;
  readonly bad?: PodTemplate;
  readonly good?: PodTemplate;
  readonly metadata?: Partial<WorkloadObject['metadata']>;
  readonly spec?: Partial<WorkloadObject['spec']>;
  readonly status?: WorkloadObject['status'];
}

/** A workload whose revision 1 (`good`) is followed by revision 2 (`bad`), which it runs. */
export function member(options: MemberOptions = {}): Member {
  const { kind = 'Deployment', name = 'web', good = template('shop:1'), bad = template('shop:2') } = options;
  const workload: WorkloadObject = {
    kind,
    metadata: {
      name,
      namespace: 'production',
      uid: `uid-${name}`,
      resourceVersion: '1',
      generation: 2,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...options.metadata,
    },
    spec: { replicas: 2, selector: { matchLabels: { app: 'shop' } }, template: bad, ...options.spec },
    status: options.status ?? { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
  };
  const revisions = revisionsOf(workload, [stored(workload, 1, good), stored(workload, 2, bad)]);
  return { ref: { kind, name }, workload, revisions, hash: templateHash(bad) };
}

function stored(workload: WorkloadObject, number: number, of: PodTemplate) {
  const metadata = {
    name: `${workload.metadata.name}-${number}`,
    uid: `revision-${workload.metadata.name}-${number}`,
    resourceVersion: '1',
    creationTimestamp: `2026-01-0${number}T00:00:00Z`,
    annotations: { 'deployment.kubernetes.io/revision': String(number) },
    ownerReferences: [
      { kind: workload.kind, name: workload.metadata.name, uid: workload.metadata.uid, controller: true },
    ],
  };
  return workload.kind === 'Deployment'
    ? { metadata, spec: { template: of } }
    : { metadata, revision: number, data: { spec: { template: of } } };
}

/** A pod of one revision of a member. */
export function podOf(of: Member, number: 1 | 2, index: number, ready = true): PodObject {
  const revision = of.revisions.find((one) => one.number === number);
  if (!revision) throw new Error(`no revision ${number}`);
  const isDeployment = of.ref.kind === 'Deployment';
  return {
    metadata: {
      name: `${revision.name}-${index}`,
      uid: `pod-${revision.name}-${index}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-03T00:00:00Z',
      labels: {
        app: 'shop',
        ...(isDeployment
          ? {}
          : { 'controller-revision-hash': of.ref.kind === 'DaemonSet' ? String(number) : revision.name }),
      },
      ownerReferences: [
        isDeployment
          ? { kind: 'ReplicaSet', name: revision.name, uid: revision.uid, controller: true }
          : { kind: of.ref.kind, name: of.ref.name, uid: of.workload.metadata.uid, controller: true },
      ],
    },
    spec: revision.template.spec,
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

/** A plan that takes each member back to its revision 1. */
export function planOf(members: readonly Member[]): Plan {
  const change: UndoChange = {
    summary: [],
    members: members.map((one) => {
      const to = target(one);
      return {
        ref: one.ref,
        uid: one.workload.metadata.uid,
        from: one.hash,
        to: to.hash,
        template: to.template,
        before: one.workload.spec.template,
        paused: false,
        fromImages: imagesOf(one.workload.spec.template),
        toImages: to.images,
        toRevision: to.number,
      };
    }),
  };
  return { tier: 'rapid', digest: '', steps: [{ step: 'undo-workloads', planned: { kind: 'change', change } }] };
}

export const NOTHING_PLANNED: Plan = {
  tier: 'rapid',
  digest: '',
  steps: [{ step: 'undo-workloads', planned: { kind: 'no-op', reason: { key: 'skipped.at-target' } } }],
};

function target(one: Member) {
  const to = one.revisions.find((revision) => revision.number === 1);
  if (!to) throw new Error('no revision 1');
  return to;
}

export function situationOf(members: readonly Member[], over: Partial<Situation> = {}): Situation {
  const choices = members.map((one): MemberChoice => ({ kind: 'go', member: one, to: target(one), notes: [] }));
  return {
    readAt: 0,
    members,
    pods: [],
    autoscalers: [],
    disruptionBudgets: [],
    ledger: { ledger: EMPTY_LEDGER, access: 'full' },
    choice: { kind: 'chosen', members: choices },
    candidates: [],
    ...over,
  };
}

/** What the API server of a test holds and allows. */
export interface ServerOptions {
  readonly objects?: Partial<Record<ObjectKind, readonly object[]>>;
  /** `get Secret`, `list Secret`: answered by 403. */
  readonly forbidden?: readonly string[];
  /** Answered by 500, for good. */
  readonly failing?: readonly string[];
  readonly access?: (rule: AccessRule) => AccessAnswer;
  readonly uid?: string;
}

/** A reader over plain objects that counts what is asked of it. */
export function server(options: ServerOptions = {}) {
  const requests: string[] = [];
  const all = (kind: ObjectKind) => (options.objects?.[kind] ?? []) as readonly KubeObject[];
  const record = (request: string) => {
    requests.push(request);
    const [verb, kind] = request.split(' ');
    if (options.forbidden?.includes(`${verb} ${kind}`)) {
      throw new RollbackError('CLUSTER_FORBIDDEN', `may not ${verb} ${kind}`, 'Add the rule.');
    }
    if (options.failing?.includes(`${verb} ${kind}`)) throw new RollbackError('CLUSTER_ERROR', 'etcd is away', 'Wait.');
  };
  const reader = {
    async get(kind: ObjectKind, name: string) {
      record(`get ${kind} ${name}`);
      return all(kind).find((object) => object.metadata.name === name);
    },
    async list(kind: ObjectKind) {
      record(`list ${kind}`);
      return all(kind);
    },
    async access(rules: readonly AccessRule[]) {
      requests.push(`access ${rules.length}`);
      return rules.map((rule) => options.access?.(rule) ?? 'allowed');
    },
    async identity() {
      requests.push('identity');
      return { server: 'https://cluster', context: 'prod', ...(options.uid ? { uid: options.uid } : {}) };
    },
  };
  return { cluster: reader as unknown as ClusterReader, requests };
}

export function named(name: string, more: object = {}): object {
  return { metadata: { name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '' }, ...more };
}

export function contextOf(
  situation: Situation,
  cluster: ClusterReader = server().cluster,
  config: Partial<Config> = {},
): ReadContext {
  const base = {
    namespace: 'production',
    tier: 'rapid',
    health: [],
    allowGitops: false,
    workloads: [],
    skipSteps: [],
  };
  const full = { ...base, workloads: situation.members.map((one) => one.ref), ...config };
  return { config: full, situation, cluster } as unknown as ReadContext;
}
