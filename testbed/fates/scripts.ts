import { commandNotFound } from './command-not-found.ts';
import { crash, initCrash, oom, panic } from './crash.ts';
import { healthy, restartOnce } from './healthy.ts';
import { imageNotFound, invalidImageName, registryUnreachable } from './images.ts';
import { livenessFailing, readinessFailing } from './probes.ts';
import { references } from './references.ts';
import type { Script } from './script.ts';

/** By the value of the annotation `testbed/fate` of a pod template. */
export const SCRIPTS = {
  healthy,
  'restart-once': restartOnce,
  crash,
  panic,
  oom,
  'init-crash': initCrash,
  'image-not-found': imageNotFound,
  'registry-unreachable': registryUnreachable,
  'invalid-image-name': invalidImageName,
  references,
  'readiness-failing': readinessFailing,
  'liveness-failing': livenessFailing,
  'command-not-found': commandNotFound,
} as const satisfies Record<string, Script>;

export type FateName = keyof typeof SCRIPTS;
