import type { Config } from './config.ts';
import { standingRollbacks } from './ledger.ts';
import { shellWord } from './shell.ts';
import type { MemberChoice, Situation } from './situation.ts';
import { tr } from './tr.ts';

/** Whether this run puts a backup in the place of the live database: its migrations come with it, and none is taken back. */
export function restoresDatabase({ mode, database, steps, skipSteps }: Config): boolean {
  const takesPart = !skipSteps.includes('restore-database') && (steps?.includes('restore-database') ?? true);
  return mode !== 'undo' && database?.backup !== undefined && takesPart;
}

/**
 * The newest migration that the target was verified with: from the newest rollback to the same releases that was verified and stands. Every
 * workload that goes, or is where a rollback took it, must be part of it, and no other may have been at another release then.
 */
export function targetHeadOf({ choice, ledger }: Pick<Situation, 'choice' | 'ledger'>): string | undefined {
  if (choice.kind === 'refused') return undefined;
  const goals = choice.members.map((one) => ({ ...one.member.ref, hash: goalOf(one), moves: moves(one) }));
  return standingRollbacks(ledger.ledger).find((record) => {
    if (record.verifiedAt === undefined || record.migrationHead === undefined) return false;
    const parts = goals.map((goal) => ({
      goal,
      part: record.members.find((member) => member.kind === goal.kind && member.name === goal.name),
    }));
    return (
      parts.some(({ part }) => part !== undefined) &&
      parts.every(({ goal, part }) => (part ? part.to === goal.hash : !goal.moves))
    );
  })?.migrationHead;
}

const goalOf = (one: MemberChoice): string => (one.kind === 'go' ? one.to.hash : one.member.hash);
const moves = (one: MemberChoice): boolean => one.kind === 'go' || one.why.key === 'skipped.at-target';

const CODE = /\.(c|m)?(js|ts)$|\.(sql|py|rb|php|xml|ya?ml|json|go|cs|java)$/;
const NO_MIGRATION =
  /^\.|\.d\.(c|m)?ts$|^(index|readme|changelog|package(-lock)?|tsconfig|meta)(\.|$)|\.(lock|map|md|toml|txt)$/i;
const natural = new Intl.Collator('en', { numeric: true });

/** Names of a folder as migrations, newest first by name: a way up and its way down are one, notes and locks are none. */
export function migrationsAmong(names: readonly string[]): string[] {
  const migrations = names.filter((name) => !NO_MIGRATION.test(name)).map(plainName);
  return [...new Set(migrations)].sort((a, b) => natural.compare(b, a) || (a < b ? 1 : -1));
}

function plainName(name: string): string {
  return name.replace(CODE, '').replace(/\.(up|down|do|undo)$/i, '');
}

/** Whether a head and a file name the same migration: `2_b.js` and `2_b`, or a version alone and `V002__b.sql`. */
export function isSameMigration(head: string, name: string): boolean {
  const [one, other] = [plainName(head), plainName(name)];
  if (one === other) return true;
  const version = /^[VvUu]?0*(\d+)(?=$|[_.-])/.exec(other)?.[1];
  return version !== undefined && one.replace(/^[Vv]?0*/, '') === version;
}

/** What lies between the live schema and that of the target. */
export type WayDown =
  /** Newest first. */
  | { readonly kind: 'known'; readonly take: readonly string[] }
  /** Nothing tells what lies between. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly why: string };

/** The migrations to take back, so that `to` is the newest that is applied. */
export function wayDown(seen: {
  readonly head: string;
  readonly to: string;
  /** All that are applied, newest first; where the tool's table tells. */
  readonly applied?: readonly string[] | undefined;
  /** As of `migrationsAmong`; where there is a folder. */
  readonly files?: readonly string[] | undefined;
  readonly downByName?: boolean | undefined;
}): WayDown {
  return seen.applied
    ? wayByTable(seen.to, seen.applied, seen.files ?? [], seen.downByName ?? false)
    : wayByFiles(seen);
}

function wayByTable(to: string, applied: readonly string[], files: readonly string[], downByName: boolean): WayDown {
  const at = applied.indexOf(to);
  if (at < 0) return refused(tr`${to} is not among the migrations that are applied (${listed(applied)})`);
  const take = applied.slice(0, at);
  const staying = applied.slice(at);
  if (downByName && take.some((name) => staying.some((other) => other > name))) {
    return refused(
      tr`migrations were applied in another order than that of their names (${listed(applied)}), and the tool takes back the last by name`,
    );
  }
  const absent = take.filter((name) => !files.some((file) => isSameMigration(name, file)));
  const sameNames = applied.some((name) => files.some((file) => isSameMigration(name, file)));
  return absent.length > 0 && sameNames ? refused(withoutFile(absent)) : { kind: 'known', take };
}

function wayByFiles({ head, to, files = [] }: Parameters<typeof wayDown>[0]): WayDown {
  const from = files.findIndex((file) => isSameMigration(head, file));
  const at = files.findIndex((file) => isSameMigration(to, file));
  if (at < 0) return { kind: 'unknown' };
  // The target's file is there, so files and heads have the same names: the head's is really missing.
  if (from < 0) return refused(withoutFile([head]));
  if (from > at)
    return refused(tr`${to} is newer than ${head}, which is the newest that is applied: that is no way back`);
  return { kind: 'known', take: files.slice(from, at) };
}

const refused = (why: string): WayDown => ({ kind: 'refused', why });

/** The code that takes a migration back came with the release that brought it. */
const withoutFile = (names: readonly string[]) =>
  tr`the folder of this checkout has no ${listed(names)}: the way back came with the bad release, and an older commit is checked out`;

/** At most ten, with the number of the others. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ') || tr`none`;
  return names.length > 10 ? tr`${shown} and ${names.length - 10} more` : shown;
}

export type Progress = 'arrived' | 'on-the-way' | 'stuck' | 'past';

/** Where one more command led. */
export function progressOf(
  way: Extract<WayDown, { kind: 'known' | 'unknown' }>,
  heads: { readonly before: string; readonly after: string | null; readonly to: string },
): Progress {
  const { before, after, to } = heads;
  if (after === to) return 'arrived';
  if (after === before) return 'stuck';
  if (after === null) return 'past';
  if (way.kind === 'unknown') return 'on-the-way';
  const place = (head: string) => way.take.findIndex((name) => isSameMigration(head, name));
  return place(after) > place(before) ? 'on-the-way' : 'past';
}

/**
 * The command with the name in the place of `{to}`. The name comes from a database: where it is more than a plain word it is quoted, and where the
 * command has quotes around the place, which would undo ours, it is refused.
 * @returns undefined where the name cannot stand there safely.
 */
export function commandTo(command: string, to: string): string | undefined {
  const word = shellWord(to);
  const isPlain = word === to && !to.startsWith('-');
  if (!command.includes('{to}') || isPlain) return command.replaceAll('{to}', () => word);
  const isWritten = word === `'${to.replaceAll("'", `'\\''`)}'`;
  return !isWritten || to.startsWith('-') || isQuoted(command) ? undefined : command.replaceAll('{to}', () => word);
}

/** Whether a `{to}` stands between quotes, after a backslash or in a here-document: anywhere but in plain sight. */
function isQuoted(command: string): boolean {
  return (
    command
      .split('{to}')
      .slice(0, -1)
      .some((before) => /["'\\`]|<</.test(before)) || /\{to\}["'`]/.test(command)
  );
}
