import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createHttpReader } from '../../src/adapters/http.ts';
import { Silence } from '../../src/core/health.ts';
import { Authority } from '../../testbed/certificates.ts';

const servers: Server[] = [];
const http = createHttpReader();
afterAll(async () => {
  await http.close();
  for (const server of servers) server.close();
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function silenceOf(url: string, timeoutMs = 20_000): Promise<Silence> {
  const answer = await http
    .get(url, { timeoutMs, signal: new AbortController().signal })
    .catch((error: unknown) => error);
  if (!(answer instanceof Silence)) throw new Error(`an answer of ${url}: ${JSON.stringify(answer)}`);
  return answer;
}

describe('a health check that gets no answer says why', () => {
  it('nobody listens there', async () => {
    const port = await listening(createHttp());
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await silenceOf(`http://127.0.0.1:${port}/`)).toMatchObject({
      kind: 'connection-refused',
      message: 'connection refused',
    });
  });

  it('the certificate is of an authority that nobody knows, and its code is told', async () => {
    const authority = await Authority.create('unknown');
    const { cert, key } = await authority.issue({ commonName: 'shop', hosts: ['127.0.0.1'] });
    const port = await listening(createHttps({ cert, key }, (_, response) => response.end('ok')));
    const silence = await silenceOf(`https://127.0.0.1:${port}/`);
    expect(silence.kind).toBe('certificate');
    expect(silence.message).toMatch(/^the certificate is not accepted \([A-Z_]+\)$/);
  });

  it('the name does not resolve, and which name', async () => {
    const silence = await silenceOf('https://shop.invalid/health?token=hidden');
    expect(silence).toMatchObject({ kind: 'name-not-resolved', host: 'shop.invalid' });
    expect(silence.message).toMatch(/^the name does not resolve \((ENOTFOUND|EAI_AGAIN)\)$/);
  });

  it('the connection is broken off', async () => {
    const port = await listening(createHttp((request) => request.socket.destroy()));
    expect(await silenceOf(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'connection-lost' });
  });

  it('the answer does not come in time', async () => {
    const port = await listening(createHttp(() => {}));
    expect(await silenceOf(`http://127.0.0.1:${port}/`, 200)).toMatchObject({
      kind: 'timeout',
      message: 'no answer within 200 ms',
    });
  });
});
