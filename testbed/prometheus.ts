import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answers, type OwnServer, startOwnServer } from './own-server.ts';

export interface Prometheus extends OwnServer {
  /** With the path prefix, without credentials. */
  readonly url: string;
}

export interface PrometheusOptions {
  /** What it scrapes twice a second, `127.0.0.1:PORT` by job name; itself as `prometheus` always. */
  readonly targets?: Readonly<Record<string, readonly string[]>>;
  /** `--web.route-prefix`, e.g. `/prometheus`. */
  readonly prefix?: string;
  /** Rules, as in a rules file. */
  readonly groups?: readonly object[];
  /** Where its alerts go, `127.0.0.1:PORT`. */
  readonly alertmanager?: string;
}

/** A real Prometheus that scrapes what it is told. */
export async function startPrometheus({
  targets = {},
  prefix = '',
  groups = [],
  alertmanager,
}: PrometheusOptions = {}): Promise<Prometheus> {
  const at = ([port]: readonly number[]) => `http://127.0.0.1:${port}${prefix}`;
  const server = await startOwnServer({
    tool: 'prometheus',
    ports: 1,
    async arguments(folder, [port]) {
      const [config, rules] = [join(folder, 'prometheus.yml'), join(folder, 'rules.yml')];
      const jobs = [
        {
          job_name: 'prometheus',
          metrics_path: `${prefix}/metrics`,
          static_configs: [{ targets: [`127.0.0.1:${port}`] }],
        },
        ...Object.entries(targets).map(([name, addresses]) => ({
          job_name: name,
          static_configs: [{ targets: addresses }],
        })),
      ];
      await writeFile(rules, JSON.stringify({ groups }));
      await writeFile(
        config,
        JSON.stringify({
          global: { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '500ms' },
          rule_files: [rules],
          scrape_configs: jobs,
          ...(alertmanager ? { alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] } } : {}),
        }),
      );
      return [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        `--web.external-url=http://127.0.0.1:${port}${prefix}`,
        '--log.level=warn',
      ];
    },
    ready: (ports) => answers(`${at(ports)}/-/ready`),
  });
  return { ...server, url: at(server.ports) };
}
