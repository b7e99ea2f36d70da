import type { Failure } from '../../core/errors.ts';
import type { Evidence, Outcome } from '../../core/outcome.ts';
import type { RestoreChange } from '../../core/restore.ts';
import { said } from '../../core/said.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext } from '../../ports/context.ts';
import { liveOf } from './plan-restore.ts';
import { recordedDatabase } from './record.ts';

const CHECK_MS = 60_000;

/** What must be live, told by its OID. */
interface Expected {
  readonly name: string;
  readonly oid: number;
  readonly is: 'before' | 'restored';
  readonly kept: { readonly name: string; readonly oid: number };
  readonly from: string;
}

/** Reads which database has the live name now, and asks the project's own checks of it. */
export async function verifyRestore(ctx: ReadContext, change: RestoreChange | undefined): Promise<Outcome> {
  const { database } = ctx;
  const expected = expectedOf(ctx, change);
  if (!database || !expected) return { status: 'skipped', reason: said('skipped.no-restore') };
  const [live, kept] = await Promise.all([liveOf(database, expected.name), database.describe(expected.kept.name)]);
  const isRight = live.oid === expected.oid;
  const other = expected.is === 'restored' ? 'before' : 'restored';
  ctx.aboutDatabase({
    live: { oid: live.oid, is: isRight ? expected.is : live.oid === expected.kept.oid ? other : 'another' },
    ...(isRight && kept?.oid === expected.kept.oid ? { kept: expected.kept } : {}),
  });
  const evidence: Evidence[] = [
    {
      subject: tr`database ${expected.name}`,
      observed: `OID ${live.oid}${isRight ? `, ${expected.from}` : ''}`,
      expected: `OID ${expected.oid}, ${expected.from}`,
    },
  ];
  if (!isRight) return { status: 'failed', failure: notLive(expected, live.oid), evidence };
  const checks = expected.is === 'restored' ? await runChecks(ctx, expected.name) : [];
  evidence.push(...checks);
  const wrong = checks.find(({ observed, expected: wanted }) => observed !== wanted);
  if (wrong) return { status: 'failed', failure: checkFailed(wrong, expected.name), evidence };
  const [first, ...rest] = evidence as [Evidence, ...Evidence[]];
  return { status: 'passed', evidence: [first, ...rest] };
}

function expectedOf(ctx: ReadContext, change: RestoreChange | undefined): Expected | undefined {
  const record = ctx.config.mode === 'undo' ? ctx.situation.undoes?.database : recordedDatabase(ctx);
  if (!record) return undefined;
  const { name, liveOid, sideOid, side, kept } = record;
  if (sideOid === undefined) return undefined;
  if (ctx.config.mode === 'undo')
    return {
      name,
      oid: liveOid,
      is: 'before',
      kept: { name: side, oid: sideOid },
      from: tr`the one before the restore`,
    };
  const from = tr`restored from ${change?.backup?.name ?? record.backup.name}`;
  return { name, oid: sideOid, is: 'restored', kept: { name: kept, oid: liveOid }, from };
}

async function runChecks(ctx: ReadContext, name: string): Promise<Evidence[]> {
  const found: Evidence[] = [];
  for (const sql of ctx.config.database?.checks ?? []) {
    const answer = await ctx.database?.queryValue(name, sql, { timeoutMs: CHECK_MS });
    found.push({
      subject: sql,
      observed: answer === null ? tr`nothing` : String(answer).slice(0, 100),
      expected: 'true',
    });
  }
  return found;
}

const notLive = ({ name, oid, from }: Expected, seen: number): Failure => ({
  code: 'SWAP_FAILED',
  message: tr`database "${name}" has OID ${seen}, expected ${oid} (${from})`,
  hint: tr`Run again (safe): what was loaded is taken as it is.`,
  causes: [],
});

const checkFailed = ({ subject, observed }: Evidence, name: string): Failure => ({
  code: 'RESTORE_INVALID',
  message: tr`the check ${subject} answers ${observed} on the live database "${name}", expected true`,
  hint: tr`Take the restore back with \`mode: undo\`, or mend the rows that the check speaks of.`,
  causes: [],
});
