import { stringify } from 'yaml';

export interface KubeconfigInput {
  readonly server: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
  readonly user: string;
  readonly credential: { readonly cert: string; readonly key: string } | { readonly token: string };
  readonly namespace?: string;
}

/** A self-contained kubeconfig: every certificate is inside it, so it may be passed around as one string. */
export function kubeconfigYaml({ server, ca, user, credential, namespace }: KubeconfigInput): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'testbed', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [
      {
        name: user,
        user:
          'token' in credential
            ? { token: credential.token }
            : {
                'client-certificate-data': base64(credential.cert),
                'client-key-data': base64(credential.key),
              },
      },
    ],
    contexts: [{ name: 'testbed', context: { cluster: 'testbed', user, ...(namespace ? { namespace } : {}) } }],
    'current-context': 'testbed',
  });
}
