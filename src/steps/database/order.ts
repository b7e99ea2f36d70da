import { targetHeadOf } from '../../core/migrations.ts';
import type { DatabaseOrder } from '../../core/restore.ts';
import { readyPods } from '../../core/rollout.ts';
import type { MemberChoice, Situation } from '../../core/situation.ts';
import type { ReadContext } from '../../ports/context.ts';
import { migrationHead } from './migration-head.ts';

/** Asked by each step that stands on one side of the order; decided once for what the run read. */
const decided = new WeakMap<Situation, Promise<DatabaseOrder>>();

/**
 * What goes first. The workloads, at once, where their target is known to run on the live schema, where nothing serves that could be hurt,
 * or where none of them goes anywhere; else the database, and the workloads wait for it.
 */
export function orderOf(ctx: ReadContext): Promise<DatabaseOrder> {
  const order = decided.get(ctx.situation) ?? decide(ctx);
  decided.set(ctx.situation, order);
  return order;
}

/** The steps that the workloads wait for, by the order. */
export async function beforeWorkloads(ctx: ReadContext): Promise<readonly string[]> {
  if (!ctx.database || !touchesDatabase(ctx)) return [];
  const { first } = await orderOf(ctx);
  return first === 'database' ? ['restore-database', 'rollback-migrations'] : [];
}

/** Whether anything of this run may change the database. */
export function touchesDatabase({ config, situation }: ReadContext): boolean {
  const { database, mode } = config;
  if (!database) return false;
  return mode === 'undo'
    ? situation.undoes?.database !== undefined
    : database.backup !== undefined || database.migrations?.rollback !== undefined;
}

async function decide(ctx: ReadContext): Promise<DatabaseOrder> {
  const { config, situation } = ctx;
  const going = situation.choice.kind === 'chosen' ? situation.choice.members.filter(isGoing) : [];
  if (going.length === 0) return { first: 'workloads', why: 'nothing-goes' };
  if (config.database?.schemaCompatible) return { first: 'workloads', why: 'schema-compatible' };
  if (situation.members.every((member) => readyPods(member.workload) === 0))
    return { first: 'workloads', why: 'nothing-serves' };
  const head = await migrationHead(ctx, config.database?.name ?? '');
  if (head !== undefined && head === targetHeadOf(situation)) return { first: 'workloads', why: 'same-migrations' };
  return { first: 'database', why: 'schema-unknown' };
}

const isGoing = (one: MemberChoice): one is Extract<MemberChoice, { kind: 'go' }> => one.kind === 'go';
