import * as z from 'zod';
import type { Config } from '../core/config.ts';
import type { RollbackError } from '../core/errors.ts';
import { isMailAddress } from '../core/smtp-address.ts';
import { tr } from '../core/tr.ts';
import { inputText, invalid } from './faults.ts';
import { atMost, duration, flag, integer, matching, onlyKeys, text } from './fields.ts';
import type { Merged } from './merge.ts';
import type { Surroundings } from './surroundings.ts';

const DOWNTIME_MS = 60_000;
const DUE_IN_DAYS = 5;

const addressText = () => tr`allowed: an e-mail address alone, like ops@example.com, without a name and without quotes`;
/** What is refused is not shown: a slip of the pen does not make it less of a person's address. */
const address = z.string({ error: addressText }).superRefine((written, ctx) => {
  if (!isMailAddress(written)) ctx.addIssue({ code: 'custom', message: addressText(), params: { seen: '***' } });
});
const login = matching(/^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,38})$/, () => tr`the login of a GitHub user`);

/** The `messages` section of the file. */
export const messages = z.strictObject(
  {
    application: text(() => tr`the name of the application`, 100)
      .optional()
      .meta({ description: 'What the application is called in messages. Default: its namespace.' }),
    users: z
      .array(address, { error: () => tr`allowed: a list of e-mail addresses` })
      .min(1, { error: () => tr`allowed: at least one address` })
      .max(500, atMost(500))
      .optional()
      .meta({ description: 'Who gets the maintenance notice. No recipient sees another.' }),
    from: address.optional().meta({ description: 'Address of the sender of mail.' }),
    downtime: duration
      .optional()
      .meta({ description: 'Measured downtime from which users are told, with `notify-users: auto`. Default: `1m`.' }),
  },
  onlyKeys('application, users, from, downtime'),
);

/** The `records` section of the file. */
export const records = z.strictObject(
  {
    'post-mortem': flag
      .optional()
      .meta({ description: 'Whether an issue is made or brought up to date. Default: `true`.' }),
    labels: z
      .array(
        text(() => tr`a label`, 50),
        { error: () => tr`allowed: a list of labels` },
      )
      .max(20, atMost(20))
      .optional()
      .meta({ description: 'Labels of the issue, on top of `post-mortem`.' }),
    assignees: z
      .array(login, { error: () => tr`allowed: a list of logins` })
      .max(10, atMost(10))
      .optional()
      .meta({ description: 'Who shall hold the post-mortem.' }),
    'due-in-days': integer(1, 365).optional().meta({ description: 'When the post-mortem is due. Default: `5`.' }),
    environment: text(() => tr`the name of an environment`, 255)
      .optional()
      .meta({ description: 'Environment on GitHub whose deployment gets a status. Without it, none is made.' }),
    branch: matching(/^(?!.*(\.\.|\/\/|@\{))[\w][\w./-]{0,200}$/, () => tr`the name of a branch`)
      .optional()
      .meta({ description: 'Branch, which must exist, that the record of each rollback is committed to.' }),
    details: flag.optional().meta({
      description:
        'Whether log lines, the output of commands and addresses are recorded in a public repository, too. Default: `false`.',
    }),
  },
  onlyKeys('post-mortem, labels, assignees, due-in-days, environment, branch, details'),
);

export function messagesOf({ value }: Merged): Pick<Config, 'messages' | 'records'> {
  const { application, users = [], from, downtime = DOWNTIME_MS } = value('messages') ?? {};
  const kept = value('records') ?? {};
  return {
    messages: {
      ...(application === undefined ? {} : { application }),
      notifyUsers: value('notify-users') ?? 'auto',
      users,
      ...(from === undefined ? {} : { from }),
      downtimeMs: downtime,
    },
    records: {
      postMortem: kept['post-mortem'] ?? true,
      labels: kept.labels ?? [],
      assignees: kept.assignees ?? [],
      dueInDays: kept['due-in-days'] ?? DUE_IN_DAYS,
      ...(kept.environment === undefined ? {} : { environment: kept.environment }),
      ...(kept.branch === undefined ? {} : { branch: kept.branch }),
      details: kept.details ?? false,
    },
  };
}

/** Receivers whose addresses cannot be right, and mail that could never be sent. */
export function messageFaults(merged: Merged, { receivers }: Surroundings): RollbackError[] {
  const { value, faulty, where, isWhole } = merged;
  const faults = [...receivers.faults(value('allow-insecure')?.includes('http') ?? false)];
  const unread = (['messages', 'notify-users', 'steps', 'skip-steps'] as const).some(faulty) || !isWhole;
  if (unread || !isMailWanted(merged) || !(receivers.mail || value('notify-users') === 'always')) return faults;
  const { users, from } = value('messages') ?? {};
  const why = receivers.mail ? tr`smtp-url is given` : tr`${where('notify-users')} asks for mail`;
  const place = (key: string) => (value('messages') === undefined ? `messages.${key}` : where('messages', key));
  const end = tr`or take mail out by \`notify-users: never\`.`;
  if (!receivers.mail)
    faults.push(
      invalid(
        inputText('smtp-url'),
        tr`is missing, and notify-users is always; expected: the mail server`,
        tr`Type \`smtp-url: \${{ secrets.SMTP_URL }}\` in the \`with:\` of the step (\`gh secret list\` shows what is stored), ${end}`,
      ),
    );
  if (users === undefined)
    faults.push(
      invalid(
        place('users'),
        tr`is missing, and ${why}; expected: who gets the mail`,
        tr`Add \`messages: { users: [users@example.com] }\` to the config file, ${end}`,
      ),
    );
  if (from === undefined)
    faults.push(
      invalid(
        place('from'),
        tr`is missing, and ${why}; expected: the address of the sender`,
        tr`Add \`messages: { from: ops@example.com }\` to the config file, ${end}`,
      ),
    );
  return faults;
}

function isMailWanted({ value }: Merged): boolean {
  const id = 'notify-users';
  const only = value('steps');
  return (
    value(id) !== 'never' && (only === undefined || only.includes(id)) && !(value('skip-steps') ?? []).includes(id)
  );
}
