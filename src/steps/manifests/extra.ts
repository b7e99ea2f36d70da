import { RollbackError } from '../../core/errors.ts';
import { type JsonObject, manifestText, sameRef } from '../../core/manifest.ts';
import { said } from '../../core/said.ts';
import type { ReadContext } from '../../ports/context.ts';
import type { Accepted } from './accepted.ts';

/** By these an application's objects are told from others: the recommended labels, and the one that everybody uses. */
const APPLICATION_LABELS = ['app.kubernetes.io/part-of', 'app.kubernetes.io/instance', 'app.kubernetes.io/name', 'app'];
const MOST_QUESTIONS = 40;
const MOST_NAMES = 30;

/** Says which objects carry the labels of the manifests and are not among them. They stay: only a person knows who needs them. */
export async function noteExtras(ctx: ReadContext, accepted: readonly Accepted[]): Promise<void> {
  const kinds = [...Map.groupBy(accepted, ({ ref }) => `${ref.apiVersion} ${ref.kind}`).values()];
  const selectors = [...new Set(accepted.flatMap(({ manifest }) => selectorsOf(manifest.object)))];
  const questions = kinds.flatMap((same) => selectors.map((selector) => ({ ref: same[0]?.ref, selector })));
  const found = new Map<string, string>();
  await Promise.all(
    questions.slice(0, MOST_QUESTIONS).map(async ({ ref, selector }) => {
      if (!ref || (await ctx.cluster.resource(ref.apiVersion, ref.kind))?.namespaced !== true) return;
      for (const object of await listed(ctx, ref, selector)) {
        const one = { ...ref, name: object.metadata.name };
        const isMade = object.metadata.ownerReferences?.some(({ controller }) => controller === true) === true;
        if (isMade || one.name.startsWith('tiered-rollback') || accepted.some((other) => sameRef(other.ref, one)))
          continue;
        found.set(manifestText(one), manifestText(one));
      }
    }),
  );
  const names = [...found.keys()].sort();
  if (names.length === 0) return;
  const shown = names.slice(0, MOST_NAMES).join(', ');
  const more = names.length > MOST_NAMES ? ` (+${names.length - MOST_NAMES})` : '';
  ctx.note(said('note.manifests-lack', { objects: `${shown}${more}` }));
}

function selectorsOf(object: JsonObject): string[] {
  const { labels } = object['metadata'] as { labels?: Record<string, unknown> };
  return APPLICATION_LABELS.flatMap((name) => {
    const value = labels?.[name];
    return typeof value === 'string' && /^[\w.-]{1,63}$/.test(value) ? [`${name}=${value}`] : [];
  });
}

async function listed(ctx: ReadContext, ref: Accepted['ref'], selector: string) {
  try {
    return await ctx.cluster.objects(ref, selector);
  } catch (error) {
    if (!(error instanceof RollbackError) || error.code !== 'CLUSTER_FORBIDDEN') throw error;
    ctx.note(said('note.manifests-not-compared', { kind: ref.kind }));
    return [];
  }
}
