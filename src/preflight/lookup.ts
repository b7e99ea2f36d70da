import type { ConfigMapObject, KubeObject, SecretObject } from '../core/kubernetes.ts';
import { type Found, keysOf, type Reference, type ReferencedKind } from '../core/references.ts';
import type { ClusterReader, ListOptions } from '../ports/cluster.ts';

/** What was found of the objects that templates reference. */
export interface Lookup {
  find(kind: ReferencedKind, name: string): Found;
  /** Why an object could not be read. */
  failureOf(kind: ReferencedKind, name: string): unknown;
}

type Read = { readonly found: Found; readonly failure?: unknown };

/** From this many objects of a kind on, one list costs less than as many gets. */
const LIST_FROM = 10;

/** Helm keeps each release as one big Secret: no pod reads them, and they are most of the bytes of a list. */
const LIST_OPTIONS: Readonly<Partial<Record<ReferencedKind, ListOptions>>> = {
  Secret: { fieldSelector: 'type!=helm.sh/release.v1' },
};

/** Looks every referenced object up once, all at the same time. Failures of single reads are kept, never thrown. */
export async function findReferenced(cluster: ClusterReader, references: readonly Reference[]): Promise<Lookup> {
  const names = new Map<ReferencedKind, Set<string>>();
  for (const { kind, name } of references) names.set(kind, (names.get(kind) ?? new Set()).add(name));
  const reads = new Map<string, Read>();
  await Promise.all(
    [...names].map(async ([kind, wanted]) => {
      const listed = wanted.size > LIST_FROM ? await listAll(cluster, kind) : undefined;
      await Promise.all(
        [...wanted].map(async (name) => {
          reads.set(
            `${kind}/${name}`,
            listed ? { found: listed.get(name) ?? 'absent' } : await getOne(cluster, kind, name),
          );
        }),
      );
    }),
  );
  const readOf = (kind: ReferencedKind, name: string): Read => reads.get(`${kind}/${name}`) ?? { found: 'unreadable' };
  return {
    find: (kind, name) => readOf(kind, name).found,
    failureOf: (kind, name) => readOf(kind, name).failure,
  };
}

/** Undefined where listing is not allowed: reading each one still may be. */
async function listAll(cluster: ClusterReader, kind: ReferencedKind): Promise<Map<string, Found> | undefined> {
  try {
    const objects = await cluster.list(kind, LIST_OPTIONS[kind]);
    return new Map(objects.map((object) => [object.metadata.name, foundOf(object)]));
  } catch {
    return undefined;
  }
}

async function getOne(cluster: ClusterReader, kind: ReferencedKind, name: string): Promise<Read> {
  try {
    const object = await cluster.get(kind, name);
    return { found: object ? foundOf(object) : 'absent' };
  } catch (failure) {
    return { found: 'unreadable', failure };
  }
}

function foundOf(object: KubeObject | ConfigMapObject | SecretObject): Found {
  return { keys: keysOf(object) };
}
