export type { ClusterAccess } from './access.ts';
export { type Cluster, type ConnectOptions, connectCluster } from './connect.ts';
export { type InsecureChoice, type KubeconfigInput, readKubeconfig } from './kubeconfig.ts';
