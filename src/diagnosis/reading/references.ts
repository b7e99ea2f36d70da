import type { Finding, Patient } from '../../core/finding.ts';
import type { PodObject } from '../../core/kubernetes.ts';
import { containersOf, livePods, waitingFor } from './containers.ts';
import { mountFailures } from './mounts.ts';

/** An object that a pod reads and that is not there, or lacks a key. */
export interface MissingReference {
  readonly kind: 'secret' | 'configmap';
  /** Empty where the cluster names the key only. */
  readonly name: string;
  readonly key?: string;
}

const NAME = '[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?';
const KEY = '[-._a-zA-Z0-9]{1,253}';
const OBJECT_MISSING = new RegExp(`\\b(secret|configmap) "(${NAME})" not found`, 'i');
const KEY_MISSING = new RegExp(`couldn't find key (${KEY}) in (Secret|ConfigMap) [^/\\s]+/(${NAME})`);
const ITEM_MISSING = new RegExp(`references non-existent (secret|config) key: (${KEY})`);

/**
 * Reads the kubelet's messages (pkg/kubelet/kubelet_pods.go, pkg/volume/{secret,configmap}). A kubelet whose cache is not
 * filled yet says "failed to sync secret cache" or "object ... not registered": neither matches, as both pass.
 */
export function missingReference(message: string, pod: PodObject): MissingReference | undefined {
  const key = KEY_MISSING.exec(message);
  if (key) return { kind: key[2] === 'Secret' ? 'secret' : 'configmap', name: key[3] ?? '', key: key[1] ?? '' };
  const item = ITEM_MISSING.exec(message);
  if (item) {
    const kind = item[1] === 'secret' ? 'secret' : 'configmap';
    return { kind, name: volumeSource(message, pod, kind), key: item[2] ?? '' };
  }
  const object = OBJECT_MISSING.exec(message);
  if (object) return { kind: object[1]?.toLowerCase() === 'secret' ? 'secret' : 'configmap', name: object[2] ?? '' };
  return undefined;
}

function volumeSource(message: string, pod: PodObject, kind: MissingReference['kind']): string {
  const name = /for volume "([^"]{1,253})"/.exec(message)?.[1];
  const volume = pod.spec.volumes?.find((candidate) => candidate.name === name);
  return (kind === 'secret' ? volume?.secret?.secretName : volume?.configMap?.name) ?? '';
}

export interface ReferenceSeen {
  readonly missing: MissingReference;
  readonly pod: string;
  /** Absent for a volume: the whole pod waits for it. */
  readonly container?: string;
  readonly text: string;
}

/** Missing references of all live pods, from container states (environment) and mount events (volumes). */
export function missingReferences(patient: Patient): ReferenceSeen[] {
  return livePods(patient).flatMap((pod) => {
    const states = containersOf(pod).flatMap((seen) => {
      const text = waitingFor(seen, 'CreateContainerConfigError') ?? '';
      return [{ text, container: seen.spec.name }];
    });
    const mounts = mountFailures(patient, pod).map((event) => ({ text: event.message ?? '' }));
    return [...states, ...mounts].flatMap((found) => {
      const missing = missingReference(found.text, pod);
      return missing ? [{ ...found, missing, pod: pod.metadata.name }] : [];
    });
  });
}

/** One finding per container, or one for the volumes of the pod. */
export function onePerContainer(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.toReversed().map((finding) => [finding.container ?? '', finding])).values()];
}
