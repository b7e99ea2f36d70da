/** The simulated kubelet of all nodes of one testbed: plays fates, answers logs, and knows where pods really lead. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ApiClient } from '../api-client.ts';
import { serveEgress } from './egress.ts';
import { serveKubelet } from './endpoint.ts';
import { Forwards } from './forwards.ts';
import { NodeAgent } from './node-agent.ts';

const { folder, server, ports } = JSON.parse(process.argv[2] ?? '{}') as {
  folder: string;
  server: string;
  ports: { kubelet: number; kwok: number; forwards: number[] };
};
const file = (name: string) => readFile(join(folder, name), 'utf8');
const [ca, cert, key, kubeconfig] = await Promise.all([
  file('ca.crt'),
  file('kubelet.crt'),
  file('kubelet.key'),
  file('kubelet.kubeconfig'),
]);
const { user } = parse(kubeconfig).users[0];
const fromBase64 = (text: string) => Buffer.from(text, 'base64').toString();
const api = new ApiClient({
  server,
  ca,
  cert: fromBase64(user['client-certificate-data']),
  key: fromBase64(user['client-key-data']),
  userAgent: 'testbed-kubelet',
});

const agent = new NodeAgent(api);
const forwards = await Forwards.listen(ports.forwards);
await Promise.all([
  serveKubelet({ agent, forwards, tls: { ca, cert, key }, port: ports.kubelet, kwokPort: ports.kwok }),
  serveEgress(agent, join(folder, 'egress.sock')),
]);
await writeFile(join(folder, 'kubelet.ready'), '');
await agent.watch(new AbortController().signal);
