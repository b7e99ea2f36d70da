import type { AnyObject, FieldPath, ManifestRef } from '../../core/manifest.ts';
import type { ReadContext } from '../../ports/context.ts';
import { FENCED, FENCED_REPLICAS } from '../fence/left-fenced.ts';

const SCALED = ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'];

/**
 * The fields of an object that no manifest sets: pod templates of the group, named keys of Secrets and feature flags have steps of their own,
 * which win; the number of pods is an autoscaler's, or was kept away from by a run that stopped writers.
 */
export function reservedFields(ctx: ReadContext, ref: ManifestRef, live: AnyObject | undefined): FieldPath[] {
  const { situation } = ctx;
  const { kind, name } = ref;
  const annotations = live?.metadata.annotations ?? {};
  if (kind === 'Secret') return secretKeys(ctx, name).map((key) => ['data', key]);
  if (kind === 'ConfigMap') return flagKeys(ctx, name).map((key) => ['data', key]);
  if (kind === 'CronJob') return annotations[FENCED] === undefined ? [] : [['spec', 'suspend']];
  const isMember = situation.members.some((member) => member.ref.kind === kind && member.ref.name === name);
  return [
    ...(isMember
      ? [
          ['spec', 'template'],
          ['spec', 'paused'],
        ]
      : []),
    ...(SCALED.includes(kind) && (isSizedByOthers(ctx, ref) || annotations[FENCED_REPLICAS] !== undefined)
      ? [['spec', 'replicas']]
      : []),
  ];
}

/** Also those that the rollback set which is taken back, whatever the configuration says by now. */
function secretKeys({ config, situation }: ReadContext, name: string): string[] {
  const named = config.secrets.flatMap((secret) => (secret.name === name ? Object.keys(secret.keys) : []));
  const set = (situation.undoes?.secrets ?? []).flatMap((secret) => (secret.name === name ? secret.keys : []));
  return [...new Set([...named, ...set])];
}

function flagKeys({ config: { featureFlags }, situation: { undoes } }: ReadContext, name: string): string[] {
  const named = featureFlags?.configMap === name ? featureFlags.disable : [];
  const set = undoes?.flags?.configMap === name ? Object.keys(undoes.flags.before) : [];
  return [...new Set([...named, ...set])];
}

/** Where nobody may say whether there is an autoscaler, there may be one. */
function isSizedByOthers({ situation: { autoscalers } }: ReadContext, { kind, name }: ManifestRef): boolean {
  if (autoscalers === undefined) return true;
  return autoscalers.some(({ spec }) => spec.scaleTargetRef.kind === kind && spec.scaleTargetRef.name === name);
}
