import type { Blocker } from '../core/database/database.ts';
import { formatDuration } from '../core/duration.ts';
import type { RestoreChange } from '../core/restore.ts';
import { said } from '../core/said.ts';
import type { CheckItem } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import type { ReadContext } from '../ports/context.ts';
import type { PreflightCheck } from './contract.ts';

/** The live database can be renamed when its time comes, and the time suffices: asked before anything is loaded. */
export const database: PreflightCheck = {
  id: 'database',
  async check(ctx, plan) {
    const planned = plan.steps.find((step) => step.step === 'restore-database')?.planned;
    if (planned?.kind !== 'change' || !ctx.database) return [];
    const change = planned.change as RestoreChange;
    if (change.isSwapped) return [];
    const subject = tr`database ${change.live.name}`;
    const blockers = await ctx.database.blockers(change.live.name);
    const items = [...blockers.map((blocker) => blockerItem(blocker, subject)), ...late(ctx, change, subject)];
    return items.length > 0 ? items : [{ check: database.id, subject, severity: 'info' }];
  },
};

function blockerItem({ what, hint, fatal }: Blocker, subject: string): CheckItem {
  const base = { check: database.id, subject } as const;
  if (!fatal) return { ...base, severity: 'info', note: said('note.blocker', { what, hint }) };
  const message = tr`${subject} cannot be renamed: ${what}`;
  return { ...base, severity: 'refuse', failure: { code: 'DATABASE_BUSY', message, hint, causes: [] } };
}

/** A forecast refuses nothing: the load is not cut at the deadline, but nothing irreversible begins after it. */
function late(ctx: ReadContext, { price, kind }: RestoreChange, subject: string): CheckItem[] {
  const needed = price?.estimatedMs ?? 0;
  const left = ctx.irreversibleUntil - ctx.clock.now();
  if (kind !== 'load' || needed < left) return [];
  return [
    {
      check: database.id,
      subject,
      severity: 'warn',
      failure: {
        code: 'DEADLINE_PASSED',
        message: tr`the restore is forecast to take ${formatDuration(needed)}, and this run has ${formatDuration(Math.max(0, left))} left; after that it does not swap any more`,
        hint: tr`Give it time: \`timeout: ${Math.ceil((needed * 2) / 60_000)}m\``,
        causes: [],
      },
    },
  ];
}
