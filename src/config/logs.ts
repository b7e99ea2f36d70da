import * as z from 'zod';
import type { Config } from '../core/config.ts';
import { ERROR_LINE } from '../core/log-errors.ts';
import { tr } from '../core/tr.ts';
import { atMost, integer, matching, onlyKeys, text } from './fields.ts';
import type { Merged } from './merge.ts';

/**
 * A regular expression of JavaScript, in one line. How long it takes shows only when it runs (`core/log-pattern.ts`); here is refused what cannot be
 * compiled, and what would find an error in every line.
 */
const pattern = text(() => tr`a regular expression in one line`, 300)
  .refine(isPattern, {
    error: () => tr`allowed: a regular expression as JavaScript has it, for example ERROR|FATAL`,
  })
  .refine((source) => !isPattern(source) || !new RegExp(source).test(''), {
    error: () => tr`allowed: a pattern that does not match an empty line`,
  });

function isPattern(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}

/** The `logs` section of the file. */
export const logs = z.strictObject(
  {
    errors: pattern.optional().meta({
      description:
        'Regular expression (JavaScript, case matters) of a line that reports an error. Default: levels from error up, exceptions, panics and tracebacks in their usual spellings.',
    }),
    'max-increase': integer(0, 1_000_000).optional().meta({
      description:
        'Error lines of a workload above those that the release before logged in the same time; more turn the run red. Without it they are told only.',
    }),
  },
  onlyKeys('errors, max-increase'),
);

/** The `events` section of the file. */
export const events = z.strictObject(
  {
    ignore: z
      .array(
        // events.k8s.io/v1: a reason has at most 128 characters; all that there are is in CamelCase.
        matching(
          /^[A-Za-z][A-Za-z0-9]{0,127}$/,
          () => tr`the reason of an event, for example FailedToRetrieveImagePullSecret`,
        ),
        { error: () => tr`allowed: a list of reasons` },
      )
      .max(50, atMost(50))
      .optional()
      .meta({ description: 'Reasons of Warning events that say nothing in this cluster, like `DNSConfigForming`.' }),
  },
  onlyKeys('ignore'),
);

export function logsAndEventsOf({ value }: Merged): Pick<Config, 'logs' | 'events'> {
  const { errors = ERROR_LINE, 'max-increase': maxIncrease } = value('logs') ?? {};
  return {
    logs: { errors, ...(maxIncrease === undefined ? {} : { maxIncrease }) },
    events: { ignore: value('events')?.ignore ?? [] },
  };
}
