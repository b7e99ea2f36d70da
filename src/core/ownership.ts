import type { Container, ObjectMeta, PodTemplate, Volume, WorkloadObject } from './kubernetes.ts';
import { shellWord } from './shell.ts';
import { ownsTemplate } from './timeline.ts';
import { tr } from './tr.ts';

/** Somebody who deploys a workload, and will do so again. */
export interface Owner {
  readonly tool: 'argo-cd' | 'flux' | 'config-sync' | 'controller' | 'helm' | 'kapp' | 'fleet';
  /** As people call it: `Argo CD application shop`. */
  readonly title: string;
  readonly name: string;
  /** `at-once`: it compares and puts its own version back by itself. `next-deploy`: only when somebody deploys again. */
  readonly puts: 'at-once' | 'next-deploy';
  /** How to keep it from putting its own version back: a hint, with the command first where there is one. */
  readonly stop: string;
}

/** Recognises one tool by what it leaves on the objects that it deploys. */
interface Signature {
  readonly tool: Owner['tool'];
  detect(workload: WorkloadObject): Omit<Owner, 'tool'> | undefined;
}

const ownVersion = () => tr`or revert the release at its source; or set allow-gitops: true`;

const argoCd: Signature = {
  tool: 'argo-cd',
  detect(workload) {
    const name = argoInstance(workload);
    if (name === undefined) return undefined;
    return {
      name,
      title: tr`Argo CD application ${name}`,
      puts: 'at-once',
      stop: tr`Stop it first: argocd app set ${shellWord(name)} --sync-policy none; give it its policy back afterwards; ${ownVersion()}`,
    };
  },
};

/**
 * The application's name. A tracking id that names another object came along with a copied manifest, and Argo CD disregards it
 * (resource_tracking). With label tracking the name is only in a common label, so the field manager must prove that it is Argo CD's.
 */
function argoInstance({ metadata, kind }: WorkloadObject): string | undefined {
  const tracking = /^([^:]+):apps\/([^:]+):([^/]+)\/(.+)$/.exec(
    metadata.annotations?.['argocd.argoproj.io/tracking-id'] ?? '',
  );
  if (tracking) {
    const isThis = tracking[2] === kind && tracking[4] === metadata.name && tracking[3] === metadata.namespace;
    return isThis ? tracking[1] : undefined;
  }
  const label = metadata.labels?.['argocd.argoproj.io/instance'];
  if (label) return label;
  return managesSpec(metadata, /^argocd-/) ? (metadata.labels?.['app.kubernetes.io/instance'] ?? 'NAME') : undefined;
}

/** Flux says itself when it leaves an object alone (kustomize-controller, "reconcile" and "ssa" annotations). */
function isLeftAlone(metadata: ObjectMeta): boolean {
  const { annotations = {} } = metadata;
  return (
    annotations['kustomize.toolkit.fluxcd.io/reconcile'] === 'disabled' ||
    /^(Ignore|IfNotPresent)$/i.test(annotations['kustomize.toolkit.fluxcd.io/ssa'] ?? '')
  );
}

function flux(kind: 'kustomization' | 'helmrelease', group: string, title: string): Signature {
  return {
    tool: 'flux',
    detect({ metadata }) {
      const name = metadata.labels?.[`${group}/name`];
      if (!name || isLeftAlone(metadata)) return undefined;
      const namespace = metadata.labels?.[`${group}/namespace`] ?? metadata.namespace ?? 'flux-system';
      return {
        name,
        title: `${title} ${namespace}/${name}`,
        puts: 'at-once',
        stop: tr`Stop it first: flux suspend ${kind} ${shellWord(name)} -n ${shellWord(namespace)}; resume it afterwards; ${ownVersion()}`,
      };
    },
  };
}

const configSync: Signature = {
  tool: 'config-sync',
  detect({ metadata }) {
    if (metadata.annotations?.['configmanagement.gke.io/managed'] !== 'enabled') return undefined;
    const name = metadata.annotations['configsync.gke.io/manager'] ?? 'root-sync';
    return {
      name,
      title: `Config Sync ${name}`,
      puts: 'at-once',
      stop: tr`Stop its sync first (RootSync or RepoSync ${shellWord(name)}); ${ownVersion()}`,
    };
  },
};

/** An operator's custom resource, a Flagger Canary, ...: what controls a workload writes its template again. */
const controller: Signature = {
  tool: 'controller',
  detect({ metadata }) {
    const owner = metadata.ownerReferences?.find((reference) => reference.controller === true);
    if (!owner) return undefined;
    return {
      name: owner.name,
      title: `${owner.kind} ${owner.name}`,
      puts: 'at-once',
      stop: tr`Change ${shellWord(owner.kind)} ${shellWord(owner.name)}, which controls it; or set allow-gitops: true`,
    };
  },
};

const fleet: Signature = {
  tool: 'fleet',
  detect({ metadata }) {
    const id = metadata.annotations?.['objectset.rio.cattle.io/id'] ?? '';
    if (!/fleet/.test(id) && metadata.labels?.['fleet.cattle.io/bundle-id'] === undefined) return undefined;
    const name =
      metadata.annotations?.['objectset.rio.cattle.io/owner-name'] ?? metadata.annotations?.[HELM_RELEASE] ?? id;
    return {
      name,
      title: tr`Fleet bundle ${name}`,
      puts: 'next-deploy',
      stop: tr`revert the release in the bundle's git repository`,
    };
  },
};

const kapp: Signature = {
  tool: 'kapp',
  detect({ metadata }) {
    const name = metadata.labels?.['kapp.k14s.io/app'];
    if (!name) return undefined;
    return {
      name,
      title: tr`kapp application ${name}`,
      puts: 'next-deploy',
      stop: tr`deploy the good version with kapp next time`,
    };
  },
};

const HELM_RELEASE = 'meta.helm.sh/release-name';

const helm: Signature = {
  tool: 'helm',
  detect({ metadata }) {
    const name = metadata.annotations?.[HELM_RELEASE];
    const isHelm = metadata.labels?.['app.kubernetes.io/managed-by'] === 'Helm' || managesSpec(metadata, /^helm$/i);
    if (!name || !isHelm) return undefined;
    return { name, title: tr`Helm release ${name}`, puts: 'next-deploy', stop: tr`upgrade to a good chart next time` };
  },
};

/** Strongest first: what puts its version back by itself hides what only deploys (Flux and Fleet deploy through Helm). */
const SIGNATURES: readonly Signature[] = [
  argoCd,
  flux('kustomization', 'kustomize.toolkit.fluxcd.io', 'Flux Kustomization'),
  flux('helmrelease', 'helm.toolkit.fluxcd.io', 'Flux HelmRelease'),
  configSync,
  controller,
  fleet,
  kapp,
  helm,
];

/** Who deploys a workload; undefined where nothing on the object says so. */
export function ownerOf(workload: WorkloadObject): Owner | undefined {
  for (const { tool, detect } of SIGNATURES) {
    const found = detect(workload);
    if (found) return { tool, ...found };
  }
  return undefined;
}

function managesSpec(metadata: ObjectMeta, manager: RegExp): boolean {
  return (metadata.managedFields ?? []).some(
    (entry) => entry.subresource === undefined && manager.test(entry.manager ?? '') && ownsTemplate(entry.fieldsV1),
  );
}

/**
 * Whether Helm patches this workload by three-way merge (Helm 3, and 4 without server-side apply): then what only the live object has
 * is nobody's, and the next upgrade leaves it there. An owner by server-side apply takes its own fields back.
 */
export function mergesThreeWays({ metadata }: WorkloadObject): boolean {
  const entries = (metadata.managedFields ?? []).filter(
    (entry) => /^helm$/i.test(entry.manager ?? '') && ownsTemplate(entry.fieldsV1),
  );
  return !entries.some((entry) => entry.operation === 'Apply');
}

/** Fields that the target template has and the left one lacks, as paths: `containers[web].env[DEBUG]`. Values are never shown. */
export function addedFields(left: PodTemplate, target: PodTemplate): string[] {
  const paths = added(target, left, '');
  return paths.map((path) => path.replace(/^\.?spec\./, '').replace(/^\./, ''));
}

type Tree = Container | Volume | PodTemplate | { readonly [key: string]: unknown };

function added(target: unknown, left: unknown, path: string): string[] {
  if (target === undefined || target === null) return [];
  if (Array.isArray(target) && target.some((item) => keyOf(item) !== undefined)) {
    return addedItems(target, Array.isArray(left) ? left : [], path);
  }
  if (left === undefined || left === null) return [path];
  if (Array.isArray(target) || typeof target !== 'object' || typeof left !== 'object') return [];
  return Object.entries(target as Tree).flatMap(([key, value]) =>
    added(value, (left as Record<string, unknown>)[key], `${path}.${key}`),
  );
}

/** Lists that Kubernetes merges by key; a list without one is replaced as a whole, and nothing of it can be left over. */
const MERGE_KEYS = ['name', 'mountPath', 'containerPort', 'ip', 'topologyKey'];

function keyOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const key = MERGE_KEYS.find((name) => name in item);
  return key === undefined ? undefined : String((item as Record<string, unknown>)[key]);
}

function addedItems(target: readonly unknown[], left: readonly unknown[], path: string): string[] {
  const known = new Map(left.map((item) => [keyOf(item), item]));
  return target.flatMap((item) => added(item, known.get(keyOf(item)), `${path}[${keyOf(item)}]`));
}
