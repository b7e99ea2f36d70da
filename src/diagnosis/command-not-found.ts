import type { CauseRule } from '../core/finding.ts';
import { commandNotFound } from './reading/command.ts';
import { perContainer } from './reading/containers.ts';
import { newestExit } from './reading/exits.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';

/**
 * The image lacks the command of the container, or it cannot be executed there. Values: command. Fatal at first sight:
 * image and command are both part of the release. Exit 128 without such words is a fault of the node and no finding.
 */
export const commandNotFoundRule: CauseRule = {
  cause: 'command-not-found',
  detect: (patient) =>
    perContainer(patient, (seen) => {
      const { pod, spec, status } = seen;
      const waiting = status.state?.waiting;
      const message =
        waiting?.reason === 'RunContainerError' ? waiting.message : newestExit(patient, seen)?.exit.message;
      const command = commandNotFound(message);
      if (command === undefined) return undefined;
      return named(patient, 'command-not-found', {
        values: { command },
        evidence: [message],
        command: kubectl(patient, 'describe', 'pod', pod.metadata.name),
        pod: pod.metadata.name,
        container: spec.name,
        fatal: true,
      });
    }),
};
