import * as z from 'zod';
import type { AlertMatcher } from '../core/alerts.ts';
import type { Config } from '../core/config.ts';
import type { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';
import { invalid, show } from './faults.ts';
import { atMost, flag, onlyKeys, text } from './fields.ts';
import { refusedUrl } from './health.ts';
import type { Merged } from './merge.ts';

const forms = () => tr`https://HOST, with its path prefix where there is one`;

/** Address of a server of the monitoring. Credentials in it are for basic authentication; it is kept as a secret. */
export const serverAddress = text(forms, 2000).transform((written, ctx): string => {
  if (/^https?:\/\//i.test(written) && URL.canParse(written) && new URL(written).search === '') return written;
  ctx.addIssue({ code: 'custom', message: tr`allowed: ${forms()}`, params: { seen: refusedUrl(written) } });
  return z.NEVER;
});

const bound = z.number({ error: () => tr`allowed: a number` });
const check = z
  .strictObject(
    {
      name: text(() => tr`a name`, 100).meta({ description: 'What it is called in the report.' }),
      query: text(() => tr`a PromQL query in one line`, 4000).meta({
        description: 'PromQL expression: an instant vector or a scalar. Each sample is held to the bounds.',
      }),
      min: bound.optional().meta({ description: 'The least that is right.' }),
      max: bound.optional().meta({ description: 'The most that is right.' }),
      'max-ratio': bound
        .positive({ error: () => tr`allowed: a number above 0` })
        .optional()
        .meta({ description: 'The most that is right, as a multiple of what it was before the bad release.' }),
    },
    onlyKeys('name, query, min, max, max-ratio'),
  )
  .refine((one) => one.min !== undefined || one.max !== undefined || one['max-ratio'] !== undefined, {
    error: () => tr`allowed: a query with at least one of min, max, max-ratio`,
  });

/** The `metrics` list of the file. */
export const metrics = z
  .array(check, { error: () => tr`allowed: a list of maps with name, query` })
  .max(50, atMost(50));

/** https://github.com/prometheus/alertmanager/blob/main/matcher/parse: `name="value"`, with `=`, `!=`, `=~` or `!~`. */
const MATCHER = /^([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"([^"\\]*)"|([^\s"{},]+))$/;
const matcherForms = () => tr`NAME=VALUE, NAME!=VALUE, NAME=~REGEX or NAME!~REGEX`;
const matcher = text(matcherForms, 500).transform((written, ctx): AlertMatcher => {
  const [, name = '', operator = '', quoted, bare = ''] = MATCHER.exec(written.trim()) ?? [];
  if (name === '') {
    ctx.addIssue({ code: 'custom', message: tr`allowed: ${matcherForms()}` });
    return z.NEVER;
  }
  return { name, value: quoted ?? bare, isRegex: operator.endsWith('~'), isEqual: !operator.startsWith('!') };
});

/** The `alerts` section of the file. */
export const alerts = z.strictObject(
  {
    matchers: z
      .array(matcher, { error: () => tr`allowed: a list of matchers` })
      .min(1, { error: () => tr`allowed: at least one matcher` })
      .max(20, atMost(20))
      .optional()
      .meta({
        description: "Labels of the application's alerts, like `service=shop`. Default: `namespace=NAMESPACE`.",
      }),
    silence: flag.optional().meta({ description: 'Whether they are silenced while the run lasts. Default: `true`.' }),
  },
  onlyKeys('matchers, silence'),
);

export function monitoringOf({ value }: Merged): Pick<Config, 'commands' | 'metrics' | 'alerts'> {
  const { matchers, silence = true } = value('alerts') ?? {};
  const namespace = { name: 'namespace', value: value('namespace') ?? '', isRegex: false, isEqual: true };
  return {
    commands: value('commands') ?? [],
    metrics: (value('metrics') ?? []).map(({ name, query, min, max, 'max-ratio': maxRatio }) => ({
      name,
      query,
      ...(min === undefined ? {} : { min }),
      ...(max === undefined ? {} : { max }),
      ...(maxRatio === undefined ? {} : { maxRatio }),
    })),
    alerts: { matchers: matchers ?? [namespace], silence },
  };
}

/** A choice of alerts that Alertmanager refuses to silence. An `alerts` section without a server is skipped, and said: no rollback is refused for it. */
export function alertFaults(merged: Merged): RollbackError[] {
  const { value, faulty, where, hint } = merged;
  const section = value('alerts');
  if (!section || faulty('alerts') || !isAsked(merged, 'check-alerts')) return [];
  if (!section.matchers?.every(matchesNothingToo)) return [];
  return [
    invalid(
      where('alerts', 'matchers'),
      tr`all of them match alerts without any of these labels; expected: at least one that names a value`,
      hint('alerts'),
    ),
  ];
}

/** Two queries of one name. */
export function metricFaults(merged: Merged): RollbackError[] {
  const { value, faulty, where } = merged;
  const names = (value('metrics') ?? []).map(({ name }) => name);
  if (names.length === 0 || faulty('metrics') || !isAsked(merged, 'check-metrics')) return [];
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  return twice.map((name) =>
    invalid(
      where('metrics'),
      tr`has two queries of the name ${show(name)}; allowed: each name once`,
      tr`Call one of them something else: the report tells them apart by their names.`,
    ),
  );
}

/** https://github.com/prometheus/alertmanager/blob/main/silence/silence.go: one matcher at least must not match the empty string. */
function matchesNothingToo({ value, isRegex, isEqual }: AlertMatcher): boolean {
  if (!isRegex) return (value === '') === isEqual;
  try {
    return new RegExp(`^(?:${value})$`).test('') === isEqual;
  } catch {
    // Alertmanager has another dialect, and will say so itself.
    return false;
  }
}

function isAsked({ value }: Merged, id: string): boolean {
  return (value('steps')?.includes(id) ?? true) && !(value('skip-steps') ?? []).includes(id);
}
