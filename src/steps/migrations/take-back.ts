import { RollbackError } from '../../core/errors.ts';
import { commandTo, isSameMigration, progressOf } from '../../core/migrations.ts';
import { tr } from '../../core/tr.ts';
import type { CommandResult } from '../../ports/commands.ts';
import type { WriteContext } from '../../ports/context.ts';
import type { MigrationsChange } from './goal.ts';
import { readHead, type Scene } from './look.ts';

/** Where nothing tells how many migrations lie between. */
const MOST = 20;
const SHOWN_LINES = 5;

/**
 * Runs the project's command once to the target where it takes one, else once per migration, until the target is the newest that is applied.
 * The head is read after each; it decides. Nothing is begun after the run's deadline.
 * @throws MIGRATION_FAILED, PLAN_STALE, DEADLINE_PASSED
 */
export async function takeBack(ctx: WriteContext, scene: Scene, change: MigrationsChange): Promise<void> {
  const { from, to, way } = change;
  let before = await readHead(ctx, scene);
  if (before === to) return;
  if (before === null || !isOnTheWay(before, change)) {
    throw new RollbackError(
      'PLAN_STALE',
      tr`the newest migration of "${scene.name}" is ${before ?? tr`none`}; the plan was made for ${from}`,
      tr`Somebody else migrates; wait until that is done, then run again (safe).`,
    );
  }
  await ctx.record((record) => ({ ...record, migrationsBefore: record.migrationsBefore ?? from }));
  const goesTo = change.command.includes('{to}');
  const command = commandTo(change.command, to) ?? '';
  const most = goesTo ? 1 : way.kind === 'known' ? way.take.length : MOST;
  for (let run = 1; run <= most; run++) {
    refuseLate(ctx, scene, before, to);
    const { timeoutMs } = scene.migrations;
    const result = await ctx.write.commands.run(command, { timeoutMs, signal: ctx.signal, withDatabase: true });
    if (result.exitCode !== 0)
      throw failed(command, howEnded(result, timeoutMs), result, await shownHead(ctx, scene), to);
    const after = await readHead(ctx, scene);
    ctx.log.info(tr`${command}: ${howEnded(result, timeoutMs)}, the newest migration is ${after ?? tr`none`}`);
    const progress = progressOf(way, { before, after, to });
    if (progress === 'arrived') return;
    if (progress === 'on-the-way' && after !== null && run < most) before = after;
    else throw notThere(command, result, { progress, before, after, to });
  }
}

/** A command that was cut off may have left a lock on the table; why it failed is what must be told then. */
function shownHead(ctx: WriteContext, scene: Scene): Promise<string> {
  return readHead(ctx, scene).then(
    (head) => head ?? tr`none`,
    () => tr`not known`,
  );
}

function isOnTheWay(head: string, { from, way }: MigrationsChange): boolean {
  return head === from || (way.kind === 'known' && way.take.some((name) => isSameMigration(head, name)));
}

function refuseLate(ctx: WriteContext, { name }: Scene, head: string, to: string): void {
  const [code, why] = ctx.signal.aborted
    ? (['CANCELLED', tr`the run was cancelled`] as const)
    : (['DEADLINE_PASSED', tr`the deadline passed`] as const);
  if (!ctx.signal.aborted && ctx.clock.now() < ctx.irreversibleUntil) return;
  throw new RollbackError(
    code,
    tr`${why} before "${name}" was at migration ${to}; it is at ${head}`,
    tr`Run again (safe): it goes on from there.`,
  );
}

const howEnded = ({ exitCode, timedOut }: CommandResult, timeoutMs: number) =>
  timedOut ? tr`did not end within ${timeoutMs / 1000} s` : tr`ended with ${exitCode ?? tr`a signal`}`;

const said = ({ lines }: CommandResult) =>
  lines
    .filter((line) => line !== '')
    .slice(-SHOWN_LINES)
    .join(' | ');
const whole = ({ lines }: CommandResult) => ({ cause: new Error(lines.join('\n')) });

function failed(command: string, ended: string, result: CommandResult, head: string, to: string): RollbackError {
  const last = said(result);
  return new RollbackError(
    'MIGRATION_FAILED',
    tr`${command} ${ended}; the newest migration is ${head}, expected ${to}${last ? tr`: ${last}` : ''}`,
    tr`Mend its cause, then run again (safe). By hand, where DATABASE_URL is set: ${command}`,
    whole(result),
  );
}

function notThere(
  command: string,
  result: CommandResult,
  seen: { readonly progress: string; readonly before: string; readonly after: string | null; readonly to: string },
): RollbackError {
  const at = tr`the newest migration is ${seen.after ?? tr`none`}, expected ${seen.to}`;
  const last = said(result);
  const [what, hint] =
    seen.progress === 'past'
      ? [
          tr`${command} went further than to the target (from ${seen.before})`,
          tr`Apply migrations again until ${seen.to}, and configure a command that takes one migration back.`,
        ]
      : [
          seen.progress === 'stuck'
            ? tr`${command} ended with 0 and took nothing back`
            : tr`${command} ended with 0 and did not lead to the target`,
          tr`Mend its cause, then run again (safe). By hand, where DATABASE_URL is set: ${command}`,
        ];
  return new RollbackError('MIGRATION_FAILED', tr`${what}; ${at}${last ? tr`: ${last}` : ''}`, hint, whole(result));
}
