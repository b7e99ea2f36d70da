import { opendir, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { tr } from '../core/tr.ts';
import type { CommandOptions, CommandReader, CommandResult, CommandWriter } from '../ports/commands.ts';
import { commandEnvironment } from './command-environment.ts';
import { LastLines } from './last-lines.ts';
import { type Shell, startShell } from './shell.ts';

const KEPT_LINES = 50;
const LONGEST_LINE = 1000;
const MOST_NAMES = 20_000;
/** What a command left running in the background may still write for so long; then it is ended. */
const LEFT_BEHIND_MS = 1000;

export interface CommandsOptions {
  /** GITHUB_WORKSPACE: where commands run. */
  readonly workspace: string;
  /** The runner's own; what is withheld from commands: `commandEnvironment`. */
  readonly environment: NodeJS.ProcessEnv;
  /** Names of further variables that commands do not get. */
  readonly withhold?: readonly string[];
  /** Takes secrets out of a line. */
  readonly neutral: (text: string) => string;
  /** For `withDatabase`: DATABASE_URL and PG*. Asked before each command, as the address of a port-forward is known late. */
  readonly databaseEnvironment?: () => Promise<Readonly<Record<string, string>>>;
}

/** The project's own commands, by bash in the workspace. */
export function createCommands(options: CommandsOptions): CommandReader & CommandWriter {
  const run = async (command: string, asked: CommandOptions): Promise<CommandResult> => {
    const database = asked.withDatabase ? await options.databaseEnvironment?.() : undefined;
    const given = { ...database, ...asked.environment };
    return runCommand(command, options, commandEnvironment(options.environment, given, options.withhold), asked);
  };
  return { look: run, run, names: (folder) => namesIn(options.workspace, folder) };
}

async function runCommand(
  command: string,
  { workspace, neutral }: CommandsOptions,
  environment: Record<string, string>,
  { timeoutMs, signal }: CommandOptions,
): Promise<CommandResult> {
  const startedAt = performance.now();
  const lines = new LastLines(KEPT_LINES);
  const result = (exitCode: number | undefined, timedOut: boolean, more: readonly string[] = []): CommandResult => ({
    exitCode,
    timedOut,
    lines: [...lines.end().map((line) => shortened(neutral(line))), ...more],
    durationMs: Math.round(performance.now() - startedAt),
  });
  if (signal.aborted) return result(undefined, false, [tr`not started: the run was cancelled`]);
  // One pipe for both: their order is that in which they were written.
  const shell = startShell(`exec 2>&1; ${command}`, { environment, folder: workspace });
  shell.child.stdout?.on('data', (bytes: Buffer) => lines.push(bytes));
  shell.child.stderr?.on('data', (bytes: Buffer) => lines.push(bytes));
  let timedOut = false;
  let ending: Promise<void> | undefined;
  const end = (): void => {
    ending ??= shell.end();
  };
  signal.addEventListener('abort', end, { once: true });
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, timeoutMs);
  try {
    const { code, error } = await shell.exited;
    clearTimeout(timer);
    if (error) return result(undefined, false, [tr`bash cannot be started (${error.code ?? error.message})`]);
    await nothingLeft(shell, ending);
    return result(ending !== undefined ? undefined : (code ?? undefined), timedOut);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    shell.child.stdout?.destroy();
    shell.child.stderr?.destroy();
  }
}

/** Nothing that a command began goes on after it: a migration in the background would meet the next step. */
async function nothingLeft(shell: Shell, ending: Promise<void> | undefined): Promise<void> {
  await (ending ?? within(shell.closed, LEFT_BEHIND_MS));
  shell.kill();
  // A process that left the group (setsid) may hold the pipe for ever; nobody waits for it.
  await within(shell.closed, LEFT_BEHIND_MS);
}

async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([promise, late.promise]);
  clearTimeout(timer);
}

function shortened(line: string): string {
  const characters = line.length > LONGEST_LINE ? [...line] : [];
  return characters.length > LONGEST_LINE ? `${characters.slice(0, LONGEST_LINE - 1).join('')}…` : line;
}

async function namesIn(workspace: string, folder: string): Promise<readonly string[] | undefined> {
  try {
    const root = await realpath(workspace);
    const path = await realpath(resolve(root, folder));
    const way = relative(root, path);
    if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return undefined;
    const names: string[] = [];
    for await (const { name } of await opendir(path)) {
      if (names.push(name) >= MOST_NAMES) break;
    }
    return names;
  } catch {
    return undefined;
  }
}
