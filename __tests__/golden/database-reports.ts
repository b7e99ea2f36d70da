import type { TablePrice } from '../../src/core/database/database.ts';
import type { DatabaseReport, Report } from '../../src/core/report.ts';
import type { RestoreChange } from '../../src/core/restore.ts';
import { said } from '../../src/core/said.ts';
import type { StepReport } from '../../src/core/step.ts';
import { validationOf } from '../../src/core/validation.ts';
import { atTarget, failure, goodSteps, passed, report, step, untouched, workload } from './samples.ts';

const SHA = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const KEPT = 'shop_kept_5e884898';

const table = (name: string, rowsNow: number, rowsAfter: number, more: Partial<TablePrice> = {}): TablePrice => ({
  table: `"public"."${name}"`,
  rowsNow,
  rowsAfter,
  changes: { inserted: 0, updated: 0, deleted: 0 },
  ...more,
});

const backup: NonNullable<DatabaseReport['backup']> = {
  name: '/backups/pre_change_2026-03-01_02-00.sql',
  madeAt: '2026-03-01T02:00:00Z',
  bytes: 411_238_117,
  sha256: SHA,
  integrity: 'proven',
  why: 'newest-before-bad-release',
  passedOver: [
    {
      name: '/backups/pre_change_2026-03-01_14-00.sql',
      why: 'made 2026-03-01T14:00:00Z, after the bad release of 2026-03-01T13:41:00Z',
    },
    { name: '/backups/pre_change_2026-02-28_02-00.sql', why: 'older than /backups/pre_change_2026-03-01_02-00.sql' },
  ],
};

const exactPrice: NonNullable<DatabaseReport['price']> = {
  tables: [
    table('orders', 812_442, 811_300, { givenUp: 1142, newer: 1142 }),
    table('order_lines', 2_310_019, 2_307_004, { givenUp: 3015, newer: 3015 }),
    table('users', 10_412, 10_390, { givenUp: 61, newer: 22 }),
    table('countries', 249, 249, { givenUp: 0, newer: 0 }),
    table('migrations', 44, 43, { givenUp: 1 }),
  ],
  rowsGivenUp: 4219,
  basis: 'exact',
  ageMs: 43_316_700,
};

const restored: DatabaseReport = {
  name: 'shop',
  server: 'db.shop.example:5432',
  backup,
  price: exactPrice,
  live: { oid: 24_601, is: 'restored' },
  kept: { name: KEPT, oid: 16_384 },
};

const completeSteps: StepReport[] = [
  ...goodSteps.slice(0, 4),
  goodSteps[4] as StepReport,
  step(
    'backup-database',
    passed(`database ${KEPT}`, 'OID 16384, kept on the same server: not a disaster backup', 'OID 16384'),
    { durationMs: 12 },
  ),
  step(
    'restore-database',
    passed('database shop', 'OID 24601, the restored one, 44 tables as in the dump', 'OID 24601, the restored one', {
      subject: 'check SELECT count(*) > 0 FROM users',
      observed: 't',
      expected: 't',
    }),
    { changed: true, durationMs: 38_400 },
  ),
  step(
    'rollback-migrations',
    passed('migration head', '20260218_add_invoices', '20260218_add_invoices, as the target was verified with'),
    { durationMs: 45 },
  ),
  step('restore-secrets', { status: 'skipped', reason: said('skipped.secrets-set') }),
];

const kept = [
  said('note.kept-database', { name: KEPT }),
  said('note.order-database-first', { why: 'schema-unknown' }),
  said('note.restarted-after-swap', { workloads: 'deployment/web, deployment/api' }),
];

const complete = (more: Partial<Report> = {}): Report =>
  report({
    tier: 'complete',
    budgetMs: 900_000,
    durationMs: 71_300,
    steps: completeSteps,
    database: restored,
    notes: [...report().notes, ...kept],
    contacts: { ...report().contacts, database: '+224 621 00 00 00' },
    ...more,
  });

const restoreChange: Omit<RestoreChange, 'summary'> = {
  kind: 'load',
  live: { name: 'shop', oid: 16_384 },
  side: { name: 'shop_rb_5e884898' },
  kept: KEPT,
  isSwapped: false,
  marker: `tiered-rollback 5e884898 ${SHA}`,
  backup: { name: backup.name, sha256: SHA, madeAt: '2026-03-01T02:00:00Z' },
  order: 'database',
};

const completePlan = (): NonNullable<Report['plan']> => ({
  tier: 'complete',
  digest: '0c11ab93d2e48177',
  steps: [
    ...(report().plan?.steps ?? []).slice(0, 2),
    {
      step: 'backup-database',
      planned: { kind: 'no-op', reason: said('skipped.not-configured', { what: 'safety-backup' }) },
    },
    {
      step: 'restore-database',
      planned: {
        kind: 'change',
        change: {
          summary: [
            `database shop: restore ${backup.name} of 2026-03-01T02:00:00Z beside it, then swap; keep the live one as ${KEPT}`,
          ],
          ...restoreChange,
        },
      },
    },
    { step: 'rollback-migrations', planned: { kind: 'check' } },
    {
      step: 'restore-secrets',
      planned: { kind: 'change', change: { summary: ['secret/app-secrets: PDG_ACCESS_CODE, ADMIN_ACCESS_CODE'] } },
    },
    { step: 'check-pods', planned: { kind: 'check' } },
    { step: 'check-health', planned: { kind: 'check' } },
  ],
});

const changes = (inserted: number, updated: number, deleted: number) => ({ inserted, updated, deleted });

const estimate: NonNullable<DatabaseReport['price']> = {
  tables: [
    table('orders', 812_442, 811_300, { newer: 1142, changes: changes(1142, 2210, 0) }),
    table('order_lines', 2_310_019, 2_307_004, { newer: 3015, changes: changes(3015, 0, 0) }),
    table('users', 10_412, 10_390, { newer: 22, changes: changes(22, 39, 0) }),
    table('countries', 249, 249),
    table('migrations', 44, 43, { changes: changes(1, 0, 0) }),
  ],
  rowsGivenUp: 4180,
  basis: 'at-least',
  ageMs: 43_316_700,
  estimatedMs: 402_000,
};

const live: DatabaseReport = {
  name: 'shop',
  server: 'db.shop.example:5432',
  backup: { ...backup, integrity: 'not-proven' },
  price: estimate,
  live: { oid: 16_384, is: 'before' },
};

const { live: _live, ...withoutLive } = live;

const tooHigh = failure(
  'PRICE_TOO_HIGH',
  'at least 4180 rows of shop would be given up, max-data-loss allows 100: "public"."order_lines": 2310019 now, 2307004 after, 3015 given up; "public"."orders": 812442 now, 811300 after, 1142 given up',
  'If they may be given up, set max-data-loss: 4180 and run again. The kept database still has them.',
);

const swapFailed = failure(
  'SWAP_FAILED',
  'database shop could not be renamed: pid 4711 (user "postgres", application "pgAdmin 4") stays',
  'Let its owner close it, then run again: what is loaded need not be loaded again.',
);

const swapUnknown = failure(
  'SWAP_UNKNOWN',
  'the server db.shop.example:5432 was lost while shop and shop_rb_5e884898 were swapped, and did not come back within 30.0 s',
  `When it is back, run again: it goes on. To look: psql -h db.shop.example -p 5432 -d postgres -c 'SELECT oid, datname FROM pg_database'`,
);

const byHand = [
  '-- Stop what writes to "shop", then, as a superuser, connected to another database (psql -d postgres):',
  `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('shop', 'shop_rb_5e884898') AND pid <> pg_backend_pid();`,
  `BEGIN; ALTER DATABASE "shop" RENAME TO "${KEPT}"; ALTER DATABASE "shop_rb_5e884898" RENAME TO "shop"; COMMIT;`,
];

const withoutRestore = (failed: StepReport): StepReport[] => [
  ...completeSteps.slice(0, 1),
  step('undo-workloads', { status: 'skipped', reason: said('skipped.blocked', { step: 'restore-database' }) }),
  ...['unblock-pods', 'check-pods', 'check-health'].map((id) =>
    step(id, { status: 'skipped', reason: said('skipped.blocked', { step: 'restore-database' }) }),
  ),
  failed,
  step('rollback-migrations', { status: 'skipped', reason: said('skipped.blocked', { step: 'restore-database' }) }),
  step('restore-secrets', { status: 'skipped', reason: said('skipped.secrets-set') }),
];

const failedRestore = step(
  'restore-database',
  {
    status: 'failed',
    failure: swapFailed,
    evidence: [{ subject: 'database shop', observed: 'OID 16384, the one from before', expected: 'OID 24601' }],
  },
  { changed: true, durationMs: 44_100 },
);

const refusedByPrice = (language: Report['language']): Report =>
  complete({
    language,
    outcome: 'refused',
    healthy: 'unknown',
    rolledBack: false,
    durationMs: 1320,
    workloads: [untouched('web'), untouched('api')],
    steps: [],
    validation: validationOf([], 'complete'),
    plan: completePlan(),
    preflight: [{ check: 'database', subject: 'database shop', severity: 'refuse', failure: tooHigh }],
    findings: { before: [], after: [] },
    kept: [],
    probes: [],
    notes: [said('note.integrity', { backup: backup.name })],
    failures: [tooHigh],
    next: [tooHigh.hint],
    database: withoutLive,
  });

const undoSteps: StepReport[] = [
  goodSteps[0] as StepReport,
  step(
    'undo-workloads',
    passed('deployment/web', 'runs web:1.5.0', 'runs web:1.5.0', {
      subject: 'deployment/api',
      observed: 'runs api:1.5.0',
      expected: 'runs api:1.5.0',
    }),
    { changed: true, durationMs: 8340 },
  ),
  ...goodSteps.slice(2),
  step(
    'restore-database',
    passed('database shop', 'OID 16384, the one from before run 4711-1', 'OID 16384, the one from before run 4711-1'),
    { changed: true, durationMs: 1240 },
  ),
  step('rollback-migrations', { status: 'skipped', reason: said('skipped.nothing-to-do') }),
  step('restore-secrets', passed('secret/app-secrets', '2 keys hold their old values', '2 keys hold their old values')),
];

const undone = (language: Report['language']): Report =>
  complete({
    mode: 'undo',
    language,
    run: { ...report().run, id: '4790-1', reason: 'the release was fine, the cache was not' },
    workloads: ['web', 'api'].map((name) => {
      const { before, target = before } = workload(name);
      return {
        ref: { kind: 'Deployment', name },
        before: target,
        target: before,
        now: { ...before, revision: 14, ready: 3, desired: 3 },
      };
    }),
    steps: undoSteps,
    findings: { before: [], after: [] },
    kept: [],
    database: {
      name: 'shop',
      server: 'db.shop.example:5432',
      live: { oid: 16_384, is: 'before' },
      kept: { name: 'shop_rb_5e884898', oid: 24_601 },
      price: {
        tables: [
          table('orders', 811_642, 812_442, { givenUp: 342 }),
          table('users', 10_391, 10_412, { givenUp: 1 }),
          table('countries', 249, 249, { givenUp: 0 }),
        ],
        rowsGivenUp: 343,
        basis: 'exact',
        exported: ['/exports/4790-1/public.orders.csv', '/exports/4790-1/public.users.csv'],
      },
    },
    notes: [
      said('note.writes-since', { rows: 343 }),
      said('note.rows-exported', { rows: 343, folder: '/exports/4790-1' }),
      said('note.quarantine-ended', { workload: 'deployment/web', image: 'registry.shop.example/shop/web:1.5.0' }),
    ],
  });

const planned = (language: Report['language']): Report =>
  complete({
    mode: 'plan',
    language,
    outcome: 'planned',
    healthy: 'unknown',
    rolledBack: false,
    durationMs: 2310,
    workloads: [untouched('web'), untouched('api')],
    steps: [],
    validation: validationOf([], 'complete', 'skipped.dry-run'),
    plan: completePlan(),
    preflight: [{ check: 'database', subject: 'database shop', severity: 'info' }],
    notes: [
      said('note.integrity', { backup: backup.name }),
      said('note.order-database-first', { why: 'schema-unknown' }),
      said('note.migrations-recent', { list: '20260301_split_orders, 20260218_add_invoices' }),
    ],
    database: withoutLive,
  });

const liveUntouched = (language: Report['language']): Report =>
  complete({
    language,
    outcome: 'failed',
    healthy: false,
    rolledBack: false,
    durationMs: 52_000,
    workloads: [untouched('web'), untouched('api')],
    steps: withoutRestore(failedRestore),
    notes: [],
    database: { ...live, price: { ...exactPrice, estimatedMs: 402_000 }, byHand },
  });

const hostileName = '"; DROP DATABASE shop; -- <img src=x> | `x` @shop/everyone $(reboot) \u202e';

/** Sample reports of the tier that restores a database, by file name. */
export const DATABASE_REPORTS: Readonly<Record<string, Report>> = {
  'complete-succeeded': complete(),
  'complete-succeeded-fr': complete({ language: 'fr' }),
  'complete-planned': planned('en'),
  'complete-planned-fr': planned('fr'),
  'complete-price-too-high': refusedByPrice('en'),
  'complete-price-too-high-fr': refusedByPrice('fr'),
  'complete-restore-failed': liveUntouched('en'),
  'complete-restore-failed-fr': liveUntouched('fr'),
  'complete-swap-unknown': complete({
    workloads: [untouched('web'), untouched('api')],
    outcome: 'failed',
    healthy: 'unknown',
    rolledBack: false,
    steps: withoutRestore(
      step(
        'restore-database',
        { status: 'failed', failure: swapUnknown, evidence: [] },
        { changed: true, durationMs: 74_100 },
      ),
    ),
    notes: [],
    database: { name: 'shop', server: 'db.shop.example:5432', backup, price: exactPrice },
  }),
  'complete-no-op': complete({
    outcome: 'no-op',
    rolledBack: false,
    durationMs: 12_400,
    downtimeSeconds: 0,
    workloads: [atTarget('web'), atTarget('api')],
    steps: [
      ...goodSteps.map((one) => ({ ...one, changed: false })),
      step('backup-database', { status: 'skipped', reason: said('skipped.nothing-to-do') }),
      step(
        'restore-database',
        passed('database shop', 'OID 24601, the restored one', 'OID 24601, restored by run 4711-1'),
      ),
      step('rollback-migrations', passed('migration head', '20260218_add_invoices', '20260218_add_invoices')),
      step('restore-secrets', { status: 'skipped', reason: said('skipped.secrets-set') }),
    ],
    findings: { before: [], after: [] },
    kept: [],
    notes: [],
    run: { ...report().run, id: '4712-1' },
    database: {
      name: 'shop',
      server: 'db.shop.example:5432',
      live: { oid: 24_601, is: 'restored' },
      kept: { name: KEPT, oid: 16_384 },
    },
  }),
  'undo-succeeded': undone('en'),
  'undo-succeeded-fr': undone('fr'),
  'complete-hostile': complete({
    database: {
      ...restored,
      name: hostileName,
      server: 'service/db:5432',
      kept: { name: hostileName, oid: 16_384 },
      safetyBackup: { path: `/safe/${hostileName}.dump`, bytes: 44_100_210, sha256: SHA },
      backup: {
        ...backup,
        name: `/backups/${hostileName}`,
        passedOver: Array.from({ length: 80 }, (_, index) => ({ name: `${hostileName}${index}`, why: hostileName })),
      },
      price: {
        ...exactPrice,
        tables: Array.from({ length: 300 }, (_, index) =>
          table(`${hostileName}${index}`, 10_000 - index, 100, { givenUp: 9900 - index }),
        ),
        rowsGivenUp: 2_925_150,
        exported: Array.from({ length: 300 }, (_, index) => `/exports/${hostileName}${index}.csv`),
      },
      byHand: [`psql -c '${hostileName}'`],
    },
  }),
};
