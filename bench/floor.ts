import { connect } from 'node:http2';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';
import type { Round } from './contenders.ts';
import { type Deployment, GOOD, image, isDone, type Scene } from './scene.ts';

/**
 * What the cluster itself needs: no start of a process, no reading, no proof. One HTTP/2 connection and a watch are open before the
 * clock starts.
 */
export async function runFloor(scene: Scene): Promise<Round> {
  const { user } = parse(scene.cluster.kubeconfig).users[0];
  const session = connect(scene.cluster.server, {
    ca: scene.cluster.ca,
    cert: Buffer.from(user['client-certificate-data'], 'base64'),
    key: Buffer.from(user['client-key-data'], 'base64'),
  });
  try {
    const path = `/apis/apps/v1/namespaces/${scene.namespace}/deployments`;
    const list = JSON.parse(await text(session.request({ ':path': path })));
    const watch = session.request({ ':path': `${path}?watch=1&resourceVersion=${list.metadata.resourceVersion}` });
    watch.on('error', () => {});
    await new Promise((resolve) => watch.once('response', resolve));

    const waiting = new Set(scene.names);
    const allReady = (async () => {
      for await (const line of createInterface({ input: watch })) {
        const { object } = JSON.parse(line) as { object: Deployment };
        const isGood = object.spec.template.spec.containers[0]?.image === image(GOOD);
        if (isGood && isDone(object)) waiting.delete(object.metadata.name);
        if (waiting.size === 0) return;
      }
    })();
    const body = JSON.stringify({
      spec: { template: { spec: { containers: [{ name: 'app', image: image(GOOD) }] } } },
    });
    const from = performance.now();
    for (const name of scene.names) {
      const request = session.request({
        ':method': 'PATCH',
        ':path': `${path}/${name}`,
        'content-type': 'application/strategic-merge-patch+json',
      });
      request.on('error', () => {});
      request.resume();
      request.end(body);
    }
    await allReady;
    return { seconds: (performance.now() - from) / 1000, usage: { megabytes: 0, cpuSeconds: 0 } };
  } finally {
    session.destroy();
  }
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
