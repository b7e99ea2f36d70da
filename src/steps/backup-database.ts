import { RollbackError } from '../core/errors.ts';
import type { Evidence, Outcome } from '../core/outcome.ts';
import { said } from '../core/said.ts';
import type { Change } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import type { ReadContext } from '../ports/context.ts';
import { defineStep } from './contract.ts';
import { touchesDatabase } from './database/order.ts';
import { planRestore } from './database/plan-restore.ts';
import { planTakeBack } from './database/plan-take-back.ts';
import { recordedDatabase } from './database/record.ts';

interface BackupChange extends Change {
  readonly database: string;
  readonly folder: string;
}

/** What this run dumped; the verification looks at it, not at the folder, which may hold dumps of other runs. */
const dumped = new WeakMap<object, { readonly path: string; readonly bytes: number; readonly sha256: string }>();

/**
 * A dump of the live database at a place that outlives the runner, before anything of it is changed. Without such a place the database that is
 * kept by the swap stands in, on the same server: no backup for a disaster, and said so.
 */
export const backupDatabase = defineStep<BackupChange>({
  meta: { id: 'backup-database', tiers: ['complete', 'secure'], required: true, needs: ['freeze-rollouts'] },

  async plan(ctx) {
    const { config } = ctx;
    if (!config.database || !ctx.database)
      return { kind: 'skipped', reason: said('skipped.not-configured', { what: 'database' }) };
    if (!(await isTouched(ctx))) return { kind: 'skipped', reason: said('skipped.nothing-to-do') };
    const { name, safetyBackup: folder } = config.database;
    if (folder === undefined) return { kind: 'check' };
    return {
      kind: 'change',
      change: { summary: [tr`database ${name}: pg_dump into ${folder}`], database: name, folder },
    };
  },

  async prepare(ctx, { database, folder }) {
    if (!ctx.write.safetyDump) throw new Error('no database is configured');
    const made = await ctx.write.safetyDump.dump(database, folder, { run: ctx.run.id, signal: ctx.signal });
    dumped.set(ctx.config, made);
    ctx.aboutDatabase({ safetyBackup: made });
  },

  async apply() {
    // The dump needs nothing of the other steps; that it is complete before the databases change places is what the order sees to.
  },

  async verify(ctx, change) {
    return change ? verifyDump(ctx, change) : verifyKept(ctx);
  },
});

/** Nothing is dumped where nothing will be changed. */
async function isTouched(ctx: ReadContext): Promise<boolean> {
  if (!touchesDatabase(ctx)) return false;
  if (ctx.config.mode !== 'undo' && ctx.config.database?.backup === undefined) return true;
  try {
    const { kind } = await (ctx.config.mode === 'undo' ? planTakeBack(ctx) : planRestore(ctx));
    return kind === 'change' || ctx.config.database?.safetyBackup === undefined;
  } catch {
    // The step whose plan it is tells why; the run is refused by that.
    return false;
  }
}

async function verifyDump(ctx: ReadContext, { folder }: BackupChange): Promise<Outcome> {
  const made = dumped.get(ctx.config);
  if (made) {
    const evidence: Evidence = {
      subject: made.path,
      observed: tr`read whole after it was written: ${made.bytes} bytes, SHA-256 ${made.sha256}`,
      expected: tr`a complete dump of the live database`,
    };
    return { status: 'passed', evidence: [evidence] };
  }
  const error = new RollbackError('DATABASE_ERROR', tr`no dump was made in ${folder}`, tr`Run again (safe).`);
  return { status: 'failed', failure: error.toFailure(), evidence: [] };
}

/** The kept database stands in: it must be there. */
async function verifyKept(ctx: ReadContext): Promise<Outcome> {
  const record = ctx.config.mode === 'undo' ? ctx.situation.undoes?.database : recordedDatabase(ctx);
  const [name, oid] = ctx.config.mode === 'undo' ? [record?.side, record?.sideOid] : [record?.kept, record?.liveOid];
  const kept = name === undefined ? undefined : await ctx.database?.describe(name);
  if (!kept || kept.oid !== oid) return { status: 'skipped', reason: said('skipped.no-restore') };
  ctx.note(said('note.not-a-disaster-backup', { name: kept.name }));
  const evidence: Evidence = {
    subject: tr`database ${kept.name}`,
    observed: tr`OID ${kept.oid}, kept on the same server: not a disaster backup`,
    expected: `OID ${oid}`,
  };
  return { status: 'passed', evidence: [evidence] };
}
