import { createHash } from 'node:crypto';
import type { ControllerRevisionObject, Json, PodTemplate, ReplicaSetObject, WorkloadObject } from './kubernetes.ts';

/** Labels that controllers put on templates they store; they are not part of what the user deployed. */
const CONTROLLER_LABELS = ['pod-template-hash', 'controller-revision-hash', 'statefulset.kubernetes.io/pod-name'];
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/** One release that a workload ran or runs: a ReplicaSet or a ControllerRevision, as data. */
export interface Revision {
  /** Name of the ReplicaSet or ControllerRevision. */
  readonly name: string;
  readonly uid: string;
  /** The number that kubectl shows. Shown to people only: numbers move, hashes decide. */
  readonly number: number;
  /** Numbers that this release had before it came back (ReplicaSets remember them). */
  readonly formerNumbers: readonly number[];
  /** ms since the epoch. A revision that came back keeps its first creation. */
  readonly createdAt: number;
  readonly template: PodTemplate;
  readonly hash: string;
  readonly images: readonly string[];
  readonly changeCause?: string;
}

/** The template as the user deployed it: without the labels that controllers add and without `$patch`. */
export function cleanTemplate(template: PodTemplate & { readonly $patch?: string }): PodTemplate {
  const { $patch: _patch, ...rest } = template;
  if (!rest.metadata?.labels) return rest;
  const labels = Object.fromEntries(
    Object.entries(rest.metadata.labels).filter(([name]) => !CONTROLLER_LABELS.includes(name)),
  );
  return { ...rest, metadata: { ...rest.metadata, labels } };
}

/** What makes two releases the same: the clean template, without `restartedAt` (a restart is no new release). 16 hex digits. */
export function templateHash(template: PodTemplate): string {
  const clean = cleanTemplate(template);
  const { [RESTARTED_AT]: _restarted, ...annotations } = clean.metadata?.annotations ?? {};
  const { annotations: _old, ...metadata } = clean.metadata ?? {};
  const essence = {
    ...clean,
    metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata,
  };
  return createHash('sha256')
    .update(canonical(essence as unknown as Json))
    .digest('hex')
    .slice(0, 16);
}

export function imagesOf(template: PodTemplate): string[] {
  return [...(template.spec.initContainers ?? []), ...template.spec.containers].map(
    (container) => container.image ?? '',
  );
}

/** JSON with sorted keys; null and empty creationTimestamp, which the API adds and drops at will, are left out. */
function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== null && item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

function isOwnedBy(object: ReplicaSetObject | ControllerRevisionObject, workload: WorkloadObject): boolean {
  return (object.metadata.ownerReferences ?? []).some(
    (owner) => owner.controller === true && owner.uid === workload.metadata.uid,
  );
}

/** The revisions of a workload, newest number first. Objects of other owners are passed over. */
export function revisionsOf(
  workload: WorkloadObject,
  stored: readonly (ReplicaSetObject | ControllerRevisionObject)[],
): Revision[] {
  return stored
    .filter((object) => isOwnedBy(object, workload))
    .flatMap((object) => {
      const raw = 'revision' in object ? object.data?.spec?.template : object.spec.template;
      if (!raw) return [];
      const template = cleanTemplate(raw);
      const annotations = object.metadata.annotations ?? {};
      const number =
        'revision' in object ? object.revision : Number(annotations['deployment.kubernetes.io/revision'] ?? 0);
      const changeCause = annotations['kubernetes.io/change-cause'];
      return [
        {
          name: object.metadata.name,
          uid: object.metadata.uid,
          number,
          formerNumbers: (annotations['deployment.kubernetes.io/revision-history'] ?? '')
            .split(',')
            .filter((text) => text !== '')
            .map(Number),
          createdAt: Date.parse(object.metadata.creationTimestamp),
          template,
          hash: templateHash(template),
          images: imagesOf(template),
          ...(changeCause === undefined ? {} : { changeCause }),
        },
      ];
    })
    .sort((a, b) => b.number - a.number || b.createdAt - a.createdAt);
}
