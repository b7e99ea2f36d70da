import { RollbackError } from '../../core/errors.ts';
import type { KubeObject, ObjectKind, ObjectOf } from '../../core/kubernetes.ts';
import { tr } from '../../core/tr.ts';
import type { ListOptions } from '../../ports/cluster.ts';
import { type Answer, errorOf, lookAt, type Purpose } from './failure.ts';
import { apiVersionOf, pathOf, RESOURCES } from './resources.ts';
import type { Request, Transport } from './transport.ts';

/** Large lists come in pages: the server holds one page in memory, not all of it. */
const PAGE = 500;

export interface Listed<K extends ObjectKind> {
  readonly items: ObjectOf[K][];
  /** Where a watch goes on from. */
  readonly resourceVersion: string;
}

export interface OpenView {
  /** The object as last heard of; undefined also where the view does not hold the kind. */
  known<K extends ObjectKind>(kind: K, name: string): ObjectOf[K] | undefined;
}

/** Objects of one namespace as raw JSON: a typed model would drop the fields that it does not know. */
export class ObjectClient {
  readonly transport: Transport;
  readonly namespace: string;
  /** Views that are open: what they hold need not be read again to try a write that is guarded. */
  readonly views = new Set<OpenView>();

  constructor(transport: Transport, namespace: string) {
    this.transport = transport;
    this.namespace = namespace;
  }

  /** As an open view shows it, a moment old perhaps. */
  known<K extends ObjectKind>(kind: K, name: string): ObjectOf[K] | undefined {
    for (const view of this.views) {
      const object = view.known(kind, name);
      if (object) return object;
    }
    return undefined;
  }

  purpose(verb: string, what: string): Purpose {
    return { verb, what, namespace: this.namespace };
  }

  error(answer: Answer, purpose: Purpose): RollbackError {
    return errorOf(answer, purpose, this.transport.context);
  }

  async get<K extends ObjectKind>(kind: K, name: string): Promise<ObjectOf[K] | undefined> {
    const purpose = this.purpose('get', `${kind.toLowerCase()}/${name}`);
    const answer = await this.transport.read({ method: 'GET', path: pathOf(kind, this.namespace, name), purpose });
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw this.error(answer, purpose);
    return this.object(kind, answer, purpose);
  }

  /**
   * All objects, page by page, as of one moment. Without `resourceVersion=0`: a plan must not be made on a stale cache.
   * A list that outlives its pages (410) starts again, unpaged.
   */
  async list<K extends ObjectKind>(kind: K, options: ListOptions = {}, signal?: AbortSignal): Promise<Listed<K>> {
    const purpose = this.purpose('list', RESOURCES[kind].plural);
    const items: ObjectOf[K][] = [];
    let from: string | undefined;
    let limit: number | undefined = PAGE;
    for (;;) {
      const answer = await this.transport.read({
        method: 'GET',
        path: pathOf(kind, this.namespace),
        query: {
          limit,
          continue: from,
          labelSelector: options.labelSelector,
          fieldSelector: options.fieldSelector,
        },
        purpose,
        ...(signal ? { signal } : {}),
      });
      if (answer.status === 410 && limit !== undefined) {
        items.length = 0;
        from = undefined;
        limit = undefined;
        continue;
      }
      if (answer.status !== 200) throw this.error(answer, purpose);
      const page = parsed<{ items?: KubeObject[] | null; metadata?: { continue?: string; resourceVersion?: string } }>(
        answer,
        purpose,
      );
      if (page.items === undefined || page.metadata?.resourceVersion === undefined) throw malformed(purpose);
      for (const item of page.items ?? []) items.push(withKind(kind, item));
      from = page.metadata.continue;
      if (!from) return { items, resourceVersion: page.metadata.resourceVersion };
    }
  }

  /** A request that may be repeated, whose answer is JSON. */
  async json<T>(request: {
    readonly path: string;
    readonly what: string;
    readonly method?: Request['method'];
    readonly query?: Request['query'];
    readonly body?: unknown;
  }): Promise<T> {
    const { path, what, method = 'GET', query, body } = request;
    const purpose = this.purpose(method === 'GET' ? 'get' : 'create', what);
    const answer = await this.transport.read({
      method,
      path,
      purpose,
      ...(query ? { query } : {}),
      ...(body === undefined ? {} : { body }),
    });
    if (answer.status >= 300) throw this.error(answer, purpose);
    return parsed<T>(answer, purpose);
  }

  /** An answer as JSON; one that is cut off is an error. */
  parsed<T>(answer: Answer, purpose: Purpose): T {
    return parsed<T>(answer, purpose);
  }

  /** The object in an answer of the server. */
  object<K extends ObjectKind>(kind: K, answer: Answer, purpose: Purpose): ObjectOf[K] {
    const object = parsed<KubeObject>(answer, purpose);
    if (typeof object.metadata?.name !== 'string') throw malformed(purpose);
    return withKind(kind, object);
  }
}

/** Items of a list lack kind and apiVersion. */
export function withKind<K extends ObjectKind>(kind: K, object: KubeObject): ObjectOf[K] {
  return { ...object, kind, apiVersion: apiVersionOf(kind) } as ObjectOf[K];
}

/** What no rule reads and what makes up half of a pod's size. Workloads keep it: it says who deployed, and when. */
export function slim(kind: ObjectKind, object: KubeObject): KubeObject {
  if (kind === 'Deployment' || kind === 'StatefulSet' || kind === 'DaemonSet') return object;
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** A cut answer is an error, never an empty one. */
function parsed<T>(answer: Answer, purpose: Purpose): T {
  let value: unknown;
  try {
    value = JSON.parse(answer.body);
  } catch {
    throw malformed(purpose);
  }
  if (value === null || typeof value !== 'object') throw malformed(purpose);
  return value as T;
}

function malformed(purpose: Purpose): RollbackError {
  return new RollbackError(
    'CLUSTER_ERROR',
    tr`The answer to ${purpose.verb} ${purpose.what} in namespace "${purpose.namespace}" is cut off or not of the Kubernetes API.`,
    tr`Check what answers at that address: \`${lookAt(purpose)} | tail -c 200\`.`,
  );
}
