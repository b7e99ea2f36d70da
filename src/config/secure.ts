import type { Config, TemporaryResource } from '../core/config.ts';
import type { Merged } from './merge.ts';

const KINDS: Readonly<Record<string, TemporaryResource['kind']>> = {
  job: 'Job',
  pod: 'Pod',
  pvc: 'PersistentVolumeClaim',
};

/** The sections that only tier secure works on. */
export function secureOf({ value }: Merged): Pick<Config, 'manifests' | 'featureFlags' | 'temporaryResources'> {
  const path = value('manifests');
  const flags = value('feature-flags');
  const leftovers = value('temporary-resources');
  return {
    ...(path === undefined ? {} : { manifests: { path, allowClusterScoped: value('allow-cluster-scoped') ?? [] } }),
    ...(flags === undefined
      ? {}
      : { featureFlags: { configMap: flags['config-map'], disable: [...new Set(flags.disable)] } }),
    ...(leftovers === undefined
      ? {}
      : {
          temporaryResources: [...new Set(leftovers)].map((text) => {
            const [kind = '', name = ''] = text.split('/');
            return { kind: KINDS[kind] ?? 'Job', name };
          }),
        }),
  };
}
