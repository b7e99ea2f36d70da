import { LEDGER_NAME } from '../core/access.ts';
import { RollbackError } from '../core/errors.ts';
import type { DisableFlagsChange } from '../core/feature-flags.ts';
import type { FlagRecord } from '../core/ledger.ts';
import type { AnyObject } from '../core/manifest.ts';
import type { Evidence } from '../core/outcome.ts';
import { said } from '../core/said.ts';
import { kubectl } from '../core/shell.ts';
import type { Planned } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import type { ReadContext, WriteContext } from '../ports/context.ts';
import { defineStep } from './contract.ts';
import { type FlagsLook, lookAtFlags, refOf } from './flags/look.ts';
import { assertFits, chooseKeptName, keepObjects } from './manifests/kept.ts';
import { restartAgain } from './restart/changed.ts';

/** The named flags are "false", and what they were is recorded: a patch, as the checklist has it, forgets the old values. */
export const disableFeatureFlags = defineStep<DisableFlagsChange>({
  meta: {
    id: 'disable-feature-flags',
    tiers: ['secure'],
    required: true,
    recorded: true,
    needs: ['freeze-rollouts', 'restore-manifests'],
  },

  async plan(ctx): Promise<Planned<DisableFlagsChange>> {
    const look = await lookAtFlags(ctx);
    if (!look) return nothing(ctx);
    if (Object.keys(look.before).length === 0) return { kind: 'no-op', reason: said('skipped.flags-off') };
    const keptIn = look.way === 'recreate' ? await chooseKeptName(ctx) : undefined;
    if (look.live && keptIn !== undefined) assertFits([keptOf(look.live, look)], ctx.config.namespace);
    return { kind: 'change', change: changeOf(look, keptIn) };
  },

  async apply(ctx, change) {
    const look = await lookAtFlags(ctx);
    if (!look || Object.keys(look.before).length === 0) return;
    refuseOther(ctx, look, change);
    const { configMap, live, before, way } = look;
    if (!live) throw gone(ctx, configMap);
    const values = valuesOf(look);
    const older = ctx.situation.incident?.flags;
    // Planned as missing, and created by the manifests since: what is kept is from before that.
    const keepsNow = way === 'recreate' && change.keptIn !== undefined;
    const kept = keepsNow ? change.keptIn : older?.keptIn;
    if (keepsNow && kept !== undefined) await keepObjects(ctx, kept, [keptOf(live, look)]);
    const keptBy = keepsNow ? ctx.run.id : older?.run;
    // What was first switched off by this incident is what an undo brings back.
    const known = older?.configMap === configMap ? older.before : {};
    const record: Omit<FlagRecord, 'since'> = {
      configMap,
      before: { ...before, ...known },
      ...(kept === undefined ? {} : { keptIn: kept }),
      ...(keptBy === undefined ? {} : { run: keptBy }),
    };
    // The second time with the cluster's own time, which the first write tells: the pods' times are by that clock.
    await ctx.record((all) => ({ ...all, flags: { ...record, since: new Date(ctx.clock.now()).toISOString() } }));
    const since = await ledgerTime(ctx);
    await ctx.record((all) => ({ ...all, flags: { ...record, since } }));
    if (way === 'put-back') await putBackWhole(ctx, live, values);
    else await ctx.write.cluster.setConfigMapKeys(live, values);
    tell(ctx, look);
  },

  async verify(ctx) {
    const look = await lookAtFlags(ctx);
    if (!look) return { status: 'skipped', reason: nothing(ctx).reason };
    const { configMap, wanted, before } = look;
    const evidence = Object.entries(wanted).map(([key, value]): Evidence => {
      const now = Object.hasOwn(before, key) ? (before[key] ?? null) : value;
      return { subject: `configmap/${configMap} ${key}`, observed: shown(now), expected: shown(value) };
    });
    const [first, ...rest] = evidence;
    if (!first) return { status: 'skipped', reason: said('skipped.nothing-to-do') };
    const wrong = Object.keys(before);
    if (wrong.length === 0) return { status: 'passed', evidence: [first, ...rest] };
    return {
      status: 'failed',
      evidence,
      failure: {
        code: 'FLAGS_INVALID',
        message: tr`configmap/${configMap}: not as they must be: ${wrong.join(', ')}`,
        hint: tr`See who wrote it: ${kubectl(ctx.config.namespace, 'get', 'configmap', configMap, '-o', 'yaml', '--show-managed-fields')}; then run again (safe)`,
        causes: [],
      },
    };
  },

  async revert(ctx, { configMap, before, values, way }) {
    const live = await ctx.cluster.object(refOf(configMap));
    if (!live || way === 'put-back') return;
    const data = (live['data'] ?? {}) as Record<string, string>;
    // What is no longer as this run set it is somebody else's.
    const back = Object.entries(before).filter(([key]) => (data[key] ?? null) === values[key]);
    if (back.length === 0) return;
    await ctx.write.cluster.setConfigMapKeys(live, Object.fromEntries(back));
    ctx.note(said('note.flags-put-back', { configMap }));
    await restartAgain(ctx, [{ kind: 'ConfigMap', name: configMap, keys: back.map(([key]) => key) }]);
    const older = ctx.situation.incident?.flags;
    await ctx.record(({ flags: _flags, ...record }) => ({ ...record, ...(older ? { flags: older } : {}) }));
  },
});

function nothing(ctx: ReadContext): Extract<Planned<never>, { kind: 'skipped' | 'no-op' }> {
  if (ctx.config.mode === 'undo') return { kind: 'no-op', reason: said('skipped.nothing-to-do') };
  return { kind: 'skipped', reason: said('skipped.not-configured', { what: 'feature-flags' }) };
}

function changeOf(look: FlagsLook, keptIn: string | undefined): DisableFlagsChange {
  const { configMap, way, before } = look;
  const values = valuesOf(look);
  const how = {
    set: '',
    recreate: tr` (it is immutable: deleted and created again)`,
    'put-back': tr` (created again from the copy that was kept of it)`,
  };
  const lines = Object.entries(values).map(([key, value]) => {
    const from = before[key] ?? null;
    return `${key}: ${from === null ? tr`not there` : shown(from)} -> ${value === null ? tr`removed` : shown(value)}`;
  });
  const minus = Object.entries(before).flatMap(([key, value]) => (value === null ? [] : [`-${key}: ${shown(value)}`]));
  const plus = Object.entries(values).flatMap(([key, value]) => (value === null ? [] : [`+${key}: ${shown(value)}`]));
  return {
    summary: [`configmap/${configMap}: ${lines.join(', ')}${how[way]}`],
    diffs: [{ object: `configmap/${configMap}`, diff: [...minus, ...plus].join('\n') }],
    configMap,
    way,
    before,
    values,
    ...(keptIn === undefined ? {} : { keptIn }),
  };
}

function valuesOf({ before, wanted }: FlagsLook): Record<string, string | null> {
  return Object.fromEntries(Object.keys(before).map((key) => [key, wanted[key] ?? null]));
}

function keptOf(live: AnyObject, { configMap }: FlagsLook) {
  return { ref: refOf(configMap), before: live };
}

/** What was switched on or off since the plan is somebody else's decision, and newer; what the manifests just created lacks the flags. */
function refuseOther(ctx: ReadContext, { configMap, before }: FlagsLook, change: DisableFlagsChange): void {
  const isPlanned = (key: string, value: string | null) =>
    (change.before[key] ?? null) === value || (change.way === 'put-back' && value === null);
  const other = Object.entries(before).find(([key, value]) => !isPlanned(key, value));
  if (!other) return;
  throw new RollbackError(
    'PLAN_STALE',
    tr`configmap/${configMap}, flag ${other[0]} was changed since the plan was made: now ${shown(other[1])}`,
    tr`See who wrote it, then run again: ${kubectl(ctx.config.namespace, 'get', 'configmap', configMap, '-o', 'yaml', '--show-managed-fields')}`,
  );
}

function gone(ctx: ReadContext, configMap: string): RollbackError {
  return new RollbackError(
    'FLAGS_INVALID',
    tr`configmap/${configMap} is not there, although the manifests bring it`,
    tr`Look at it, then run again: ${kubectl(ctx.config.namespace, 'get', 'configmaps')}`,
  );
}

/** When the record was written, by the clock of the cluster. */
async function ledgerTime(ctx: WriteContext): Promise<string> {
  const ledger = await ctx.cluster.get('ConfigMap', LEDGER_NAME);
  const times = (ledger?.metadata.managedFields ?? []).flatMap(({ time }) => time ?? []);
  return times.sort().at(-1) ?? new Date(ctx.clock.now()).toISOString();
}

async function putBackWhole(
  ctx: WriteContext,
  kept: AnyObject,
  values: Readonly<Record<string, string | null>>,
): Promise<void> {
  const all = Object.entries({ ...((kept['data'] ?? {}) as Record<string, string>), ...values });
  const data = Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
  const { name, labels, annotations } = kept.metadata;
  await ctx.write.cluster.applyObject({
    ref: refOf(name),
    manifest: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
      immutable: true,
      data,
    },
    applier: 'kubectl',
    live: undefined,
    reserved: [],
  });
}

function tell(ctx: WriteContext, { configMap, before, way }: FlagsLook): void {
  if (ctx.config.mode === 'undo') ctx.note(said('note.flags-put-back', { configMap }));
  else {
    for (const [flag, value] of Object.entries(before)) {
      if (value === null && way !== 'put-back') ctx.note(said('note.flag-added', { configMap, flag }));
    }
    const values = Object.entries(before).flatMap(([key, value]) => (value === null ? [] : [`${key}=${shown(value)}`]));
    if (values.length > 0) ctx.note(said('note.flags-before', { configMap, values: values.join(', ') }));
  }
  if (way !== 'set') ctx.note(said('note.config-map-recreated', { configMap }));
}

function shown(value: string | null): string {
  return value === null ? tr`absent` : JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
}
