import type { CauseRule } from '../core/finding.ts';
import { perContainer, waitingFor } from './reading/containers.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';

/**
 * The release asks for runAsNonRoot, and the image runs as root or does not say. Values: image. Texts of
 * pkg/kubelet/kuberuntime/security_context: "container has runAsNonRoot and image will run as root", "breaks non-root policy".
 */
export const runsAsRoot: CauseRule = {
  cause: 'runs-as-root',
  detect: (patient) =>
    perContainer(patient, (seen) => {
      const message = waitingFor(seen, 'CreateContainerConfigError');
      if (message === undefined || !/runAsNonRoot|non-root policy/.test(message)) return undefined;
      const { pod, spec } = seen;
      return named(patient, 'runs-as-root', {
        values: { image: spec.image ?? '' },
        evidence: [message],
        command: kubectl(patient, 'describe', 'pod', pod.metadata.name),
        pod: pod.metadata.name,
        container: spec.name,
      });
    }),
};
