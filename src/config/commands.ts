import * as z from 'zod';
import type { CommandCheck } from '../core/config.ts';
import type { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';
import { invalid, show } from './faults.ts';
import { atMost, duration, onlyKeys, text } from './fields.ts';
import type { Merged } from './merge.ts';

export const COMMAND_TIMEOUT_MS = 5 * 60_000;

const line = text(() => tr`a command in one line`, 4000);
const detailed = z.strictObject(
  {
    run: line.meta({ description: 'The command; it must end with 0.' }),
    timeout: duration.optional().meta({ description: 'Time for it. Default: `5m`.' }),
  },
  onlyKeys('run, timeout'),
);

/** Commands of the project: in the input one a line, in the file a list, where an entry may also say its timeout. */
export const commands = z
  .union(
    [
      z.string(),
      z
        .array(z.union([line, detailed], { error: () => tr`allowed: a command, or a map with run` }))
        .max(50, atMost(50)),
    ],
    { error: () => tr`allowed: a list of commands` },
  )
  .transform((value): readonly CommandCheck[] =>
    (typeof value === 'string' ? linesOf(value) : value).map((entry) => {
      const { run, timeout = COMMAND_TIMEOUT_MS } = typeof entry === 'string' ? { run: entry } : entry;
      return { run, timeoutMs: timeout };
    }),
  );

/** `#` may be part of a command, so only whole lines are comments. */
function linesOf(block: string): string[] {
  return block
    .split('\n')
    .map((one) => one.trim().replace(/^- +/, ''))
    .filter((one) => one !== '' && !one.startsWith('#'));
}

/** The same command beside itself would meet itself, and tell nothing more. */
export function commandFaults({ value, where, hint }: Merged): RollbackError[] {
  const lines = (value('commands') ?? []).map(({ run }) => run);
  const twice = [...new Set(lines.filter((run, index) => lines.indexOf(run) !== index))];
  return twice.map((run) =>
    invalid(where('commands'), tr`has ${show(run)} more than once; allowed: each command once`, hint('commands')),
  );
}
