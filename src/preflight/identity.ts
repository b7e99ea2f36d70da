import { tr } from '../core/tr.ts';
import type { PreflightCheck } from './contract.ts';

const READ_UID = "kubectl get namespace kube-system -o jsonpath='{.metadata.uid}'";

/**
 * The cluster is the one that was meant. A kubeconfig of staging in the place of production answers every other check well; only the
 * UID of kube-system, which no two clusters share, tells them apart.
 */
export const identity: PreflightCheck = {
  id: 'identity',
  async check({ config, cluster }) {
    const expected = config.expectedCluster;
    if (expected === undefined) return [];
    const { uid, server, context } = await cluster.identity();
    const subject = tr`context ${context}`;
    if (uid === expected) return [{ check: identity.id, subject, severity: 'info' }];
    const seen =
      uid === undefined
        ? tr`the credentials may not read the namespace kube-system, so its UID is not known`
        : tr`its namespace kube-system has UID ${uid}`;
    const hint =
      uid === undefined
        ? tr`Allow get on the namespace kube-system, or leave expected-cluster out. Check: kubectl auth can-i get namespace/kube-system`
        : tr`If this is the right cluster, set expected-cluster to what this prints: ${READ_UID}`;
    return [
      {
        check: identity.id,
        subject,
        severity: 'refuse',
        failure: {
          code: 'CLUSTER_MISMATCH',
          message: tr`${server} (context ${context}) is not proven to be the cluster ${expected}: ${seen}`,
          hint,
          causes: [],
        },
      },
    ];
  },
};
