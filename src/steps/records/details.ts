import type { VerdictContext } from '../../ports/context.ts';
import { unlessLate } from './answer.ts';

/** Whether log lines and addresses may be recorded: in a repository that not everybody may read, or where the config says so. @throws CANCELLED */
export async function mayShowDetails(ctx: VerdictContext): Promise<boolean> {
  if (ctx.config.records.details) return true;
  return (await unlessLate(ctx, ctx.records.isPublic(ctx))) === false;
}
