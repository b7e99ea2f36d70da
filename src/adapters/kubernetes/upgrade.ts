import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Answer, noAnswer } from './failure.ts';
import type { Dispatcher } from './http-client.ts';

/** A connection that the server gave over to another protocol. */
export interface Upgraded {
  readonly status: 101;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Nothing else closes it: it is no longer the dispatcher's. */
  readonly socket: Duplex;
}

const REFUSAL_BYTES = 64 * 1024;

/**
 * Asks for another protocol on a connection of the dispatcher, so that TLS, proxy and credentials are those of every other request.
 * undici's own `upgrade` and `WebSocket` throw the refusal away, and with it the permission that is missing.
 * @param signal ends the asking; not the connection, once it is there.
 * @returns the connection, or the answer by which the server refuses. @throws NoAnswer
 */
export function upgradeOf(
  dispatcher: Dispatcher,
  request: Omit<Dispatcher.DispatchOptions, 'upgrade'>,
  protocol: string,
  signal: AbortSignal,
): Promise<Upgraded | Answer> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let answered: IncomingHttpHeaders = {};
    let body = '';
    let stop: (() => void) | undefined;
    const done = () => {
      if (stop) signal.removeEventListener('abort', stop);
    };
    dispatcher.dispatch(
      { ...request, upgrade: protocol },
      {
        onRequestStart(controller) {
          stop = () => controller.abort(signal.reason);
          if (signal.aborted) stop();
          else signal.addEventListener('abort', stop, { once: true });
        },
        onRequestUpgrade(_controller, code, headers, socket) {
          done();
          if (code === 101) resolve({ status: 101, headers, socket });
          else {
            socket.destroy();
            resolve({ status: code, headers, body: '' });
          }
        },
        onResponseStart(_controller, code, headers) {
          status = code;
          answered = headers;
        },
        onResponseData(_controller, chunk) {
          if (body.length < REFUSAL_BYTES) body += chunk.toString('utf8');
        },
        onResponseEnd() {
          done();
          resolve({ status, headers: answered, body });
        },
        onResponseError(_controller, error) {
          done();
          reject(noAnswer(error));
        },
      },
    );
  });
}
