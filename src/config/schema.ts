import * as z from 'zod';
import { AT_BUDGET_END, LANGUAGES, MIGRATION_TOOLS, MODES, NOTIFY_USERS, ON_FAILURE } from '../core/config.ts';
import { AVAILABLE_TIERS, TIER_NAMES, TIERS } from '../core/tier.ts';
import { tr } from '../core/tr.ts';
import { availableTiers, LATER_MODES, LATER_TIERS } from './available.ts';
import { backupPath } from './backup-path.ts';
import { commands } from './commands.ts';
import {
  age,
  atMost,
  duration,
  flag,
  folder,
  ids,
  integer,
  label,
  matching,
  objectName,
  onlyKeys,
  programs,
  selector,
  sha256,
  target,
  text,
  word,
  words,
  workloads,
} from './fields.ts';
import { health, healthUrls } from './health.ts';
import { events, logs } from './logs.ts';
import { messages, records } from './messages.ts';
import { alerts, metrics, serverAddress } from './monitoring.ts';

const same = <T extends string>(names: readonly T[]) =>
  Object.fromEntries(names.map((name) => [name, name])) as Record<T, T>;
const worksToday = (name: string) => (AVAILABLE_TIERS as readonly string[]).includes(TIER_NAMES[name] ?? '');
const tierNames = Object.fromEntries(Object.entries(TIER_NAMES).filter(([name]) => worksToday(name)));
const laterTiers = [...Object.keys(TIER_NAMES).filter((name) => !worksToday(name)), ...LATER_TIERS, ...TIERS];

const path = text(() => tr`a path`);
const command = text(() => tr`a command in one line`, 4000);

export const INSECURE_PARTS = ['tokenFile', 'path', 'skip-tls-verify', 'proxy', 'http'] as const;
export type InsecurePart = (typeof INSECURE_PARTS)[number];

/** What may stand both in an input and in the config file, under the same name. Descriptions and defaults: `action.yml`. */
export const OPTIONS = {
  mode: word(same(MODES), LATER_MODES),
  tier: word(tierNames, laterTiers, availableTiers()),
  namespace: label,
  workloads,
  selector,
  context: text(() => tr`the name of a context`),
  'expected-cluster': matching(
    /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
    () => tr`the UID of the namespace kube-system, like 0c9a2f6e-4b1d-4c55-9a51-0d9f3c1f7a10`,
  ),
  to: target,
  'deploy-window': duration,
  'stable-for': duration,
  timeout: duration,
  'max-parallel': integer(1, 500),
  'on-failure': word(same(ON_FAILURE)),
  steps: ids,
  'skip-steps': ids,
  'required-checks': ids,
  'allow-gitops': flag,
  'allow-exec-plugins': programs,
  'allow-insecure': words(INSECURE_PARTS),
  'health-urls': healthUrls,
  commands,
  'notify-users': word(same(NOTIFY_USERS)),
  'alertmanager-url': serverAddress,
  'prometheus-url': serverAddress,
  'backup-path': backupPath,
  'backup-command': command,
  'backup-sha256': sha256,
  'max-backup-age': age,
  'schema-compatible': flag,
  'restart-after-swap': flag,
  'fence-writers': flag,
  'max-data-loss': integer(0, 999_999_999),
  'allow-unsafe-dump': flag,
  'safety-backup': folder,
  run: matching(
    /^[A-Za-z0-9][\w.-]{0,62}$/,
    () => tr`the name of a run as the output \`run\` and the report have it, for example 4711-1-0a1b2c`,
  ),
  reason: text(() => tr`a reason in one line`, 500),
  language: word(same(LANGUAGES)),
} as const;
export type OptionName = keyof typeof OPTIONS;
export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/** What an option is when nobody says anything, as it would be typed. `timeout` is the tier's budget. */
export const DEFAULTS = {
  mode: 'rollback',
  tier: 'rapid',
  to: 'auto',
  'deploy-window': '30m',
  'stable-for': '10s',
  'max-parallel': '50',
  'on-failure': 'keep',
  'allow-gitops': 'false',
  'allow-exec-plugins': 'aws aws-iam-authenticator gke-gcloud-auth-plugin kubelogin',
  'allow-insecure': 'none',
  'schema-compatible': 'false',
  'restart-after-swap': 'true',
  'fence-writers': 'false',
  'allow-unsafe-dump': 'false',
  'safety-backup': 'kept-database',
  'notify-users': 'auto',
  language: 'en',
} as const satisfies Partial<Record<OptionName, string>>;

const query = z
  .string({ error: () => tr`allowed: an SQL query` })
  .min(1, { error: () => tr`allowed: an SQL query` })
  .max(10_000, { error: () => tr`allowed: at most ${10_000} characters` });
const list = <T extends z.ZodType>(element: T, allowed: () => string) =>
  z
    .array(element, { error: () => tr`allowed: a list of ${allowed()}` })
    .min(1, { error: () => tr`allowed: a list of ${allowed()}, at least one` })
    .max(200, atMost(200));

/** `..` would lead out of the repository whose migrations these are. */
const inWorkspace = path.refine((at) => !at.startsWith('/') && !at.split('/').includes('..'), {
  error: () => tr`allowed: a path inside of the workspace`,
});

const migrations = z.strictObject(
  {
    directory: inWorkspace.optional().meta({ description: 'Folder of the migrations, in the repository.' }),
    tool: word(same(MIGRATION_TOOLS))
      .optional()
      .meta({ description: 'What keeps the migrations: its own table then tells which one is the newest.' }),
    status: command.optional().meta({ description: 'Command that shows which migrations are applied.' }),
    rollback: command.optional().meta({
      description: 'Command that takes migrations back: to `{to}` where that stands in it, else the last one.',
    }),
    head: query.optional().meta({
      description:
        'SQL query that names the newest migration that is applied; instead of `tool`, or where its table is another.',
    }),
    to: text(() => tr`the name of a migration`, 255)
      .optional()
      .meta({
        description: 'The newest migration that the target release knows, where the ledger does not tell.',
      }),
    timeout: duration.optional().meta({ description: 'Time for one of these commands. Default: `5m`.' }),
  },
  onlyKeys('directory, tool, status, rollback, head, to, timeout'),
);

const identifier = (what: () => string) => {
  const allowed = () => tr`${what()}, at most 63 bytes`;
  return text(allowed, 63).refine((name) => Buffer.byteLength(name) <= 63, { error: () => tr`allowed: ${allowed()}` });
};

const database = z.strictObject(
  {
    name: identifier(() => tr`the name of the database`)
      .optional()
      .meta({
        description: 'Name of the live database. Without it, the one that `database-url` or PGDATABASE names.',
      }),
    backup: backupPath.optional().meta({ description: 'As the option `backup-path`.' }),
    'backup-command': command.optional().meta({ description: 'As the option of this name.' }),
    'backup-sha256': sha256.optional().meta({ description: 'As the option of this name.' }),
    checks: list(query, () => tr`SQL queries`)
      .optional()
      .meta({ description: 'SQL queries that must answer true on the restored database before it is used.' }),
    'timestamp-column': identifier(() => tr`the name of a column`)
      .optional()
      .meta({
        description:
          'Column that says when a row was written: rows newer than the backup are counted by it, in the tables that have it.',
      }),
    'export-rows': folder.optional().meta({
      description: 'Folder for the rows that a restore or an undo gives up, one CSV file a table.',
    }),
    migrations: migrations.optional().meta({ description: "The project's own migrations." }),
  },
  onlyKeys('name, backup, backup-command, backup-sha256, checks, timestamp-column, export-rows, migrations'),
);

const secret = z.strictObject(
  {
    name: objectName.meta({ description: 'Name of the Secret.' }),
    keys: z
      .record(
        matching(/^[-._a-zA-Z0-9]{1,253}$/, () => tr`a key of a Secret: letters, digits, ".", "_" and "-"`),
        matching(
          /^[A-Za-z_]\w*$/,
          () => tr`the name of an environment variable that holds the value (never the value itself)`,
        ),
        { error: () => tr`allowed: keys, each with the name of an environment variable` },
      )
      .refine((keys) => Object.keys(keys).length > 0, { error: () => tr`allowed: at least one key` })
      .meta({ description: 'Key of the Secret, and the environment variable that holds its value.' }),
  },
  onlyKeys('name, keys'),
);

const featureFlags = z.strictObject(
  {
    'config-map': objectName.meta({ description: 'ConfigMap that holds the flags.' }),
    disable: list(
      matching(/^[-._a-zA-Z0-9]{1,253}$/, () => tr`the key of a flag`),
      () => tr`flags`,
    ).meta({
      description: 'Flags that become "false".',
    }),
  },
  onlyKeys('config-map, disable'),
);

const phoneOrAddress = () => tr`a phone number or an address`;
const contacts = z.strictObject(
  {
    devops: text(phoneOrAddress, 200).optional(),
    database: text(phoneOrAddress, 200).optional(),
    security: text(phoneOrAddress, 200).optional(),
  },
  onlyKeys('devops, database, security'),
);

const TEMPORARY = /^(job|pod|pvc)\/[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

const temporary = () => tr`job/NAME, pod/NAME or pvc/NAME`;
const clusterScoped = () => tr`KIND/NAME, for example ClusterRole/web-reader`;

/** What stands in the file only, because it is longer than an input should be. */
export const SECTIONS = {
  health: health.meta({ description: 'Health checks: URLs, Service ports, or maps that say what a right answer is.' }),
  database: database.meta({ description: 'The PostgreSQL database of the application.' }),
  secrets: list(secret, () => 'Secrets').meta({
    description: 'Keys of Secrets to put back, each from an environment variable.',
  }),
  'feature-flags': featureFlags.meta({ description: 'Feature flags to switch off.' }),
  manifests: path.meta({ description: 'Manifest file, or folder of manifests, of the known-good configuration.' }),
  'allow-cluster-scoped': list(matching(/^[A-Z][A-Za-z]{0,62}\/[^\s/]{1,253}$/, clusterScoped), clusterScoped).meta({
    description: 'Objects outside of any namespace that the manifests may change; all others are refused.',
  }),
  'temporary-resources': list(matching(TEMPORARY, temporary), temporary).meta({
    description: 'Leftovers of the release to delete.',
  }),
  metrics: metrics.meta({ description: 'PromQL queries whose answers must be right after the rollback.' }),
  alerts: alerts.meta({ description: "The application's alerts in Alertmanager." }),
  logs: logs.meta({ description: 'What counts as an error in the logs of the pods, and how many more are too many.' }),
  events: events.meta({ description: 'Events of the cluster that say nothing about the application.' }),
  messages: messages.meta({ description: 'What messages call the application, and who gets mail.' }),
  records: records.meta({ description: 'What is kept of the rollback on GitHub.' }),
  'at-budget-end': word(same(AT_BUDGET_END)).meta({
    description:
      "What happens when the tier's time is over and the run is not: `continue`, `escalate` (tells the team at once, and goes on) or `stop` (begins nothing any more that cannot be taken back). Without it the run ends at its `timeout`; with `continue` or `escalate` and no `timeout` it has twice the tier's time.",
  }),
  'deploy-workflows': list(
    matching(/^[\w.-]+\.ya?ml$/, () => tr`the file name of a workflow, for example deploy.yml`),
    () => tr`file names of workflows`,
  ).meta({
    description:
      'Workflows that deploy this application: their queued and running runs are cancelled, where the token may.',
  }),
  contacts: contacts.meta({
    description:
      'Whom to call, named in the report by cause when something fails: `security` for Secrets, `database` for the database, `devops` for the rest.',
  }),
} as const;
export type SectionName = keyof typeof SECTIONS;

const keys = { ...OPTIONS, ...SECTIONS };
export type FileKey = keyof typeof keys;
export const FILE_KEYS: Readonly<Record<FileKey, z.ZodType>> = keys;

/** Values as the program reads them. */
export type Values = { -readonly [K in FileKey]?: z.output<(typeof keys)[K]> };

/** The whole file as one schema: the source of `schemas/config.schema.json`. */
export function fileSchema(): z.ZodObject {
  const optional = Object.entries(FILE_KEYS).map(([key, schema]) => [key, schema.optional()] as const);
  return z.strictObject(Object.fromEntries(optional));
}
