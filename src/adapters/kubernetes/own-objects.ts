import { RollbackError } from '../../core/errors.ts';
import type { KubeObject, ObjectOf } from '../../core/kubernetes.ts';
import { tr } from '../../core/tr.ts';
import type { OwnKind, OwnObject } from '../../ports/cluster.ts';
import { type Answer, NoAnswer, type Purpose } from './failure.ts';
import type { ObjectClient } from './object-client.ts';
import { FIELD_MANAGER } from './ownership.ts';
import { apiVersionOf, pathOf } from './resources.ts';
import type { Request } from './transport.ts';

/** Creates it; undefined when the name is taken by another. */
export async function createOwn<K extends OwnKind>(
  client: ObjectClient,
  kind: K,
  object: OwnObject<K>,
): Promise<ObjectOf[K] | undefined> {
  const body = complete(client, kind, object);
  return repeat(client, purposeOf(client, 'create', kind, object.metadata.name), {
    request: { method: 'POST', path: pathOf(kind, client.namespace), query: { fieldManager: FIELD_MANAGER }, body },
    settle: (answer, purpose) => {
      if (answer.status === 201 || answer.status === 200) return { done: client.object(kind, answer, purpose) };
      if (answer.status === 409) return { done: undefined };
      return undefined;
    },
    look: async () => {
      const found = await client.get(kind, object.metadata.name);
      // Ours is told from another's by its content: it names the run that wrote it.
      return found ? { done: isWritten(found, body) ? found : undefined } : undefined;
    },
  });
}

/** Replaces it if it is still the version read; undefined when it is not. */
export async function replaceOwn<K extends OwnKind>(
  client: ObjectClient,
  kind: K,
  object: OwnObject<K> & { readonly metadata: { readonly resourceVersion: string } },
): Promise<ObjectOf[K] | undefined> {
  const { name, resourceVersion } = object.metadata;
  const body = complete(client, kind, object);
  if (kind === 'Lease') {
    // The server creates a Lease that a replace does not find, unless the UID says which one is meant.
    const found = await client.get(kind, name);
    if (found?.metadata.resourceVersion !== resourceVersion) return undefined;
    body['metadata'] = { ...(body['metadata'] as object), uid: found.metadata.uid };
  }
  return repeat(client, purposeOf(client, 'update', kind, name), {
    request: {
      method: 'PUT',
      path: pathOf(kind, client.namespace, name),
      query: { fieldManager: FIELD_MANAGER },
      body,
    },
    settle: (answer, purpose) => {
      if (answer.status === 200) return { done: client.object(kind, answer, purpose) };
      if (answer.status === 409 || answer.status === 404) return { done: undefined };
      return undefined;
    },
    look: async () => {
      const found = await client.get(kind, name);
      if (found?.metadata.resourceVersion === resourceVersion) return undefined;
      return { done: found && isWritten(found, body) ? found : undefined };
    },
  });
}

/** Deletes it; gone already is fine. @throws PLAN_STALE when it is no longer the version given */
export async function removeOwn(
  client: ObjectClient,
  kind: OwnKind,
  name: string,
  resourceVersion?: string,
): Promise<void> {
  await repeat(client, purposeOf(client, 'delete', kind, name), {
    request: {
      method: 'DELETE',
      path: pathOf(kind, client.namespace, name),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        ...(resourceVersion === undefined ? {} : { preconditions: { resourceVersion } }),
      },
    },
    settle: (answer) => {
      if (answer.status < 300 || answer.status === 404) return { done: undefined };
      if (answer.status === 409) throw changed(client, kind, name);
      return undefined;
    },
    look: async () => ((await client.get(kind, name)) ? undefined : { done: undefined }),
  });
}

/** Deletes exactly this pod; one that is gone, or another of the same name, is fine. */
export async function deletePod(
  client: ObjectClient,
  name: string,
  uid: string,
  { force = false }: { readonly force?: boolean } = {},
): Promise<void> {
  const how = force ? { gracePeriodSeconds: 0 } : {};
  await repeat(client, client.purpose('delete', `pod/${name}`), {
    request: {
      method: 'DELETE',
      path: pathOf('Pod', client.namespace, name),
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid }, ...how },
    },
    settle: (answer) =>
      answer.status < 300 || answer.status === 404 || answer.status === 409 ? { done: undefined } : undefined,
    look: async () => {
      const pod = await client.get('Pod', name);
      const isGoing = !force && pod?.metadata.deletionTimestamp !== undefined;
      return !pod || pod.metadata.uid !== uid || isGoing ? { done: undefined } : undefined;
    },
  });
}

export interface Attempt<T> {
  readonly request: Omit<Request, 'purpose'>;
  /** What the answer settles; undefined for an answer that settles nothing. */
  readonly settle: (answer: Answer, purpose: Purpose) => { readonly done: T } | undefined;
  /** What is there, after an answer was lost; undefined to send again. */
  readonly look: () => Promise<{ readonly done: T } | undefined>;
}

/** Sends until it is settled; after a lost answer it looks before it sends again. */
export async function repeat<T>(
  client: ObjectClient,
  purpose: Purpose,
  { request, settle, look }: Attempt<T>,
): Promise<T> {
  const { transport } = client;
  const started = transport.clock.now();
  for (let attempt = 0; ; attempt++) {
    const answer = await transport.attempt({ ...request, purpose }).catch((error: unknown) => {
      if (error instanceof NoAnswer) return error;
      throw error;
    });
    if (!(answer instanceof NoAnswer)) {
      const settled = settle(answer, purpose);
      if (settled) return settled.done;
      if (answer.status !== 429 && (answer.status < 500 || /failed calling webhook/.test(answer.body))) {
        throw client.error(answer, purpose);
      }
    }
    const left = transport.budgetMs - (transport.clock.now() - started);
    if (left <= 0) throw transport.unknownOutcome(answer, purpose);
    await transport.pause(attempt, answer, left);
    // 429 was refused at the door: nothing to look for.
    if (answer instanceof NoAnswer || answer.status !== 429) {
      const found = await look();
      if (found) return found.done;
    }
  }
}

function purposeOf(client: ObjectClient, verb: string, kind: OwnKind, name: string): Purpose {
  return client.purpose(verb, `${kind.toLowerCase()}/${name}`);
}

function complete<K extends OwnKind>(client: ObjectClient, kind: K, object: OwnObject<K>): Record<string, unknown> {
  return {
    ...object,
    apiVersion: apiVersionOf(kind),
    kind,
    metadata: { ...object.metadata, namespace: client.namespace },
  };
}

/** Everything that was sent is there; the server adds more. */
function isWritten(found: KubeObject, sent: Record<string, unknown>): boolean {
  const { metadata, apiVersion: _apiVersion, kind: _kind, ...content } = sent;
  const { resourceVersion: _resourceVersion, ...about } = metadata as Record<string, unknown>;
  return covers(found, content) && covers(found.metadata, about);
}

function covers(found: unknown, sent: unknown): boolean {
  if (sent === undefined || sent === found) return true;
  if (sent === null || typeof sent !== 'object') return isSameTime(found, sent);
  if (found === null || typeof found !== 'object') return Object.keys(sent).length === 0;
  return Object.entries(sent).every(([key, value]) => covers((found as Record<string, unknown>)[key], value));
}

/** Lease times come back with microseconds. */
function isSameTime(found: unknown, sent: unknown): boolean {
  return (
    typeof found === 'string' &&
    typeof sent === 'string' &&
    /^\d{4}-/.test(sent) &&
    Date.parse(found) === Date.parse(sent)
  );
}

function changed(client: ObjectClient, kind: OwnKind, name: string): RollbackError {
  return new RollbackError(
    'PLAN_STALE',
    tr`${kind.toLowerCase()}/${name} in namespace "${client.namespace}" was changed by another since it was read, so it was not deleted.`,
    tr`Look at it: \`kubectl get ${kind.toLowerCase()} ${name} -n ${client.namespace} -o yaml\`.`,
  );
}
