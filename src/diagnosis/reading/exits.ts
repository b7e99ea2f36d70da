import type { Patient } from '../../core/finding.ts';
import type { TerminatedState } from '../../core/kubernetes.ts';
import { commandNotFound } from './command.ts';
import type { Seen } from './containers.ts';
import { isFresh } from './events.ts';
import { KILL_EXITS, probeKill, readinessGrace } from './probes.ts';

/** The newest end of a container that is still worth naming, and whether it will end so again. */
export interface Exit {
  readonly exit: TerminatedState;
  /** At least three runs of this pod's container ended, with the same code as far as the API keeps it: it will not heal. */
  readonly repeated: boolean;
}

/**
 * The newest end of this container. An end that a later run has outlived is no news: while the container runs, its last
 * end counts only if it lies within the judged time and the run is younger than `outlivedMs` (default: the time that the
 * readiness probe allows).
 */
export function newestExit(patient: Patient, seen: Seen, outlivedMs = readinessGrace(seen)): Exit | undefined {
  const { state, lastState } = seen.status;
  const exit = state?.terminated ?? lastState?.terminated;
  // Lost with its node, not ended: the code 137 or 255 was made up by whoever found it gone.
  if (!exit || exit.reason === 'ContainerStatusUnknown' || exit.reason === 'Unknown') return undefined;
  if (state?.waiting && state.waiting.reason !== 'CrashLoopBackOff' && state.waiting.reason !== 'RunContainerError') {
    return undefined;
  }
  if (state?.running) {
    const started = Date.parse(state.running.startedAt ?? '');
    if (!isFresh(patient, exit.finishedAt) || patient.now - started > outlivedMs) return undefined;
  }
  return { exit, repeated: isRepeated(patient, seen) };
}

/**
 * Back-off alone is no proof, and `terminated` hides it for most of the time: restartCount and lastState decide. A pod
 * that is older than the judged time brings old restarts with it, so both ends must then be seen within that time.
 */
function isRepeated(patient: Patient, seen: Seen): boolean {
  const { state, lastState, restartCount } = seen.status;
  if (restartCount < 2 || !lastState?.terminated || !isFresh(patient, lastState.terminated.finishedAt)) return false;
  if (state?.terminated) return state.terminated.exitCode === lastState.terminated.exitCode;
  return state?.waiting?.reason === 'CrashLoopBackOff' && isFresh(patient, seen.pod.metadata.creationTimestamp);
}

/** The kubelet forgets a crash after ten minutes of running. */
export const OUTLIVED_MS = 600_000;

/** A container could not be started at all: StartError, or ContainerCannotRun of other runtimes. */
const NOT_STARTED = ['StartError', 'ContainerCannotRun'];
/** A fault of the node that stays for so many restarts is worth naming. */
const NODE_FAULTS_BORNE = 3;

/**
 * The end of a container by its own doing: not for memory, not by a probe, not for want of its command, not by a fault of
 * the node (exit 128 without a missing command; it heals on another try). Undefined where that cannot be told yet.
 */
export function crash(patient: Patient, seen: Seen): Exit | undefined {
  const { spec, status, role } = seen;
  if (status.ready && role === 'app') return undefined;
  // An init container that runs again has not outlived its last end: only its success would.
  const newest = role === 'init' ? newestExit(patient, seen, OUTLIVED_MS) : newestExit(patient, seen);
  if (!newest || newest.exit.reason === 'OOMKilled' || commandNotFound(newest.exit.message)) return undefined;
  const { exit } = newest;
  if (NOT_STARTED.includes(exit.reason ?? '')) {
    return status.restartCount >= NODE_FAULTS_BORNE ? { exit, repeated: false } : undefined;
  }
  if (role === 'init') return exit.exitCode === 0 ? undefined : newest;
  if (probeKill(patient, seen)) return undefined;
  if (spec.livenessProbe || spec.startupProbe) {
    // It may be a probe's kill whose event is still on its way; exit 0 is one nearly always.
    if (exit.exitCode === 0) return undefined;
    if (KILL_EXITS.includes(exit.exitCode)) {
      return status.restartCount >= 2 ? { exit, repeated: false } : undefined;
    }
  }
  return newest;
}
