import type {
  Condition,
  ContainerStatus,
  ObjectKind,
  OwnerReference,
  PodObject,
  PodTemplate,
  WorkloadKind,
  WorkloadObject,
} from '../../src/core/kubernetes.ts';
import { WORKLOAD_KINDS } from '../../src/core/kubernetes.ts';
import { revisionsOf, templateHash } from '../../src/core/workload.ts';
import type { ObjectStore } from './cluster-store.ts';

/** What becomes of the pods of a template. `pending` is for a test that decides later. */
export type Fate = 'ready' | 'pending' | NonNullable<PodObject['status']>;

/** A fate read off the image's name, so that most tests need not say more: `app:crash`, `app:missing`, `app:unready`. */
export function fateOfImage(template: PodTemplate): Fate {
  const images = template.spec.containers.map((container) => container.image ?? '').join(' ');
  const container = (status: Partial<ContainerStatus>): ContainerStatus => ({
    name: template.spec.containers[0]?.name ?? 'app',
    ready: false,
    restartCount: 0,
    ...status,
  });
  if (images.includes('missing')) {
    const waiting = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${images}"` };
    return { phase: 'Pending', containerStatuses: [container({ state: { waiting } })] };
  }
  if (images.includes('crash')) {
    const terminated = { exitCode: 1, reason: 'Error' };
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' };
    return {
      phase: 'Running',
      containerStatuses: [container({ restartCount: 3, state: { waiting }, lastState: { terminated } })],
    };
  }
  if (images.includes('unready')) {
    return {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' }],
      containerStatuses: [container({ started: true, state: { running: {} } })],
    };
  }
  return 'ready';
}

/**
 * Plays the controllers and the kubelet: one small step at a time, so that what watches sees the states in between. Every new pod is
 * started at once (a surge of 100 %), an old one leaves for each new one that is Ready.
 */
export class Controllers {
  readonly #store: ObjectStore;
  readonly #fate: (template: PodTemplate, pod: string) => Fate;
  #pods = 0;

  constructor(store: ObjectStore, fate: (template: PodTemplate, pod: string) => Fate) {
    this.#store = store;
    this.#fate = fate;
  }

  /** One step of every workload. False when there was nothing left to do. */
  step(): boolean {
    const before = this.#store.version;
    for (const kind of WORKLOAD_KINDS) {
      for (const workload of this.#store.all(kind)) this.#sync(workload);
    }
    this.#collect();
    return this.#store.version !== before;
  }

  #sync(workload: WorkloadObject): void {
    if (workload.metadata.deletionTimestamp) return;
    const revision = this.#revision(workload);
    const pods = this.#podsOf(workload);
    const desired = workload.kind === 'DaemonSet' ? 2 : (workload.spec.replicas ?? 1);
    const paused = workload.kind === 'Deployment' && workload.spec.paused === true;
    const updated = pods.filter((pod) => pod.metadata.labels?.['revision'] === revision);
    const outdated = pods.filter((pod) => pod.metadata.labels?.['revision'] !== revision);
    const ready = updated.filter(isReady);
    if (!paused) {
      for (let i = updated.length; i < desired; i++) this.#startPod(workload, revision);
      for (const pod of updated.slice(desired)) this.#store.remove('Pod', pod.metadata.name);
      const spare = Math.max(0, outdated.length - Math.max(0, desired - ready.length));
      for (const pod of outdated.slice(0, spare)) this.#store.remove('Pod', pod.metadata.name);
    }
    this.#report(workload, revision, desired);
  }

  /** Name of the ReplicaSet or ControllerRevision of the template as it is now; made, or numbered anew, where needed. */
  #revision(workload: WorkloadObject): string {
    const kind: ObjectKind = workload.kind === 'Deployment' ? 'ReplicaSet' : 'ControllerRevision';
    const kept = revisionsOf(workload, this.#store.all(kind));
    const hash = templateHash(workload.spec.template);
    const newest = kept[0]?.number ?? 0;
    const known = kept.find((revision) => revision.hash === hash);
    if (workload.kind === 'Deployment' && workload.spec.paused) return (known ?? kept[0])?.name ?? '';
    if (known?.number === newest) return known.name;
    const name = known?.name ?? `${workload.metadata.name}-${hash.slice(0, 10)}`;
    const annotations = { 'deployment.kubernetes.io/revision': String(newest + 1) };
    if (kind === 'ReplicaSet') {
      this.#store.create('ReplicaSet', {
        metadata: { name, ownerReferences: [ownerOf(workload)] },
        spec: { replicas: 0, template: workload.spec.template },
      });
      this.#store.update('ReplicaSet', name, (set) => {
        set.metadata.annotations = { ...set.metadata.annotations, ...annotations };
      });
      this.#store.update('Deployment', workload.metadata.name, (deployment) => {
        deployment.metadata.annotations = { ...deployment.metadata.annotations, ...annotations };
      });
      return name;
    }
    this.#store.create('ControllerRevision', {
      metadata: { name, ownerReferences: [ownerOf(workload)] },
      revision: 0,
      data: { spec: { template: { ...workload.spec.template, $patch: 'replace' } } },
    });
    this.#store.update('ControllerRevision', name, (stored) => {
      stored.revision = newest + 1;
    });
    return name;
  }

  #podsOf(workload: WorkloadObject): PodObject[] {
    return this.#store
      .all('Pod')
      .filter((pod) => pod.metadata.labels?.['workload'] === keyOf(workload) && !pod.metadata.deletionTimestamp);
  }

  #startPod(workload: WorkloadObject, revision: string): void {
    const { template } = workload.spec;
    const name = `${workload.metadata.name}-${String(++this.#pods).padStart(5, '0')}`;
    const fate = this.#fate(template, name);
    this.#store.create('Pod', {
      metadata: {
        name,
        labels: { ...template.metadata?.labels, 'pod-template-hash': revision, workload: keyOf(workload), revision },
        ...(template.metadata?.annotations ? { annotations: template.metadata.annotations } : {}),
        ownerReferences: [
          workload.kind === 'Deployment'
            ? {
                kind: 'ReplicaSet',
                name: revision,
                uid: this.#store.get('ReplicaSet', revision)?.metadata.uid ?? '',
                controller: true,
              }
            : ownerOf(workload),
        ],
      },
      spec: template.spec,
      status: this.#statusOf(template, fate),
    });
  }

  #statusOf(template: PodTemplate, fate: Fate): NonNullable<PodObject['status']> {
    if (fate === 'pending') return { phase: 'Pending' };
    if (fate !== 'ready') return fate;
    const time = this.#store.time();
    return {
      phase: 'Running',
      startTime: time,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: time }],
      containerStatuses: template.spec.containers.map((container) => ({
        name: container.name,
        ready: true,
        started: true,
        restartCount: 0,
        ...(container.image === undefined ? {} : { image: container.image }),
        imageID: `docker.io/${container.image}@sha256:${templateHash(template).padEnd(64, '0')}`,
        state: { running: { startedAt: time } },
      })),
    };
  }

  #report(workload: WorkloadObject, revision: string, desired: number): void {
    const pods = this.#podsOf(workload);
    const updated = pods.filter((pod) => pod.metadata.labels?.['revision'] === revision);
    const ready = pods.filter(isReady);
    const complete = updated.length === desired && updated.every(isReady) && pods.length === desired;
    const { name, generation } = workload.metadata;
    const counts = {
      observedGeneration: generation ?? 1,
      replicas: pods.length,
      updatedReplicas: updated.length,
      readyReplicas: ready.length,
      availableReplicas: ready.length,
    };
    if (workload.kind === 'Deployment') {
      for (const set of this.#store.all('ReplicaSet')) {
        if (set.metadata.ownerReferences?.[0]?.uid !== workload.metadata.uid) continue;
        const own = pods.filter((pod) => pod.metadata.labels?.['revision'] === set.metadata.name);
        this.#store.update('ReplicaSet', set.metadata.name, (draft) => {
          draft.spec.replicas = set.metadata.name === revision ? desired : own.length;
          draft.status = { replicas: own.length, readyReplicas: own.filter(isReady).length };
        });
      }
      this.#store.update('Deployment', name, (draft) => {
        draft.status = {
          ...counts,
          unavailableReplicas: Math.max(0, desired - ready.length),
          conditions: conditionsOf(ready.length >= desired, complete, revision),
        };
      });
    } else if (workload.kind === 'StatefulSet') {
      this.#store.update('StatefulSet', name, (draft) => {
        draft.status = {
          ...counts,
          updateRevision: revision,
          currentRevision: complete ? revision : (draft.status?.currentRevision ?? revision),
          currentReplicas: complete ? desired : pods.length - updated.length,
        };
      });
    } else {
      this.#store.update('DaemonSet', name, (draft) => {
        draft.status = {
          observedGeneration: generation ?? 1,
          desiredNumberScheduled: desired,
          updatedNumberScheduled: updated.length,
          numberReady: ready.length,
          numberAvailable: ready.length,
        };
      });
    }
  }

  /** What belongs to a workload that is gone goes too. */
  #collect(): void {
    const workloads = WORKLOAD_KINDS.flatMap((kind) => this.#store.all(kind));
    const uids = new Set(workloads.map((workload) => workload.metadata.uid));
    const keys = new Set(workloads.map(keyOf));
    for (const kind of ['ReplicaSet', 'ControllerRevision'] as const) {
      for (const object of this.#store.all(kind)) {
        const owner = object.metadata.ownerReferences?.[0];
        if (owner && !uids.has(owner.uid)) this.#store.remove(kind, object.metadata.name);
      }
    }
    for (const pod of this.#store.all('Pod')) {
      const key = pod.metadata.labels?.['workload'];
      if (key !== undefined && !keys.has(key)) this.#store.remove('Pod', pod.metadata.name);
    }
  }
}

function conditionsOf(available: boolean, complete: boolean, revision: string): Condition[] {
  return [
    {
      type: 'Available',
      status: available ? 'True' : 'False',
      reason: available ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    },
    {
      type: 'Progressing',
      status: 'True',
      reason: complete ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
      message: `ReplicaSet "${revision}" ${complete ? 'has successfully progressed.' : 'is progressing.'}`,
    },
  ];
}

function isReady(pod: PodObject): boolean {
  return (pod.status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True');
}

function keyOf(workload: { readonly kind: WorkloadKind; readonly metadata: { readonly uid: string } }): string {
  return workload.metadata.uid;
}

function ownerOf(workload: WorkloadObject): OwnerReference {
  const { name, uid } = workload.metadata;
  return { kind: workload.kind, name, uid, controller: true };
}
