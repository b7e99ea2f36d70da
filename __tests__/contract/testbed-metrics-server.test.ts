import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OwnCluster } from '../../testbed/cluster.ts';
import { startCluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { startMetricsServer } from '../../testbed/metrics-server.ts';

let cluster: OwnCluster;

beforeAll(async () => {
  cluster = await startCluster({ audit: false });
}, 120_000);
afterAll(() => cluster?.stop());

const deployment = (namespace: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' }, annotations: { 'testbed/cpu': '30', 'testbed/memory': '100' } },
      spec: { containers: [{ name: 'web', image: 'web:v1' }] },
    },
  },
});

describe('metrics-server in the testbed', () => {
  it('says what each pod uses, and leaves nothing behind', async () => {
    const namespace = await cluster.namespace('metrics');
    await cluster.apply(deployment(namespace));
    {
      await using _server = await startMetricsServer(cluster);
      const lines = await waitFor(
        'kubectl top pods',
        async () => {
          const { code, stdout } = await cluster.kubectl(['top', 'pods', '--no-headers', '-n', namespace]);
          const found = stdout.trim().split('\n');
          return code === 0 && found.length === 2 && found;
        },
        { timeoutMs: 60_000, everyMs: 500 },
      );
      for (const line of lines) expect(line).toMatch(/^web-\S+\s+(29|30|31)m\s+100Mi\s*$/);
      const { stdout } = await cluster.kubectl(['top', 'nodes', '--no-headers'], { check: true });
      expect(stdout.trim().split('\n')).toHaveLength(4);
    }
    const { stdout } = await cluster.kubectl(['api-versions'], { check: true });
    expect(stdout).not.toContain('metrics.k8s.io');
  }, 150_000);
});
