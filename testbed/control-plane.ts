import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AUDIT_POLICY } from './audit.ts';
import type { CLUSTER_TOOLS } from './binaries.ts';
import type { Authority } from './certificates.ts';
import { kubeconfigYaml } from './kubeconfig.ts';

export interface Ports {
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly api: number;
  /** The kubelet's port as the nodes report it. */
  readonly kubelet: number;
  /** Where kwok itself serves exec and port-forward, behind the kubelet's port. */
  readonly kwok: number;
  /** What kwok forwards to; the simulated kubelet listens there and knows the real targets. */
  readonly forwards: readonly number[];
}

export interface ControlPlaneInput {
  readonly folder: string;
  readonly ports: Ports;
  readonly authority: Authority;
  readonly binaries: Record<(typeof CLUSTER_TOOLS)[number], string>;
  readonly audit: boolean;
}

export type Command = readonly [string, ...string[]];

export interface ControlPlane {
  readonly server: string;
  readonly commands: Record<
    'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kwok' | 'kubelet',
    Command
  >;
}

/** Groups of the real components, so that RBAC decides about them as in a real cluster; the two fake ones are unlimited. */
const IDENTITIES = {
  admin: { commonName: 'testbed:admin', organizations: ['system:masters'] },
  'kube-controller-manager': { commonName: 'system:kube-controller-manager' },
  'kube-scheduler': { commonName: 'system:kube-scheduler' },
  kwok: { commonName: 'testbed:kwok', organizations: ['system:masters'] },
  kubelet: { commonName: 'testbed:kubelet', organizations: ['system:masters'] },
} as const;

/** Writes keys, kubeconfigs and policies into the folder and returns how to start each server. Starts nothing. */
export async function prepareControlPlane({
  folder,
  ports,
  authority,
  binaries,
  audit,
}: ControlPlaneInput): Promise<ControlPlane> {
  const file = (name: string) => join(folder, name);
  const write = (name: string, text: string) => writeFile(file(name), text, { mode: 0o600 });
  const server = `https://127.0.0.1:${ports.api}`;
  const etcd = `http://127.0.0.1:${ports.etcdClient}`;

  const [serving, kubeletClient, kubeletServing, frontProxy, serviceAccount] = await Promise.all([
    authority.issue({
      commonName: 'kube-apiserver',
      hosts: ['127.0.0.1', 'localhost', '10.96.0.1', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
    }),
    authority.issue({ commonName: 'kube-apiserver-kubelet-client', organizations: ['system:masters'] }),
    authority.issue({ commonName: 'system:node:testbed', hosts: ['127.0.0.1', 'localhost'] }),
    authority.issue({ commonName: 'front-proxy-client' }),
    authority.issue({ commonName: 'service-accounts' }),
  ]);
  await Promise.all([
    write('ca.crt', authority.certificate),
    write('apiserver.crt', serving.cert),
    write('apiserver.key', serving.key),
    write('kubelet-client.crt', kubeletClient.cert),
    write('kubelet-client.key', kubeletClient.key),
    write('kubelet.crt', kubeletServing.cert),
    write('kubelet.key', kubeletServing.key),
    write('front-proxy.crt', frontProxy.cert),
    write('front-proxy.key', frontProxy.key),
    write('service-account.crt', serviceAccount.cert),
    write('service-account.key', serviceAccount.key),
    write('audit-policy.yaml', JSON.stringify(AUDIT_POLICY)),
    write('egress.yaml', JSON.stringify(egress(file('egress.sock')))),
    write('kwok.yaml', kwokConfiguration(ports.forwards, folder)),
  ]);
  await Promise.all(
    Object.entries(IDENTITIES).map(async ([name, identity]) => {
      const credential = await authority.issue(identity);
      await write(`${name}.kubeconfig`, kubeconfigYaml({ server, ca: authority.certificate, user: name, credential }));
    }),
  );

  return {
    server,
    commands: {
      etcd: [
        binaries.etcd,
        '--name=testbed',
        `--data-dir=${file('etcd')}`,
        `--listen-client-urls=${etcd}`,
        `--advertise-client-urls=${etcd}`,
        `--listen-peer-urls=http://127.0.0.1:${ports.etcdPeer}`,
        `--initial-advertise-peer-urls=http://127.0.0.1:${ports.etcdPeer}`,
        `--initial-cluster=testbed=http://127.0.0.1:${ports.etcdPeer}`,
        '--unsafe-no-fsync',
        '--log-level=warn',
      ],
      'kube-apiserver': [
        binaries['kube-apiserver'],
        `--etcd-servers=${etcd}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${ports.api}`,
        // The endpoints of the service "kubernetes" would have to be an address beyond loopback.
        '--endpoint-reconciler-type=none',
        '--advertise-address=127.0.0.1',
        `--tls-cert-file=${file('apiserver.crt')}`,
        `--tls-private-key-file=${file('apiserver.key')}`,
        `--client-ca-file=${file('ca.crt')}`,
        '--authorization-mode=RBAC',
        '--service-cluster-ip-range=10.96.0.0/16',
        '--service-account-issuer=https://kubernetes.default.svc',
        `--service-account-key-file=${file('service-account.crt')}`,
        `--service-account-signing-key-file=${file('service-account.key')}`,
        `--kubelet-certificate-authority=${file('ca.crt')}`,
        `--kubelet-client-certificate=${file('kubelet-client.crt')}`,
        `--kubelet-client-key=${file('kubelet-client.key')}`,
        '--kubelet-preferred-address-types=InternalIP',
        `--requestheader-client-ca-file=${file('ca.crt')}`,
        '--requestheader-allowed-names=front-proxy-client',
        '--requestheader-extra-headers-prefix=X-Remote-Extra-',
        '--requestheader-group-headers=X-Remote-Group',
        '--requestheader-username-headers=X-Remote-User',
        `--proxy-client-cert-file=${file('front-proxy.crt')}`,
        `--proxy-client-key-file=${file('front-proxy.key')}`,
        ...(audit
          ? [
              `--audit-policy-file=${file('audit-policy.yaml')}`,
              `--audit-log-path=${file('audit.log')}`,
              '--audit-log-mode=blocking',
              '--audit-log-maxsize=4096',
            ]
          : []),
        `--egress-selector-config-file=${file('egress.yaml')}`,
        '--profiling=false',
      ],
      'kube-controller-manager': [
        binaries['kube-controller-manager'],
        `--kubeconfig=${file('kube-controller-manager.kubeconfig')}`,
        '--leader-elect=false',
        '--use-service-account-credentials=true',
        `--service-account-private-key-file=${file('service-account.key')}`,
        `--root-ca-file=${file('ca.crt')}`,
        '--kube-api-qps=2000',
        '--kube-api-burst=4000',
        '--concurrent-deployment-syncs=20',
        '--concurrent-replicaset-syncs=20',
        '--concurrent-statefulset-syncs=20',
        '--concurrent-gc-syncs=20',
        '--secure-port=0',
        '--controllers=*,-node-ipam-controller,-persistentvolume-attach-detach-controller,-ttl-controller',
        '--profiling=false',
      ],
      'kube-scheduler': [
        binaries['kube-scheduler'],
        `--kubeconfig=${file('kube-scheduler.kubeconfig')}`,
        '--leader-elect=false',
        '--kube-api-qps=2000',
        '--kube-api-burst=4000',
        '--secure-port=0',
        '--profiling=false',
      ],
      kwok: [
        binaries.kwok,
        `--config=${fileURLToPath(new URL('./kwok/stages.yaml', import.meta.url))}`,
        `--config=${file('kwok.yaml')}`,
        `--kubeconfig=${file('kwok.kubeconfig')}`,
        '--manage-all-nodes=true',
        '--cidr=10.244.0.0/16',
        '--node-ip=127.0.0.1',
        `--node-port=${ports.kubelet}`,
        `--server-address=127.0.0.1:${ports.kwok}`,
        `--tls-cert-file=${file('kubelet.crt')}`,
        `--tls-private-key-file=${file('kubelet.key')}`,
        '--node-lease-duration-seconds=40',
      ],
      kubelet: [
        process.execPath,
        fileURLToPath(new URL('./kubelet/main.ts', import.meta.url)),
        JSON.stringify({
          folder,
          server,
          ports: { kubelet: ports.kubelet, kwok: ports.kwok, forwards: ports.forwards },
        }),
      ],
    },
  };
}

/** The namespace under which kwok knows the ways of a port-forward; no pod is ever in it. */
export const FORWARD_NAMESPACE = 'testbed-forward';

/** The API server reaches pods and kubelets through the simulated kubelet, which knows where a pod's address really leads. */
const egress = (socket: string) => ({
  apiVersion: 'apiserver.k8s.io/v1beta1',
  kind: 'EgressSelectorConfiguration',
  egressSelections: [
    { name: 'cluster', connection: { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: socket } } } },
  ],
});

/** Port-forward ends at one of our listeners, exec on this machine, in the testbed's own folder. */
function kwokConfiguration(forwards: readonly number[], folder: string): string {
  const apiVersion = 'kwok.x-k8s.io/v1alpha1';
  const objects = [
    ...forwards.map((port, index) => ({
      apiVersion,
      kind: 'ClusterPortForward',
      metadata: { name: `forward-${index}` },
      spec: {
        selector: { matchNamespaces: [FORWARD_NAMESPACE], matchNames: [`forward-${index}`] },
        forwards: [{ target: { address: '127.0.0.1', port } }],
      },
    })),
    { apiVersion, kind: 'ClusterExec', metadata: { name: 'exec' }, spec: { execs: [{ local: { workDir: folder } }] } },
    {
      apiVersion,
      kind: 'ClusterAttach',
      metadata: { name: 'attach' },
      spec: { attaches: [{ logsFile: '/dev/null' }] },
    },
  ];
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}
