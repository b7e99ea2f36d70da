import { randomBytes } from 'node:crypto';
import type { ApiClient } from '../api-client.ts';
import type { Pod } from './pod.ts';

/** Writes events as a kubelet does: one object per distinct message, counted up when it happens again. */
export class EventRecorder {
  readonly #api: ApiClient;
  readonly #written = new Map<string, { name: string; count: number }>();

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async record(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string, fieldPath?: string) {
    const { namespace, name, uid, resourceVersion } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/events`;
    const key = JSON.stringify([uid, type, reason, message, fieldPath]);
    const now = timestamp();
    const known = this.#written.get(key);
    if (known) {
      known.count++;
      await this.#api.call(
        'PATCH',
        `${path}/${known.name}`,
        { count: known.count, lastTimestamp: now },
        { contentType: 'application/merge-patch+json', allow: [404] },
      );
      return;
    }
    const eventName = `${name}.${randomBytes(8).toString('hex')}`;
    this.#written.set(key, { name: eventName, count: 1 });
    await this.#api.call(
      'POST',
      path,
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: eventName, namespace },
        involvedObject: {
          apiVersion: 'v1',
          kind: 'Pod',
          name,
          namespace,
          uid,
          resourceVersion,
          ...(fieldPath ? { fieldPath } : {}),
        },
        type,
        reason,
        message,
        count: 1,
        firstTimestamp: now,
        lastTimestamp: now,
        source: { component: 'kubelet', host: pod.spec.nodeName },
        reportingComponent: 'kubelet',
        reportingInstance: pod.spec.nodeName,
      },
      // The namespace may be going away, as may the pod.
      { allow: [403, 404] },
    );
  }
}

/** As the API stores it: whole seconds. */
export const timestamp = (at = new Date()) => at.toISOString().replace(/\.\d+Z$/, 'Z');
