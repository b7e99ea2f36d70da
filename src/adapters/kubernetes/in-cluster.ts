import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterAccess } from './access.ts';
import { secretFormsOf } from './secret-forms.ts';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The cluster whose pod we run in, as that pod's service account; undefined outside of a pod.
 * The kubelet rotates the token, so it is read anew when it is needed.
 */
export function inClusterAccess(input: {
  readonly serviceAccount?: string | undefined;
  readonly serviceHost?: string | undefined;
  readonly servicePort?: string | undefined;
}): ClusterAccess | undefined {
  const folder = input.serviceAccount ?? SERVICE_ACCOUNT;
  const { serviceHost, servicePort } = input;
  if (!folder || !serviceHost || !servicePort || !existsSync(join(folder, 'token'))) return undefined;
  const host = serviceHost.includes(':') ? `[${serviceHost}]` : serviceHost;
  const read = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');
  const ca = read('ca.crt');
  const namespace = read('namespace').trim();
  return {
    context: 'in-cluster',
    server: `https://${host}:${servicePort}`,
    ...(namespace ? { namespace } : {}),
    ...(ca ? { ca } : {}),
    skipTlsVerify: false,
    credential: { type: 'tokenFile', path: join(folder, 'token') },
    impersonation: {},
    secrets: secretFormsOf([read('token').trim()]),
  };
}
