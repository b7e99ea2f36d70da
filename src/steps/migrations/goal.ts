import { RollbackError } from '../../core/errors.ts';
import { TOOL_FACTS, trapIn } from '../../core/migration-tools.ts';
import { commandTo, isSameMigration, listed, targetHeadOf, type WayDown, wayDown } from '../../core/migrations.ts';
import type { Change } from '../../core/step.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext } from '../../ports/context.ts';
import type { Scene } from './look.ts';

/** Migrations to take back, newest first. */
export interface MigrationsChange extends Change {
  /** Heads. */
  readonly from: string;
  readonly to: string;
  /** As configured. */
  readonly command: string;
  readonly way: Extract<WayDown, { kind: 'known' | 'unknown' }>;
}

/** What the database and the folder show; both newest first. */
export interface Seen {
  readonly head: string | null;
  readonly applied: readonly string[] | undefined;
  readonly files: readonly string[] | undefined;
}

const leaveAlone = () => tr`To leave the migrations alone: \`skip-steps: rollback-migrations\`.`;

/** The head that the target release knows. @throws MIGRATION_UNKNOWN with the candidates and the line to type. */
export function goalOf(ctx: ReadContext, { name, migrations }: Scene, { head, applied, files }: Seen): string {
  const recorded = targetHeadOf(ctx.situation);
  const named = migrations.to;
  const known = recorded ?? named;
  if (recorded !== undefined && named !== undefined && !isSameMigration(recorded, named)) {
    throw new RollbackError(
      'MIGRATION_UNKNOWN',
      tr`database.migrations.to names ${named}, and the target release was verified with ${recorded}: one of them is wrong`,
      tr`Take \`to\` out of database.migrations, or correct it.`,
    );
  }
  if (known !== undefined) return applied?.find((one) => isSameMigration(one, known)) ?? known;
  const candidates = applied ?? files ?? [];
  throw new RollbackError(
    'MIGRATION_UNKNOWN',
    tr`nothing tells which migration of "${name}" is the newest that the target release knows; the live one is ${head ?? tr`none`}, there are ${listed(candidates)}`,
    tr`Name it in the config file: \`database: { migrations: { to: ${JSON.stringify(candidates[1] ?? 'NAME')} } }\`, or restore a backup. ${leaveAlone()}`,
  );
}

/** @throws MIGRATION_UNKNOWN or INPUT_INVALID, when what is configured cannot lead there or nothing shows that it would. */
export function changeTo(to: string, { name, migrations }: Scene, { head, applied, files }: Seen): MigrationsChange {
  const { rollback: command, tool, directory } = migrations;
  if (head === null) {
    throw new RollbackError(
      'MIGRATION_UNKNOWN',
      tr`no migration is applied to "${name}", and the target release knows ${to}: that is no way back`,
      tr`Restore a backup of the target release. ${leaveAlone()}`,
    );
  }
  const down = tool && TOOL_FACTS[tool];
  if (command === undefined) {
    throw new RollbackError(
      'INPUT_INVALID',
      tr`the newest migration of "${name}" is ${head}, the target release knows ${to}, and no command is configured that takes migrations back`,
      tr`Add it: \`database: { migrations: { rollback: ${JSON.stringify(down?.oneDown ?? 'npm run db:migrate:down')} } }\`, or restore a backup. ${leaveAlone()}`,
    );
  }
  const trap = trapIn(command, tool);
  if (trap !== undefined) {
    throw new RollbackError(
      'INPUT_INVALID',
      tr`database.migrations.rollback is "${command}": ${trap}`,
      tr`Use the command that takes one back, which is run until ${to} is the newest (\`rollback: ${down?.oneDown ?? ''}\`).`,
    );
  }
  const way = wayDown({ head, to, applied, files, downByName: down?.downByName });
  if (way.kind === 'refused') {
    throw new RollbackError(
      'MIGRATION_UNKNOWN',
      tr`the migrations of "${name}" cannot be taken back from ${head} to ${to}: ${way.why}`,
      tr`Check out the commit of the bad release (actions/checkout with \`ref:\`), correct database.migrations, or restore a backup. ${leaveAlone()}`,
    );
  }
  if (way.kind === 'unknown' && migrations.to !== undefined && !command.includes('{to}')) {
    throw new RollbackError(
      'MIGRATION_UNKNOWN',
      tr`nothing shows that ${to} lies behind ${head} (${directory === undefined ? tr`no folder is configured` : tr`${directory} has ${listed(files ?? [])}`}): a slip of the pen would take everything back`,
      tr`Set database.migrations.directory or tool, or a command that goes to \`{to}\`.`,
    );
  }
  if (commandTo(command, to) === undefined) {
    throw new RollbackError(
      'MIGRATION_UNKNOWN',
      tr`the target release knows ${to}, a name that cannot stand safely in the place of {to} in "${command}"`,
      tr`Take the quotes around \`{to}\` out of database.migrations.rollback (the name is quoted by itself), or use a command that takes one migration back.`,
    );
  }
  return { summary: summaryOf({ from: head, to, command, way, files }), from: head, to, command, way };
}

function summaryOf(change: Omit<MigrationsChange, 'summary'> & Pick<Seen, 'files'>): string[] {
  const { from, to, command, way, files = [] } = change;
  const take = way.kind === 'known' ? way.take : [from];
  const count = way.kind === 'known' ? tr`${take.length} to take back` : tr`nothing tells how many lie between`;
  const isTaken = (name: string) => take.some((one) => isSameMigration(one, name));
  const recent = files.slice(0, 10).map((name) => (isTaken(name) ? taken(name) : name));
  return [
    tr`migrations: ${from} -> ${to}, ${count}, by ${command}`,
    ...(recent.length > 0 ? recent : take.slice(0, 10).map(taken)),
  ];
}

const taken = (name: string) => tr`${name} (live, not in the target)`;
