import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { ApiClient } from './api-client.ts';
import { waitFor } from './condition.ts';

/** One line of the API server's audit log (audit.k8s.io/v1), the fields that tests use. */
export interface AuditEvent {
  readonly auditID: string;
  readonly stage: 'ResponseStarted' | 'ResponseComplete' | 'Panic';
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string; readonly groups?: readonly string[] };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiGroup?: string;
    readonly apiVersion?: string;
    readonly subresource?: string;
    readonly resourceVersion?: string;
  };
  readonly responseStatus?: { readonly code: number; readonly reason?: string; readonly message?: string };
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent, of any kind
  readonly requestObject?: any;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was answered, of any kind
  readonly responseObject?: any;
  /** RFC 3339 with microseconds. */
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

export interface AuditFilter {
  readonly namespace?: string;
  readonly user?: string;
  /** True: only requests that change something (server-side dry runs do not). */
  readonly mutating?: boolean;
}

const READS = new Set(['get', 'list', 'watch']);
const CHECKS = /^\/apis\/(authorization|authentication)\.k8s\.io\//;

/**
 * Bodies of what workloads and their configuration go through; Secrets and tokens as metadata only. Reads are metadata:
 * what a reader saw can be told from the writes before. Leases and the servers' own checks would drown the rest.
 */
export const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  omitManagedFields: false,
  rules: [
    {
      level: 'None',
      users: [
        'system:apiserver',
        'system:kube-scheduler',
        'system:kube-controller-manager',
        'testbed:kwok',
        'testbed:kubelet',
      ],
      resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }],
    },
    { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*'] },
    { level: 'Metadata', resources: [{ group: '', resources: ['secrets', 'serviceaccounts/token'] }] },
    { level: 'Metadata', verbs: ['get', 'list', 'watch'] },
    {
      level: 'RequestResponse',
      resources: [
        { group: 'apps' },
        { group: 'batch' },
        { group: 'autoscaling' },
        { group: 'coordination.k8s.io' },
        {
          group: '',
          resources: ['pods', 'pods/status', 'configmaps', 'persistentvolumeclaims', 'services', 'namespaces'],
        },
      ],
    },
    { level: 'Metadata' },
  ],
};

/** Reads the audit log as it grows. */
export class AuditLog {
  readonly #path: string;
  readonly #client: ApiClient;
  #events: AuditEvent[] = [];
  #offset = 0;
  #rest = '';
  #turn: Promise<void> = Promise.resolve();

  constructor(path: string, client: ApiClient) {
    this.#path = path;
    this.#client = client;
  }

  /** All events since the mark (since the start without one) up to now: a marker request proves that the log has caught up. */
  async read(filter: AuditFilter = {}, mark = 0): Promise<AuditEvent[]> {
    await this.#catchUp();
    return this.#events.slice(mark).filter((event) => matches(event, filter));
  }

  /** A position: pass it to `read` to see only what came after. */
  async mark(): Promise<number> {
    await this.#catchUp();
    return this.#events.length;
  }

  /** One after the other: several readers share the position in the file. */
  #catchUp(): Promise<void> {
    const turn = this.#turn.then(() => this.#readToMarker());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #readToMarker(): Promise<void> {
    const marker = `/version?audit-marker=${randomUUID()}`;
    await this.#client.call('GET', marker);
    await waitFor(
      'the audit log to catch up',
      async () => {
        const fresh = await this.#readMore();
        return fresh.some((event) => event.requestURI === marker);
      },
      { timeoutMs: 15_000, everyMs: 10 },
    );
    this.#events = this.#events.filter((event) => event.requestURI !== marker);
  }

  async #readMore(): Promise<AuditEvent[]> {
    const file = await open(this.#path, 'r');
    try {
      const { size } = await file.stat();
      const buffer = Buffer.alloc(size - this.#offset);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#offset);
      this.#offset += bytesRead;
      // A line may be cut at the end; bytes, not characters, are kept whole by latin1 until the line is complete.
      const lines = (this.#rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
      this.#rest = lines.pop() ?? '';
      const fresh = lines.map((line) => JSON.parse(Buffer.from(line, 'latin1').toString('utf8')) as AuditEvent);
      this.#events.push(...fresh);
      return fresh;
    } finally {
      await file.close();
    }
  }
}

function matches(event: AuditEvent, { namespace, user, mutating }: AuditFilter): boolean {
  if (namespace !== undefined && event.objectRef?.namespace !== namespace) return false;
  if (user !== undefined && event.user.username !== user) return false;
  if (mutating !== undefined && isMutating(event) !== mutating) return false;
  return true;
}

function isMutating({ verb, requestURI }: AuditEvent): boolean {
  return !READS.has(verb) && !/[?&]dryRun=All\b/.test(requestURI) && !CHECKS.test(requestURI);
}
