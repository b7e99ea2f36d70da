import { createHash, randomBytes } from 'node:crypto';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { type ChannelListener, ChannelSocket } from './channel-socket.ts';
import { NoAnswer, unreachable } from './failure.ts';
import type { ObjectClient } from './object-client.ts';
import { pathOf } from './resources.ts';

/** RFC 6455, section 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * Opens a subresource of a pod that streams (`exec`, `portforward`) as a WebSocket: with the transport's connections, so that credentials,
 * authority, names and proxy are those of every other request.
 * @param subresource `exec`, `portforward`
 * @param query what follows the `?`, escaped
 * @param protocols by preference; the server takes the first that it knows.
 * @param timeoutMs until the stream is there; the API server waits for the node.
 * @throws CLUSTER_UNREACHABLE, CLUSTER_CERTIFICATE, CLUSTER_UNAUTHORIZED, CLUSTER_FORBIDDEN, CLUSTER_ERROR, CANCELLED
 */
export async function openChannels(
  client: ObjectClient,
  request: {
    readonly pod: string;
    readonly subresource: 'exec' | 'portforward';
    readonly query: string;
    readonly protocols: readonly string[];
    readonly signal?: AbortSignal;
    readonly timeoutMs: number;
  },
  listener: ChannelListener,
): Promise<ChannelSocket> {
  const { pod, subresource, query, protocols, signal, timeoutMs } = request;
  const purpose = client.purpose('open', tr`pods/${subresource} of pod/${pod}`);
  const key = randomBytes(16).toString('base64');
  const { transport } = client;
  const answer = await transport
    .upgrade(
      {
        method: 'GET',
        path: `${pathOf('Pod', client.namespace, pod)}/${subresource}?${query}`,
        purpose,
        timeoutMs,
        ...(signal ? { signal } : {}),
        headers: {
          // A kubelet answers 406 to one that wants JSON.
          accept: '*/*',
          'sec-websocket-key': key,
          'sec-websocket-version': '13',
          'sec-websocket-protocol': protocols.join(', '),
        },
      },
      'websocket',
    )
    .catch((error: unknown) => {
      if (error instanceof NoAnswer) throw unreachable(error, transport.server, timeoutMs / 1000, purpose);
      throw error;
    });
  if (!('socket' in answer)) throw withRules(client.error(answer, purpose), subresource);
  const { socket, headers } = answer;
  const proof = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  if (headers['sec-websocket-accept'] !== proof || !protocols.includes(String(headers['sec-websocket-protocol']))) {
    socket.destroy();
    const spoken = new NoAnswer('broken', tr`what answers speaks no WebSocket of the Kubernetes API`);
    throw unreachable(spoken, transport.server, 0, purpose);
  }
  return new ChannelSocket(socket, listener);
}

/** A WebSocket begins as a GET, which RBAC knows as `get`; since 1.35 `create` is asked for too (AuthorizePodWebsocketUpgradeCreatePermission). */
function withRules(error: RollbackError, subresource: string): RollbackError {
  if (error.code !== 'CLUSTER_FORBIDDEN') return error;
  return new RollbackError(
    error.code,
    error.message,
    tr`Add to a Role of the user: {apiGroups: [""], resources: ["pods/${subresource}"], verbs: ["get", "create"]}; check: \`kubectl auth can-i create pods --subresource=${subresource}\`.`,
  );
}
