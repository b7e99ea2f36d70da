import { createHash } from 'node:crypto';
import { RollbackError } from '../core/errors.ts';
import type { PodTemplate } from '../core/kubernetes.ts';
import { referencesOf } from '../core/references.ts';
import type { ClusterReader } from '../ports/cluster.ts';

/**
 * Salted digest of the contents of all ConfigMaps and Secrets that a template reads. With the template it makes the set that
 * quarantine speaks of: the same template with repaired configuration is another release.
 * @returns undefined where one of them may not be read.
 */
export async function configDigest(
  cluster: ClusterReader,
  template: PodTemplate,
  salt: string,
): Promise<string | undefined> {
  const names = new Set(
    referencesOf(template)
      .filter((reference) => reference.kind === 'ConfigMap' || reference.kind === 'Secret')
      .map((reference) => `${reference.kind}/${reference.name}`),
  );
  try {
    const contents = await Promise.all(
      [...names].sort().map(async (name) => {
        const [kind, object] = name.split('/') as ['ConfigMap' | 'Secret', string];
        const found = await cluster.get(kind, object);
        return `${name}=${JSON.stringify(found ? sorted(found.data) : null)}`;
      }),
    );
    return createHash('sha256').update(salt).update(contents.join('\n')).digest('hex').slice(0, 16);
  } catch (error) {
    if (error instanceof RollbackError && error.code === 'CLUSTER_FORBIDDEN') return undefined;
    throw error;
  }
}

function sorted(data: Readonly<Record<string, string>> | undefined): [string, string][] {
  return Object.entries(data ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
