import type { Failure } from '../core/errors.ts';
import { headQueryOf } from '../core/migration-tools.ts';
import { listed, restoresDatabase, targetHeadOf } from '../core/migrations.ts';
import type { Evidence, Outcome } from '../core/outcome.ts';
import { said } from '../core/said.ts';
import { tr } from '../core/tr.ts';
import type { ReadContext } from '../ports/context.ts';
import { defineStep } from './contract.ts';
import { recordedDatabase } from './database/record.ts';
import { changeTo, goalOf, type MigrationsChange, type Seen } from './migrations/goal.ts';
import { readApplied, readFolder, readHead, type Scene, sceneOf, statusOf } from './migrations/look.ts';
import { takeBack } from './migrations/take-back.ts';

/**
 * The schema is the one that the target release knows. A restored database brings its own: then this only looks, as one more "down" would take
 * an older migration away (sequelize/cli#964, knex/knex#666). Without a restore the project's command runs until the head is the target's.
 */
export const rollbackMigrations = defineStep<MigrationsChange>({
  meta: {
    id: 'rollback-migrations',
    tiers: ['complete', 'secure'],
    required: true,
    recorded: true,
    needs: ['restore-database'],
  },

  async plan(ctx) {
    const scene = sceneOf(ctx);
    if (!scene) return { kind: 'skipped', reason: said('skipped.not-configured', { what: 'database.migrations' }) };
    const looksOnly = onlyLooks(ctx, scene);
    if (looksOnly && headQueryOf(scene.migrations) === undefined && scene.migrations.status === undefined) {
      return { kind: 'skipped', reason: said('skipped.not-configured', { what: 'database.migrations.head' }) };
    }
    const files = await readFolder(ctx, scene);
    const tellRecent = () => {
      if (files && files.length > 0) ctx.note(said('note.migrations-recent', { list: listed(files) }));
    };
    if (looksOnly) {
      tellRecent();
      return { kind: 'check' };
    }
    const [head, applied] = await Promise.all([readHead(ctx, scene), readApplied(ctx, scene)]);
    const seen: Seen = { head, applied, files };
    const to = goalOf(ctx, scene, seen);
    if (head === to) {
      tellRecent();
      return { kind: 'no-op', reason: said('skipped.at-target') };
    }
    return { kind: 'change', change: changeTo(to, scene, seen) };
  },

  async apply(ctx, change) {
    const scene = sceneOf(ctx);
    if (scene) await takeBack(ctx, scene, change);
  },

  async verify(ctx, change) {
    const scene = sceneOf(ctx);
    if (!scene) return { status: 'skipped', reason: said('skipped.not-configured', { what: 'database.migrations' }) };
    if (headQueryOf(scene.migrations) === undefined) return byStatus(ctx, scene);
    const restored = ctx.outcomeOf('restore-database');
    const expected = await expectedHeads(ctx, scene, change);
    const head = await readHead(ctx, scene);
    const subject = tr`newest migration of ${scene.name}`;
    const observed = head ?? tr`none`;
    const status = await statusOf(ctx, scene);
    const evidence = [
      ...expected.map(({ head: wanted, from }): Evidence => ({ subject, observed, expected: `${wanted}, ${from}` })),
      ...(status ? [status.evidence] : []),
    ];
    const wrong = expected.find(({ head: wanted }) => wanted !== head);
    const [first, ...rest] = evidence;
    if (restoresDatabase(ctx.config) && restored?.status === 'failed') {
      return { status: 'failed', failure: blocked(observed), evidence };
    }
    if (wrong) return { status: 'failed', failure: elsewhere(scene, observed, wrong), evidence };
    if (expected.length > 0 && first) return { status: 'passed', evidence: [first, ...rest] };
    if (ctx.config.mode === 'undo') return { status: 'skipped', reason: said('skipped.nothing-to-do') };
    const unknown: Evidence = { subject, observed, expected: tr`not known` };
    return { status: 'unknown', failure: notKnown(scene, observed), evidence: [unknown, ...evidence] };
  },
});

/** Where the database comes from a backup or goes back as it was, where no head is configured, or where preflight refuses anyway. */
function onlyLooks(ctx: ReadContext, { migrations }: Scene): boolean {
  const { mode } = ctx.config;
  const isStatusOnly = headQueryOf(migrations) === undefined && migrations.rollback === undefined;
  const isRefused = ctx.situation.choice.kind === 'refused';
  return mode === 'undo' || restoresDatabase(ctx.config) || isStatusOnly || isRefused;
}

interface Expected {
  readonly head: string;
  /** Where that is known from. */
  readonly from: string;
}

async function expectedHeads(
  ctx: ReadContext,
  scene: Scene,
  change: MigrationsChange | undefined,
): Promise<readonly Expected[]> {
  if (change) return [{ head: change.to, from: tr`as the target release knows it` }];
  const { config, situation } = ctx;
  if (config.mode === 'undo') {
    const before = situation.undoes?.database?.headBefore ?? situation.undoes?.migrationsBefore;
    return before === undefined ? [] : [{ head: before, from: tr`as it was before the rollback` }];
  }
  if (restoresDatabase(config)) {
    const restored = recordedDatabase(ctx)?.headAfter;
    const target = targetHeadOf(situation);
    return [
      ...(restored === undefined ? [] : [{ head: restored, from: tr`as the backup has it` }]),
      ...(target === undefined ? [] : [{ head: target, from: tr`as the target release was verified with` }]),
    ];
  }
  const [head, applied, files] = await Promise.all([
    readHead(ctx, scene),
    readApplied(ctx, scene),
    readFolder(ctx, scene),
  ]);
  return [{ head: goalOf(ctx, scene, { head, applied, files }), from: tr`as the target release knows it` }];
}

async function byStatus(ctx: ReadContext, scene: Scene): Promise<Outcome> {
  const { status, timeoutMs } = scene.migrations;
  const seen = await statusOf(ctx, scene);
  if (status === undefined || !seen) {
    return { status: 'unknown', failure: notKnown(scene, tr`not known`), evidence: [] };
  }
  const hint = tr`Add \`tool\` or \`head\` to database.migrations, so that the head itself is compared. By hand, where DATABASE_URL is set: ${status}`;
  const { evidence, isGood } = seen;
  return isGood
    ? { status: 'passed', evidence: [evidence] }
    : {
        status: 'failed',
        failure: {
          code: 'COMMAND_FAILED',
          message: tr`${status}: ${evidence.observed} (limit ${timeoutMs} ms)`,
          hint,
          causes: [],
        },
        evidence: [evidence],
      };
}

const blocked = (observed: string): Failure => ({
  code: 'STEP_BLOCKED',
  message: tr`the database was not restored; its newest migration is ${observed}`,
  hint: tr`Mend restore-database first, then run again (safe)`,
  causes: [],
});

const elsewhere = ({ name, migrations }: Scene, observed: string, { head, from }: Expected): Failure => ({
  code: 'MIGRATION_FAILED',
  message: tr`the newest migration of "${name}" is ${observed}, expected ${head} (${from})`,
  hint: migrations.status
    ? tr`Look where it stands: ${migrations.status}`
    : tr`Ask the database: ${headQueryOf(migrations) ?? ''}`,
  causes: [],
});

const notKnown = ({ name }: Scene, observed: string): Failure => ({
  code: 'MIGRATION_UNKNOWN',
  message: tr`nothing tells which migration of "${name}" the target release needs; the newest is ${observed}`,
  hint: tr`Set \`tool\` or \`head\` in database.migrations: the head is then kept with each verified release.`,
  causes: [],
});
