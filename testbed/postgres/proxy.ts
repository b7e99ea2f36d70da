import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a database server, byte by byte. */
export interface DatabaseProxy extends AsyncDisposable {
  readonly port: number;
  /** Every connection is cut when this many bytes went to the server, over all connections together. Undefined: never. */
  cutAfter: number | undefined;
  /** Bytes that went to the server so far. */
  readonly sent: number;
  /** Cuts all connections now. */
  cutAll(): void;
  /** Names itself as the process of every session, as a connection pooler does. */
  pooler: boolean;
  /** Called with what a client sends, before it is passed on; `swallow` cuts the connection after the server answered it. */
  onSend: ((text: string) => 'pass' | 'swallow' | 'freeze') | undefined;
}

export async function startDatabaseProxy(upstream: {
  readonly host: string;
  readonly port: number;
}): Promise<DatabaseProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const cut = (pair: readonly [Socket, Socket]) => {
    for (const socket of pair) socket.destroy();
    pairs.delete(pair);
  };
  const server = createServer((client) => {
    const onward = connect(upstream.port, upstream.host);
    const pair = [client, onward] as const;
    pairs.add(pair);
    let swallowing = false;
    for (const socket of pair) {
      socket.on('error', () => cut(pair));
      socket.on('close', () => cut(pair));
    }
    client.on('data', (chunk) => {
      const fate = proxy.onSend?.(chunk.toString('latin1')) ?? 'pass';
      if (fate === 'swallow') swallowing = true;
      let passed = chunk;
      if (proxy.cutAfter !== undefined) passed = chunk.subarray(0, Math.max(0, proxy.cutAfter - sent));
      sent += passed.length;
      // Nothing more comes from this client, as when its machine froze.
      if (fate === 'freeze') client.pause();
      const room = onward.write(passed);
      if (passed.length < chunk.length) return cut(pair);
      if (!room && fate !== 'freeze') {
        client.pause();
        onward.once('drain', () => client.resume());
      }
    });
    onward.on('data', (chunk) => {
      // The server answered, so it acted; the client is never told.
      if (swallowing) return cut(pair);
      client.write(proxy.pooler ? renamed(chunk) : chunk);
    });
  });
  let sent = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: DatabaseProxy = {
    port: (server.address() as AddressInfo).port,
    cutAfter: undefined,
    onSend: undefined,
    pooler: false,
    get sent() {
      return sent;
    },
    cutAll: () => pairs.forEach(cut),
    async [Symbol.asyncDispose]() {
      pairs.forEach(cut);
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

/** BackendKeyData: `K`, a length of 12, the process and its secret. */
function renamed(chunk: Buffer): Buffer {
  const at = chunk.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
  if (at >= 0) chunk.writeInt32BE(424242, at + 5);
  return chunk;
}
