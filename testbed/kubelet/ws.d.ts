/** The part of ws that the testbed uses; the package brings no types. */
declare module 'ws' {
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';

  export class WebSocket {
    readonly bufferedAmount: number;
    readonly protocol: string;
    binaryType: string;
    send(data: Uint8Array, callback?: (error?: Error) => void): void;
    close(code?: number): void;
    terminate(): void;
    pause(): void;
    resume(): void;
    on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): this;
    on(event: 'close' | 'error', listener: () => void): this;
    on(event: 'ping', listener: (data: Buffer) => void): this;
    once(event: 'close', listener: () => void): this;
  }

  export class WebSocketServer {
    constructor(options: {
      noServer: true;
      perMessageDeflate?: false;
      handleProtocols?: (offered: Set<string>) => string | false;
    });
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, accepted: (socket: WebSocket) => void): void;
  }
}
