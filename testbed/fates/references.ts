import type { Container, PodRun } from '../kubelet/pod-run.ts';
import { healthy } from './healthy.ts';
import { begin, type Script } from './script.ts';

/**
 * v4-missing-secret, v4b-missing-secret-volume, v4c-missing-configmap: looks at what the pod really refers to, as a kubelet does,
 * and goes on as a healthy pod once all of it exists.
 */
export const references: Script = async (run) => {
  await run.admit();
  for (let wait = 0.5; ; wait = Math.min(wait * 2, 30)) {
    const missing = await missingVolume(run);
    if (missing === undefined) break;
    await run.event('Warning', 'FailedMount', missing);
    await run.pause(wait);
  }
  await begin(run);
  for (const container of run.containers) {
    for (let first = true; ; first = false) {
      const missing = await missingInEnvironment(run, container);
      if (missing === undefined) break;
      await run.pull(container);
      await run.event('Warning', 'Failed', `Error: ${missing}`, container);
      if (first) await run.wait(container, 'CreateContainerConfigError', missing);
      await run.pause(first ? 1 : 12);
    }
  }
  await healthy(run);
};

async function missingVolume(run: PodRun): Promise<string | undefined> {
  for (const { name, secret, configMap } of run.pod.spec.volumes ?? []) {
    const failed = (what: string) => `MountVolume.SetUp failed for volume "${name}" : ${what} not found`;
    if (secret && !secret.optional && !(await run.look('secrets', secret.secretName))) {
      return failed(`secret "${secret.secretName}"`);
    }
    if (configMap && !configMap.optional && !(await run.look('configmaps', configMap.name))) {
      return failed(`configmap "${configMap.name}"`);
    }
  }
  return undefined;
}

async function missingInEnvironment(run: PodRun, { spec }: Container): Promise<string | undefined> {
  const { namespace } = run.pod.metadata;
  for (const { secretRef, configMapRef } of spec.envFrom ?? []) {
    if (secretRef && !secretRef.optional && !(await run.look('secrets', secretRef.name))) {
      return `secret "${secretRef.name}" not found`;
    }
    if (configMapRef && !configMapRef.optional && !(await run.look('configmaps', configMapRef.name))) {
      return `configmap "${configMapRef.name}" not found`;
    }
  }
  for (const { valueFrom } of spec.env ?? []) {
    for (const [kind, plural, label, reference] of [
      ['secret', 'secrets', 'Secret', valueFrom?.secretKeyRef],
      ['configmap', 'configmaps', 'ConfigMap', valueFrom?.configMapKeyRef],
    ] as const) {
      if (!reference || reference.optional) continue;
      const object = await run.look(plural, reference.name);
      if (!object) return `${kind} "${reference.name}" not found`;
      if (!(reference.key in (object.data ?? {}))) {
        return `couldn't find key ${reference.key} in ${label} ${namespace}/${reference.name}`;
      }
    }
  }
  return undefined;
}
