import { CAUSES, type Cause, type CauseRule, type Finding, type Patient } from '../core/finding.ts';
import { admissionDenied } from './admission-denied.ts';
import { commandNotFoundRule } from './command-not-found.ts';
import { crashLoop } from './crash-loop.ts';
import { evicted } from './evicted.ts';
import { imageNotFound } from './image-not-found.ts';
import { imagePullDenied } from './image-pull-denied.ts';
import { imagePullFailed } from './image-pull-failed.ts';
import { initCrash } from './init-crash.ts';
import { invalidImageName } from './invalid-image-name.ts';
import { livenessKill } from './liveness-kill.ts';
import { missingConfigMap } from './missing-config-map.ts';
import { missingKey } from './missing-key.ts';
import { missingSecret } from './missing-secret.ts';
import { neverReady } from './never-ready.ts';
import { outOfMemory } from './out-of-memory.ts';
import { quotaExceeded } from './quota-exceeded.ts';
import { registryUnreachable } from './registry-unreachable.ts';
import { runsAsRoot } from './runs-as-root.ts';
import { statefulSetStuck } from './stateful-set-stuck.ts';
import { stuckTerminating } from './stuck-terminating.ts';
import { unschedulable } from './unschedulable.ts';
import { volumeNotMounted } from './volume-not-mounted.ts';

/** All rules. A new cause is one file, one line here and one in `CAUSES`. */
export const CAUSE_RULES: readonly CauseRule[] = [
  invalidImageName,
  missingKey,
  commandNotFoundRule,
  outOfMemory,
  initCrash,
  crashLoop,
  livenessKill,
  missingSecret,
  missingConfigMap,
  imageNotFound,
  imagePullDenied,
  registryUnreachable,
  imagePullFailed,
  runsAsRoot,
  quotaExceeded,
  admissionDenied,
  unschedulable,
  volumeNotMounted,
  statefulSetStuck,
  stuckTerminating,
  evicted,
  neverReady,
];

/** Symptoms, and the causes that explain them: beside such a cause the symptom of the same container says nothing. */
const EXPLAINED_BY: Partial<Record<Cause, readonly Cause[]>> = {
  'crash-loop': ['out-of-memory', 'command-not-found', 'liveness-kill'],
  'init-crash': ['out-of-memory', 'command-not-found'],
  'liveness-kill': ['out-of-memory'],
  'volume-not-mounted': ['missing-secret', 'missing-config-map', 'missing-key'],
  'admission-denied': ['quota-exceeded'],
  'never-ready': [
    'out-of-memory',
    'command-not-found',
    'crash-loop',
    'liveness-kill',
    'missing-key',
    'missing-secret',
    'missing-config-map',
    'image-not-found',
    'image-pull-denied',
    'registry-unreachable',
    'image-pull-failed',
    'invalid-image-name',
    'runs-as-root',
  ],
};

/**
 * Names what keeps the judged release of one workload from running: one finding per cause and container, most decisive
 * first. Only a finding with `fatal` ends a wait. Pure: the same patient always yields the same findings.
 */
export function diagnose(patient: Patient): Finding[] {
  const findings = CAUSE_RULES.flatMap((rule) => rule.detect(patient));
  return findings
    .filter((symptom) => !findings.some((cause) => explains(cause, symptom)))
    .toSorted((a, b) => Number(b.fatal) - Number(a.fatal) || CAUSES.indexOf(a.cause) - CAUSES.indexOf(b.cause));
}

/** A fatal finding is never hidden by one that is waited for: they may come from different pods. */
function explains(cause: Finding, symptom: Finding): boolean {
  return (
    (EXPLAINED_BY[symptom.cause] ?? []).includes(cause.cause) &&
    cause.container === symptom.container &&
    (cause.fatal || !symptom.fatal)
  );
}
