import { KubeConfig } from '@kubernetes/client-node';
import type { ExecPlugin } from './access.ts';

/** What a plugin answered: an `ExecCredential`. */
export interface PluginCredential {
  readonly token?: string;
  /** PEM. */
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Runs the plugin as client-node does. Loaded only when a kubeconfig has one: importing the library costs more than all else at start.
 */
export async function runExecPlugin(
  plugin: ExecPlugin,
  cluster: { readonly server: string; readonly ca?: string },
): Promise<PluginCredential> {
  const info = {
    apiVersion: plugin.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(plugin.provideClusterInfo
        ? {
            cluster: {
              server: cluster.server,
              ...(cluster.ca ? { 'certificate-authority-data': Buffer.from(cluster.ca).toString('base64') } : {}),
            },
          }
        : {}),
    },
  };
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    // Nothing is sent there by this library, which would refuse an address that was allowed by name.
    { name: 'cluster', server: cluster.server.replace(/^http:/, 'https:'), skipTLSVerify: false },
    {
      name: 'user',
      exec: {
        command: plugin.command,
        args: plugin.args ?? [],
        // client-node leaves this variable out, which plugins that ask for provideClusterInfo need.
        env: [...(plugin.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }],
      },
    },
  );
  const options: { headers?: Record<string, string>; cert?: string; key?: string } = {};
  await config.applyToHTTPSOptions(options);
  const token = options.headers?.['Authorization']?.replace(/^Bearer /, '');
  return {
    ...(token ? { token } : {}),
    ...(options.cert ? { cert: options.cert } : {}),
    ...(options.key ? { key: options.key } : {}),
  };
}
