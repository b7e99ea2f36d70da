import { RollbackError } from '../../core/errors.ts';
import type { FieldSet, ManagedFieldsEntry } from '../../core/kubernetes.ts';
import { type AnyObject, groupOf, type ManifestRef, manifestText } from '../../core/manifest.ts';
import { tr } from '../../core/tr.ts';
import type { ResourceInfo } from '../../ports/objects.ts';
import type { Answer, Purpose } from './failure.ts';
import type { ObjectClient } from './object-client.ts';
import { repeat } from './own-objects.ts';
import { segment } from './resources.ts';

interface Discovery {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** One client has one server, whose kinds are asked about once; a kind that is missing may come. */
const known = new WeakMap<ObjectClient, Map<string, Promise<Discovery | undefined>>>();

/** By discovery of the API group's version; undefined where the server has none of that name. */
export async function resourceOf(
  client: ObjectClient,
  apiVersion: string,
  kind: string,
): Promise<ResourceInfo | undefined> {
  const groups = known.get(client) ?? new Map<string, Promise<Discovery | undefined>>();
  known.set(client, groups);
  const discovery = groups.get(apiVersion) ?? discover(client, apiVersion);
  groups.set(apiVersion, discovery);
  discovery.catch(() => groups.delete(apiVersion));
  const found = (await discovery)?.resources?.find((one) => one.kind === kind && !one.name.includes('/'));
  if (!found) return undefined;
  return {
    group: groupOf(apiVersion),
    version: apiVersion.split('/').at(-1) ?? apiVersion,
    plural: found.name,
    namespaced: found.namespaced,
  };
}

async function discover(client: ObjectClient, apiVersion: string): Promise<Discovery | undefined> {
  const path = rootOf(apiVersion);
  const purpose = client.purpose('get', tr`the kinds of ${apiVersion}`);
  const answer = await client.transport.read({ method: 'GET', path, purpose });
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw client.error(answer, purpose);
  return client.parsed<Discovery>(answer, purpose);
}

function rootOf(apiVersion: string): string {
  const parts = apiVersion.split('/').map(segment);
  return parts.length === 1 ? `/api/${parts[0]}` : `/apis/${parts.slice(0, 2).join('/')}`;
}

/** @throws MANIFEST_INVALID where the server has no such kind */
export async function pathOfObject(
  client: ObjectClient,
  { apiVersion, kind }: Pick<ManifestRef, 'apiVersion' | 'kind'>,
  name?: string,
): Promise<string> {
  const resource = await resourceOf(client, apiVersion, kind);
  if (!resource) {
    throw new RollbackError(
      'MANIFEST_INVALID',
      tr`The API server has no kind ${kind} of ${apiVersion}.`,
      tr`See what it has: \`kubectl api-resources\`; install what brings that kind first, or leave the manifest out.`,
    );
  }
  const scope = resource.namespaced ? `/namespaces/${segment(client.namespace)}` : '';
  return `${rootOf(apiVersion)}${scope}/${segment(resource.plural)}${name === undefined ? '' : `/${segment(name)}`}`;
}

export async function readObject(client: ObjectClient, ref: ManifestRef): Promise<AnyObject | undefined> {
  const purpose = purposeOf(client, 'get', ref);
  const answer = await client.transport.read({
    method: 'GET',
    path: await pathOfObject(client, ref, ref.name),
    purpose,
  });
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw client.error(answer, purpose);
  return anyObject(client, ref, answer, purpose);
}

export async function listObjects(
  client: ObjectClient,
  kind: Pick<ManifestRef, 'apiVersion' | 'kind'>,
  labelSelector: string,
): Promise<readonly AnyObject[]> {
  const purpose = client.purpose('list', `${kind.kind.toLowerCase()}s`);
  const items: AnyObject[] = [];
  let from: string | undefined;
  do {
    const query = { labelSelector, limit: 500, continue: from };
    const answer = await client.transport.read({
      method: 'GET',
      path: await pathOfObject(client, kind),
      query,
      purpose,
    });
    if (answer.status !== 200) throw client.error(answer, purpose);
    const page = client.parsed<{ items?: AnyObject[] | null; metadata?: { continue?: string } }>(answer, purpose);
    for (const item of page.items ?? []) items.push({ ...item, ...kind });
    from = page.metadata?.continue || undefined;
  } while (from !== undefined);
  return items;
}

/** Kinds that nothing depends on: they need not wait for the garbage collector. */
const OWNS_NOTHING = ['Pod', 'PersistentVolumeClaim', 'ConfigMap', 'Secret'];

/** Deletes exactly this one, its dependents before it (`Foreground`); gone, or going, is fine. */
export async function deleteObject(client: ObjectClient, ref: ManifestRef, uid: string): Promise<void> {
  await repeat(client, purposeOf(client, 'delete', ref), {
    request: {
      method: 'DELETE',
      path: await pathOfObject(client, ref, ref.name),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid },
        propagationPolicy: OWNS_NOTHING.includes(ref.kind) ? 'Background' : 'Foreground',
      },
    },
    settle: ({ status }) => (status < 300 || status === 404 || status === 409 ? { done: undefined } : undefined),
    look: async () => {
      const found = await readObject(client, ref);
      const isGoing = !found || found.metadata.uid !== uid || found.metadata.deletionTimestamp !== undefined;
      return isGoing ? { done: undefined } : undefined;
    },
  });
}

export function anyObject(client: ObjectClient, ref: ManifestRef, answer: Answer, purpose: Purpose): AnyObject {
  const { apiVersion, kind } = ref;
  return { ...client.parsed<AnyObject>(answer, purpose), apiVersion, kind };
}

export function purposeOf(client: ObjectClient, verb: string, ref: ManifestRef): Purpose {
  return client.purpose(verb, manifestText(ref));
}

/** Entries about the object itself, of one manager. */
export function entryOf(
  object: AnyObject,
  manager: string,
  operation: ManagedFieldsEntry['operation'],
): (ManagedFieldsEntry & { readonly fieldsV1: FieldSet }) | undefined {
  const found = (object.metadata.managedFields ?? []).find(
    (entry) => entry.manager === manager && entry.operation === operation && !entry.subresource,
  );
  return found?.fieldsV1 ? { ...found, fieldsV1: found.fieldsV1 } : undefined;
}
