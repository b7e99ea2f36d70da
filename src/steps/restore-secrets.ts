import { RollbackError } from '../core/errors.ts';
import type { SecretRecord } from '../core/ledger.ts';
import type { Evidence } from '../core/outcome.ts';
import { said } from '../core/said.ts';
import type { RestoreSecretsChange, SecretChange } from '../core/secret-restore.ts';
import { settle } from '../core/settle.ts';
import { kubectl } from '../core/shell.ts';
import type { Planned } from '../core/step.ts';
import { restartsLater } from '../core/takes-part.ts';
import { tr } from '../core/tr.ts';
import type { ReadContext } from '../ports/context.ts';
import { defineStep } from './contract.ts';
import { assertFits, chooseKeptName, keep, keptSince } from './secrets/kept.ts';
import { type Look, lookAtAll, mergedRecords, noteOwner, shown } from './secrets/look.ts';
import { putBack } from './secrets/put-back.ts';
import { keepsPods, pendingReaders, restartReaders, secretOf, staleReaders } from './secrets/readers.ts';
import { setOne } from './secrets/set.ts';
import { bytesOf, isSameValue, wantedSecrets } from './secrets/wanted.ts';

/**
 * The named keys hold the given values, and all other keys stay as they are. `kubectl create secret generic app-secrets`, as the checklist
 * has it, fails where the Secret exists, and in its usual form (`--dry-run=client | kubectl apply`) drops every key that it does not name.
 */
export const restoreSecrets = defineStep<RestoreSecretsChange>({
  meta: {
    id: 'restore-secrets',
    tiers: ['complete', 'secure'],
    required: true,
    recorded: true,
    needs: ['freeze-rollouts'],
  },

  async plan(ctx): Promise<Planned<RestoreSecretsChange>> {
    const none = nothingOf(ctx);
    if (none) return none;
    const looks = await lookAtAll(ctx);
    const todo = looks.flatMap((look) => look.todo ?? []);
    for (const look of looks) if (look.todo) noteOwner(ctx, look.secret);
    const changing = new Set(todo.map(({ change }) => change.name));
    const restart = restartsLater(ctx.config) ? [] : await pendingReaders(ctx, changing);
    if (todo.length === 0 && restart.length === 0) return { kind: 'no-op', reason: said('skipped.secrets-set') };
    const copies = todo.map(({ copy }) => copy);
    assertFits(copies, ctx.config.namespace);
    const keptIn = todo.length > 0 ? await chooseKeptName(ctx, recordsInUse(ctx)) : undefined;
    const secrets = todo.map(({ change }) => change);
    return {
      kind: 'change',
      change: {
        summary: [
          ...secrets.map((change) => summaryOf(change, ctx.config.mode === 'undo')),
          ...restart.map(
            (ref) => tr`${ref.kind.toLowerCase()}/${ref.name}: restart, it started before its Secret was set`,
          ),
        ],
        diffs: todo.map(({ change, fingerprints }) => ({
          object: `secret/${change.name}`,
          diff: change.keys.flatMap((key) => diffLines(key, fingerprints[key] ?? {})).join('\n'),
        })),
        secrets,
        fingerprints: Object.fromEntries(todo.map(({ change, fingerprints }) => [change.name, fingerprints])),
        ...(keptIn === undefined ? {} : { keptIn }),
        restart,
      },
    };
  },

  async apply(ctx, change) {
    const { keptIn } = change;
    if (keptIn === undefined) return;
    const planned = new Set(change.secrets.map(({ name }) => name));
    const looks = (await lookAtAll(ctx)).filter(({ wanted, todo }) => todo && planned.has(wanted.name));
    for (const look of looks) refuseOther(ctx, look, change);
    if (looks.length === 0) return;
    const copies = looks.flatMap(({ todo }) => todo?.copy ?? []);
    assertFits(copies, ctx.config.namespace);
    await keep(ctx, keptIn, copies);
    const records = looks.flatMap(({ todo }): SecretRecord[] =>
      todo ? [{ name: todo.change.name, keys: todo.change.keys, keptIn, run: ctx.run.id }] : [],
    );
    await ctx.record((record) => ({ ...record, secrets: mergedRecords(records, record.secrets ?? []) }));
    await settle(
      looks.map(async (look) => {
        await setOne(ctx, look, keptIn);
        const { name, keys, way } = look.todo?.change ?? { name: '', keys: [], way: 'set' };
        if (way !== 'create') ctx.note(said('note.secret-kept', { secret: name, keys: keys.join(', '), kept: keptIn }));
        if (way === 'recreate') ctx.note(said('note.secret-recreated', { secret: name }));
      }),
    );
  },

  async finish(ctx, change) {
    // Cancelled: nothing new is begun. The run after this one finds the readers that are left.
    if (ctx.signal.aborted || restartsLater(ctx.config)) return;
    const since = change.keptIn === undefined ? undefined : await keptSince(ctx, change.keptIn);
    const done = since === undefined ? [] : await changesDone(ctx, change);
    const pending = change.restart.filter((ref) => ctx.writtenAt(ref) === undefined || keepsPods(ctx, ref));
    await restartReaders(ctx, [...pending, ...staleReaders(ctx, done.map(secretOf), since ?? 0)]);
    const isDone = (record: SecretRecord) =>
      change.keptIn === undefined || record.keptIn !== change.keptIn || done.some(({ name }) => name === record.name);
    await ctx.record(({ secrets, ...record }) => ({
      ...record,
      ...(secrets ? { secrets: secrets.map((one) => (isDone(one) ? { ...one, readersRestarted: true } : one)) } : {}),
    }));
  },

  async verify(ctx) {
    const none = nothingOf(ctx);
    if (none) return { status: 'skipped', reason: none.reason };
    const wanted = await wantedSecrets(ctx);
    const secrets = await Promise.all(wanted.map(({ name }) => ctx.cluster.get('Secret', name)));
    const evidence: Evidence[] = [];
    const wrong: string[] = [];
    for (const [index, { name, values }] of wanted.entries()) {
      for (const [key, value] of Object.entries(values)) {
        const now = bytesOf(secrets[index], key);
        evidence.push({
          subject: `secret/${name} ${key}`,
          observed: shown(name, key, now),
          expected: shown(name, key, value),
        });
        if (!isSameValue(now, value)) wrong.push(`secret/${name} ${key}${now === null ? tr` (absent)` : ''}`);
      }
    }
    const [first, ...rest] = evidence;
    if (!first) return { status: 'skipped', reason: said('skipped.nothing-to-do') };
    if (wrong.length === 0) return { status: 'passed', evidence: [first, ...rest] };
    const [name = ''] = (wrong[0] ?? '').replace('secret/', '').split(' ');
    return {
      status: 'failed',
      evidence,
      failure: {
        code: 'SECRET_INVALID',
        message: tr`not as they must be: ${wrong.join(', ')}`,
        hint: tr`See who wrote it: ${kubectl(ctx.config.namespace, 'get', 'secret', name, '-o', 'yaml', '--show-managed-fields')}; then run again (safe)`,
        causes: [],
      },
    };
  },

  revert: putBack,
});

function nothingOf(ctx: ReadContext): Extract<Planned<never>, { kind: 'skipped' | 'no-op' }> | undefined {
  const isUndo = ctx.config.mode === 'undo';
  if (isUndo && (ctx.situation.undoes?.secrets ?? []).length > 0) return undefined;
  if (ctx.config.secrets.length === 0) {
    return { kind: 'skipped', reason: said('skipped.not-configured', { what: 'secrets' }) };
  }
  return isUndo ? { kind: 'no-op', reason: said('skipped.nothing-to-do') } : undefined;
}

/** Copies that must not be overwritten: those of the incident under way, and those that are being put back. */
function recordsInUse({ situation }: ReadContext): SecretRecord[] {
  return [...(situation.incident?.secrets ?? []), ...(situation.undoes?.secrets ?? [])];
}

/** What is not as it was planned from is somebody else's, and newer than this decision. */
function refuseOther(ctx: ReadContext, { wanted, todo }: Look, change: RestoreSecretsChange): void {
  const planned = change.fingerprints[wanted.name] ?? {};
  for (const [key, { from }] of Object.entries(todo?.fingerprints ?? {})) {
    if (Object.hasOwn(planned, key) && planned[key]?.from === from) continue;
    throw new RollbackError(
      'PLAN_STALE',
      tr`secret/${wanted.name}, key ${key} was changed since the plan was made: now ${printOf(from)}, planned from ${printOf(planned[key]?.from)}`,
      tr`See who wrote it, then run again: ${kubectl(ctx.config.namespace, 'get', 'secret', wanted.name, '-o', 'yaml', '--show-managed-fields')}`,
    );
  }
}

/** The Secrets of the change that are as they must be now: only what was really set makes anybody restart. */
async function changesDone(ctx: ReadContext, { secrets }: RestoreSecretsChange): Promise<SecretChange[]> {
  const looks = await lookAtAll(ctx);
  return secrets.filter(({ name }) => looks.some(({ wanted, todo }) => wanted.name === name && !todo));
}

function summaryOf({ name, way, keys }: SecretChange, isUndo: boolean): string {
  const list = keys.join(', ');
  switch (way) {
    case 'set':
      return isUndo ? tr`secret/${name}: put back ${list}` : tr`secret/${name}: set ${list}`;
    case 'recreate':
      return isUndo
        ? tr`secret/${name}: put back ${list} (it is immutable: deleted and created again)`
        : tr`secret/${name}: set ${list} (it is immutable: deleted and created again)`;
    case 'create':
      return tr`secret/${name}: does not exist; create it (type Opaque) with ${list}`;
    case 'put-back':
      return tr`secret/${name}: does not exist; create it again from the copy that was kept of it, with ${list}`;
    case 'remove':
      return tr`secret/${name}: delete it, the rollback had created it`;
  }
}

const printOf = (print: string | undefined) => (print ? tr`fingerprint ${print}` : tr`absent`);

function diffLines(key: string, { from, to }: { readonly from?: string; readonly to?: string }): string[] {
  return [...(from ? [`-${key}: ${printOf(from)}`] : []), ...(to ? [`+${key}: ${printOf(to)}`] : [])];
}
