import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answers, type OwnServer, startOwnServer } from './own-server.ts';

export interface Alertmanager extends OwnServer {
  /** With the path prefix, without credentials. */
  readonly url: string;
  /** Makes alerts fire for ten minutes, or resolves them, as Prometheus would. */
  alert(labels: Readonly<Record<string, string>>, options?: { readonly resolved?: boolean }): Promise<void>;
}

export interface AlertmanagerOptions {
  /** `--web.route-prefix`, e.g. `/alertmanager`. */
  readonly prefix?: string;
}

/** A real Alertmanager without receivers and without a cluster of its own. */
export async function startAlertmanager({ prefix = '' }: AlertmanagerOptions = {}): Promise<Alertmanager> {
  const at = ([port]: readonly number[]) => `http://127.0.0.1:${port}${prefix}`;
  const server = await startOwnServer({
    tool: 'alertmanager',
    ports: 1,
    async arguments(folder, [port]) {
      const config = join(folder, 'alertmanager.yml');
      await writeFile(config, JSON.stringify({ route: { receiver: 'none' }, receivers: [{ name: 'none' }] }));
      return [
        `--config.file=${config}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        `--web.external-url=http://127.0.0.1:${port}${prefix}`,
        '--cluster.listen-address=',
        '--log.level=warn',
      ];
    },
    ready: (ports) => answers(`${at(ports)}/-/ready`),
  });
  const url = at(server.ports);
  return {
    ...server,
    url,
    async alert(labels, { resolved = false } = {}) {
      const now = Date.now();
      const response = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([
          {
            labels,
            annotations: {},
            startsAt: new Date(now - 1000).toISOString(),
            endsAt: new Date(resolved ? now - 1 : now + 600_000).toISOString(),
          },
        ]),
      });
      if (!response.ok) throw new Error(`Alertmanager answered ${response.status}: ${await response.text()}`);
    },
  };
}
