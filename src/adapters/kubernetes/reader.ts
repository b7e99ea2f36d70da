import { RollbackError } from '../../core/errors.ts';
import type { ObjectKind, ObjectOf, WorkloadObject } from '../../core/kubernetes.ts';
import type { AnyObject, ManifestRef } from '../../core/manifest.ts';
import type { PodMetrics } from '../../core/pod-usage.ts';
import type { DnsState } from '../../core/route.ts';
import { tr } from '../../core/tr.ts';
import type {
  AccessRule,
  ClusterIdentity,
  ClusterReader,
  ClusterView,
  ListOptions,
  LogOptions,
  TemplateChange,
} from '../../ports/cluster.ts';
import type { HttpAnswer } from '../../ports/http.ts';
import type { ApplyPreview, ObjectApply, ResourceInfo } from '../../ports/objects.ts';
import { reviewRules } from './access-review.ts';
import { listObjects, readObject, resourceOf } from './any-objects.ts';
import { clusterDns } from './cluster-dns.ts';
import { type Answer, NoAnswer, refusalOf, unreachable } from './failure.ts';
import { dryRunApply } from './object-apply.ts';
import type { ObjectClient } from './object-client.ts';
import { podMetrics } from './pod-metrics.ts';
import { printable } from './printable.ts';
import { segment } from './resources.ts';
import { dryRunTemplate } from './template-write.ts';
import type { Request } from './transport.ts';
import { openView } from './view.ts';

const LOG_BYTES = 512 * 1024;
const ANSWER_BYTES = 64 * 1024;

export class KubernetesReader implements ClusterReader {
  readonly #client: ObjectClient;
  readonly #server: string;

  constructor(client: ObjectClient, server: string) {
    this.#client = client;
    this.#server = server;
  }

  async identity(): Promise<ClusterIdentity> {
    const [version, system] = await Promise.all([
      this.#optional(this.#client.json<{ gitVersion?: string }>({ path: '/version', what: 'version' })),
      this.#optional(this.#client.get('Namespace', 'kube-system')),
    ]);
    return {
      server: this.#server,
      context: this.#client.transport.context,
      ...(system ? { uid: system.metadata.uid } : {}),
      ...(version?.gitVersion ? { version: printable(version.gitVersion, 60) } : {}),
    };
  }

  get<K extends ObjectKind>(kind: K, name: string): Promise<ObjectOf[K] | undefined> {
    return this.#client.get(kind, name);
  }

  async list<K extends ObjectKind>(kind: K, options: ListOptions = {}): Promise<readonly ObjectOf[K][]> {
    return (await this.#client.list(kind, options)).items;
  }

  view(kinds: readonly ObjectKind[], signal: AbortSignal): Promise<ClusterView> {
    return openView(this.#client, kinds, signal);
  }

  access(rules: readonly AccessRule[]): Promise<readonly ('allowed' | 'denied' | 'unknown')[]> {
    return reviewRules(this.#client, rules);
  }

  dryRunTemplate(change: TemplateChange): Promise<WorkloadObject> {
    return dryRunTemplate(this.#client, change);
  }

  resource(apiVersion: string, kind: string): Promise<ResourceInfo | undefined> {
    return resourceOf(this.#client, apiVersion, kind);
  }

  object(ref: ManifestRef): Promise<AnyObject | undefined> {
    return readObject(this.#client, ref);
  }

  objects(kind: Pick<ManifestRef, 'apiVersion' | 'kind'>, labelSelector: string): Promise<readonly AnyObject[]> {
    return listObjects(this.#client, kind, labelSelector);
  }

  dryRunApply(apply: ObjectApply): Promise<ApplyPreview> {
    return dryRunApply(this.#client, apply);
  }

  async logs(pod: string, container: string, options: LogOptions): Promise<readonly string[]> {
    const purpose = this.#client.purpose('get', tr`pods/log of pod/${pod}`);
    const { timeoutMs, maxBytes = LOG_BYTES } = options;
    const answer = await this.#once(timeoutMs, {
      method: 'GET',
      path: `/api/v1/namespaces/${segment(this.#client.namespace)}/pods/${segment(pod)}/log`,
      query: {
        container,
        tailLines: Math.max(1, Math.trunc(options.tailLines)),
        limitBytes: maxBytes,
        previous: options.previous ? true : undefined,
        timestamps: options.timestamps ? true : undefined,
        sinceSeconds: options.sinceSeconds === undefined ? undefined : Math.max(1, Math.ceil(options.sinceSeconds)),
      },
      purpose,
      maxBytes,
    });
    // 400: the container has not started, or has no instance before; 404: the pod is gone. Both mean that there are no lines.
    if (answer.status === 400 || answer.status === 404) return [];
    if (answer.status >= 300) throw this.#client.error(answer, purpose);
    const lines = answer.body.split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines;
  }

  clusterDns(): Promise<DnsState | undefined> {
    return clusterDns(this.#client);
  }

  podMetrics(signal: AbortSignal): Promise<readonly PodMetrics[] | undefined> {
    return podMetrics(this.#client, signal);
  }

  async serviceGet(
    service: string,
    port: string,
    path: string,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<HttpAnswer> {
    const [route = '', ...query] = path.split('?');
    if (route.split('/').some((part) => /^(\.|%2e){1,2}$/i.test(part))) {
      throw new RollbackError(
        'INPUT_INVALID',
        tr`The path of service/${service} has a "." or ".." part: it could reach another part of the API.`,
        tr`Write the path out, as in \`service/web:80/health\`.`,
      );
    }
    const { clock, transport } = { clock: this.#client.transport.clock, transport: this.#client.transport };
    const started = clock.now();
    const proxied = `${segment(service)}:${segment(port)}`;
    const purpose = this.#client.purpose('get', tr`services/proxy of service/${service}`);
    try {
      const answer = await transport.attempt({
        method: 'GET',
        path: `/api/v1/namespaces/${segment(this.#client.namespace)}/services/${proxied}/proxy/${encodeURI(decodeSafely(route).replace(/^\/+/, ''))}${query.length > 0 ? `?${query.join('?')}` : ''}`,
        purpose,
        timeoutMs: options.timeoutMs,
        signal: options.signal,
        maxBytes: ANSWER_BYTES,
      });
      // The API server's own refusal is no answer of the application.
      if (answer.status === 403 && refusalOf(answer).reason === 'Forbidden') throw this.#client.error(answer, purpose);
      return { status: answer.status, body: answer.body, durationMs: clock.now() - started };
    } catch (error) {
      if (error instanceof NoAnswer) throw new Error(error.message);
      throw error;
    }
  }

  /** One attempt within the time, where there is one: a kubelet that hangs must not be asked again and again. */
  async #once(timeoutMs: number | undefined, request: Request): Promise<Answer> {
    const { transport } = this.#client;
    if (timeoutMs === undefined) return transport.read(request);
    try {
      return await transport.attempt({ ...request, timeoutMs });
    } catch (error) {
      if (error instanceof NoAnswer) throw unreachable(error, transport.server, timeoutMs / 1000, request.purpose);
      throw error;
    }
  }

  async #optional<T>(promise: Promise<T>): Promise<T | undefined> {
    try {
      return await promise;
    } catch (error) {
      if (error instanceof RollbackError && error.code === 'CLUSTER_FORBIDDEN') return undefined;
      throw error;
    }
  }
}

function decodeSafely(route: string): string {
  try {
    return decodeURI(route);
  } catch {
    return route;
  }
}
