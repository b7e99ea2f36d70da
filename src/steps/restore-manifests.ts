import { RollbackError } from '../core/errors.ts';
import type { ManifestRecord } from '../core/ledger.ts';
import {
  contentOf,
  type ManifestChange,
  type ManifestRef,
  manifestText,
  type RestoreManifestsChange,
  sameRef,
} from '../core/manifest.ts';
import type { Evidence } from '../core/outcome.ts';
import { said } from '../core/said.ts';
import { settle } from '../core/settle.ts';
import { kubectl } from '../core/shell.ts';
import type { Planned } from '../core/step.ts';
import { takesPart } from '../core/takes-part.ts';
import { tr } from '../core/tr.ts';
import type { ReadContext, WriteContext } from '../ports/context.ts';
import { defineStep } from './contract.ts';
import { interrupted } from './flags/look.ts';
import { acceptedManifests } from './manifests/accepted.ts';
import { noteExtras } from './manifests/extra.ts';
import {
  assertFits,
  chooseKeptName,
  contentHash,
  type KeptObject,
  keepObjects,
  readKeptObject,
} from './manifests/kept.ts';
import { ABSENT, lookAtManifests, type ManifestLook, plannedLooks } from './manifests/look.ts';
import { type BackLook, lookBack, lookBackAt, putOneBack } from './manifests/take-back.ts';
import { changedOfManifests, restartAgain } from './restart/changed.ts';

/**
 * The manifests are applied as their own deploy tool would apply them, after a dry run of each: `kubectl apply -f FOLDER`, as the checklist
 * has it, is refused where an export holds a resourceVersion, is half done then, and takes the release's own image along.
 */
export const restoreManifests = defineStep<RestoreManifestsChange>({
  meta: {
    id: 'restore-manifests',
    tiers: ['secure'],
    required: true,
    recorded: true,
    needs: ['freeze-rollouts', 'restore-secrets'],
  },

  async plan(ctx): Promise<Planned<RestoreManifestsChange>> {
    const none = nothingOf(ctx);
    if (none) return none;
    const looks = await looksOf(ctx, true);
    if (!isUndo(ctx)) await noteExtras(ctx, await acceptedManifests(ctx));
    const todo = looks.flatMap((look) => (look.todo ? [{ ...look.todo, fingerprint: look.fingerprint }] : []));
    if (todo.length === 0) return { kind: 'no-op', reason: said('skipped.manifests-applied') };
    assertFits(looks.flatMap(keptOf), ctx.config.namespace);
    const objects = todo.map(({ change }) => change);
    return {
      kind: 'change',
      change: {
        summary: objects.map(summaryOf),
        diffs: todo.map(({ diff }) => diff),
        objects,
        fingerprints: Object.fromEntries(
          todo.map(({ change, fingerprint }) => [manifestText(change.ref), fingerprint]),
        ),
        keptIn: await chooseKeptName(ctx),
      },
    };
  },

  async apply(ctx, change) {
    const looks = (await looksOf(ctx, false)).filter((look) => look.todo);
    for (const look of looks) refuseOther(ctx, look, change);
    if (looks.length === 0) return;
    const { keptIn } = change;
    const kept = await settle(looks.flatMap(keptOf).map((one) => asBefore(ctx, one, change)));
    assertFits(kept, ctx.config.namespace);
    await keepObjects(ctx, keptIn, kept);
    const records = looks.flatMap(({ todo }) => (todo ? [recordOf(todo.change, keptIn, ctx.run.id)] : []));
    await ctx.record((record) => ({ ...record, manifests: merged(records, record.manifests ?? []) }));
    const replaced = kept.flatMap(({ ref, before }) => (before ? [manifestText(ref)] : []));
    if (replaced.length > 0) ctx.note(said('note.manifest-kept', { objects: replaced.join(', '), kept: keptIn }));
    const set = await settle(looks.map((look) => makeTrue(ctx, look)));
    await keepObjects(ctx, keptIn, set);
  },

  async verify(ctx) {
    const none = nothingOf(ctx);
    if (none) return { status: 'skipped', reason: none.reason };
    const looks = await looksOf(ctx, false);
    const evidence = looks.map((look): Evidence => {
      const from = 'from' in look ? tr`as in ${look.from}` : tr`as before the rollback`;
      const ref = 'from' in look ? look.ref : look.kept.ref;
      return { subject: manifestText(ref), observed: look.todo ? tr`different` : from, expected: from };
    });
    const [first, ...rest] = evidence;
    if (!first) return { status: 'skipped', reason: said('skipped.nothing-to-do') };
    const wrong = looks.flatMap(({ todo }) => (todo ? [manifestText(todo.change.ref)] : []));
    if (wrong.length === 0) return { status: 'passed', evidence: [first, ...rest] };
    return {
      status: 'failed',
      evidence,
      failure: {
        code: 'FIELD_OWNED',
        message: tr`not as the manifests say: ${wrong.join(', ')}. Somebody wrote to them since, or an admission webhook changes them`,
        hint: tr`See who wrote it: ${kubectl(ctx.config.namespace, 'get', wrong[0] ?? '', '-o', 'yaml', '--show-managed-fields')}; then run again (safe)`,
        causes: [],
      },
    };
  },

  async revert(ctx, change) {
    const { id } = ctx.run;
    const records = change.objects.map((one) => recordOf(one, change.keptIn, id));
    const back: ManifestRecord[] = [];
    for (const record of records) {
      // Where apply did not come to it nothing is kept, and nothing was changed either.
      const kept = await readKeptObject(ctx, record).catch(() => undefined);
      const look = kept && (await lookBackAt(ctx, kept));
      if (!look || !(await putOneBack(ctx, look))) continue;
      back.push(record);
      ctx.note(said('note.manifest-put-back', { object: manifestText(record) }));
    }
    if (back.length === 0) return;
    await restartAgain(ctx, changedOfManifests(back));
    await ctx.record(({ manifests = [], ...record }) => ({
      ...record,
      manifests: manifests.filter((one) => !back.some((other) => sameRef(one, other))),
    }));
  },
});

const isUndo = ({ config }: ReadContext) => config.mode === 'undo';

function nothingOf(ctx: ReadContext): Extract<Planned<never>, { kind: 'skipped' | 'no-op' }> | undefined {
  if (isUndo(ctx)) {
    if ((ctx.situation.undoes?.manifests ?? []).length > 0) return undefined;
    return { kind: 'no-op', reason: said('skipped.nothing-to-do') };
  }
  if (ctx.manifests) return undefined;
  return { kind: 'skipped', reason: said('skipped.not-configured', { what: 'manifests' }) };
}

type Look = ManifestLook | BackLook;

async function looksOf(ctx: ReadContext, isPlan: boolean): Promise<readonly Look[]> {
  if (isUndo(ctx)) return lookBack(ctx, ctx.situation.undoes?.manifests ?? []);
  return isPlan ? plannedLooks(ctx) : lookAtManifests(ctx);
}

function keptOf(look: Look): KeptObject[] {
  if (!look.todo) return [];
  if ('kept' in look) {
    const { before } = look.kept;
    return [
      { ref: look.kept.ref, before: look.live, set: before ? contentHash(contentOf(before, look.reserved)) : null },
    ];
  }
  return [{ ref: look.ref, before: look.apply.live, set: contentHash(look.todo.content) }];
}

/** @returns what became of it: the server gives some fields only when it is really written */
async function makeTrue(ctx: WriteContext, look: Look): Promise<KeptObject> {
  if ('kept' in look) {
    await putOneBack(ctx, look);
    const { ref, before } = look.kept;
    ctx.note(said('note.manifest-put-back', { object: manifestText(ref) }));
    return { ref, before: look.live, set: before ? contentHash(contentOf(before, look.reserved)) : null };
  }
  const { ref, apply, todo } = look;
  const written = await ctx.write.cluster.applyObject(apply);
  if (todo && todo.change.takenFrom.length > 0) {
    ctx.note(
      said('note.manifest-taken-over', { object: manifestText(ref), managers: todo.change.takenFrom.join(', ') }),
    );
  }
  return { ref, before: apply.live, set: contentHash(contentOf(written, apply.reserved)) };
}

/** What is not as it was planned from is somebody else's, and newer than this decision. */
function refuseOther(ctx: ReadContext, look: Look, change: RestoreManifestsChange): void {
  if (!look.todo) return;
  const text = manifestText(look.todo.change.ref);
  if (change.fingerprints[text] === look.fingerprint || isJustCreated(ctx, look.todo.change.ref, change)) return;
  throw new RollbackError(
    'PLAN_STALE',
    tr`${text} was changed since the plan was made`,
    tr`See who wrote it, then run again: ${kubectl(ctx.config.namespace, 'get', text, '-o', 'yaml', '--show-managed-fields')}`,
  );
}

/** A Secret that was not there when this was planned, and that `restore-secrets` created since. */
function isJustCreated(ctx: ReadContext, ref: ManifestRef, { fingerprints }: RestoreManifestsChange): boolean {
  const isNamed = ref.kind === 'Secret' && ctx.config.secrets.some(({ name }) => name === ref.name);
  if (!takesPart(ctx.config, 'restore-secrets')) return false;
  return isNamed && fingerprints[manifestText(ref)] === ABSENT;
}

/** As it was before any step of the rollback wrote to it: other ones may have created it, or deleted it before they were killed. */
async function asBefore(ctx: ReadContext, kept: KeptObject, change: RestoreManifestsChange): Promise<KeptObject> {
  const { ref, before } = kept;
  if (!before) return { ...kept, before: await interrupted(ctx, ref) };
  const wasThere = ctx.situation.incident?.secrets?.some(({ name }) => name === ref.name) === true;
  return isJustCreated(ctx, ref, change) && !wasThere ? { ...kept, before: undefined } : kept;
}

function recordOf({ ref, keys }: ManifestChange, keptIn: string, run: string): ManifestRecord {
  return { ...ref, ...(keys ? { keys } : {}), keptIn, run };
}

/** Records of an incident with newer ones: the newest stands, since it holds what was replaced last. */
function merged(newer: readonly ManifestRecord[], older: readonly ManifestRecord[]): ManifestRecord[] {
  return [...newer, ...older.filter((one) => !newer.some((other) => sameRef(one, other)))];
}

function summaryOf({ ref, way, applier, keys, takenFrom }: ManifestChange): string {
  const text = manifestText(ref);
  const which = keys && keys.length > 0 ? ` (${keys.slice(0, 10).join(', ')})` : '';
  const taken = takenFrom.length > 0 ? tr`; taking over what ${takenFrom.join(', ')} set` : '';
  switch (way) {
    case 'create':
      return tr`${text}: does not exist; create it`;
    case 'apply':
      return tr`${text}: apply as ${applier}${which}${taken}`;
    case 'put-back':
      return tr`${text}: put back as it was${which}`;
    case 'remove':
      return tr`${text}: delete it, the rollback had created it`;
  }
}
