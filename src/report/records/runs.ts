import { type RunPart, runPart } from '../../core/post-mortem.ts';
import type { Report } from '../../core/report.ts';
import { TIERS, type Tier } from '../../core/tier.ts';
import type { Catalogue } from '../catalogue.ts';
import { code, prose } from '../neutral.ts';
import { capital, sayTime } from '../say.ts';
import { details, table } from '../summary/table.ts';

const MAX_RUNS = 20;

/** This run, as later ones find it in the issue. */
export function partOf(report: Report, text: string): RunPart {
  const { run, startedAt, mode, tier, outcome } = report;
  return { run: run.id, at: startedAt, mode, tier, outcome, text };
}

/** The runs of the incident, the oldest first; of the same run the last word. */
export function withPart(earlier: readonly RunPart[], own: RunPart): RunPart[] {
  const others = earlier.filter(({ run }) => run !== own.run);
  return [...others, own].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).slice(-MAX_RUNS);
}

/**
 * All runs as one text of about `limit` characters: the table of them where there are several; the last one that did something, as that is
 * what people ask about; the others folded, the newest first. One for which there is no room keeps its line in the table.
 */
export function runsText(catalogue: Catalogue, parts: readonly RunPart[], limit: number): string {
  const lead = leadOf(parts);
  const blocks = [...(parts.length > 1 ? tableBlocks(catalogue, parts) : []), ...(lead ? [runPart(lead)] : [])];
  let room = limit - blocks.reduce((sum, block) => sum + block.length + 2, 0);
  for (const part of parts.filter((one) => one !== lead).reverse()) {
    const title = catalogue.records.earlierRun(code(part.run), prose(sayTime(part.at, { date: true })));
    const block = part.text === '' ? runPart(part) : details(title, [runPart(part)]);
    const fits = block.length + 2 <= room;
    const kept = fits ? block : runPart({ ...part, text: '' });
    blocks.push(kept);
    room -= kept.length + 2;
  }
  return blocks.join('\n\n');
}

/** The part that is shown open. */
export function leadOf(parts: readonly RunPart[]): RunPart | undefined {
  return parts.findLast(({ outcome }) => outcome !== 'no-op') ?? parts.at(-1);
}

function tableBlocks(catalogue: Catalogue, parts: readonly RunPart[]): string[] {
  const { records, words } = catalogue;
  const rows = parts.map(({ run, at, mode, tier, outcome }) => [
    prose(sayTime(at, { date: true })),
    code(run),
    mode === 'undo' ? records.takenBack : isTier(tier) ? catalogue.tiers[tier] : prose(tier),
    Object.hasOwn(catalogue.outcomes, outcome)
      ? catalogue.outcomes[outcome as keyof Catalogue['outcomes']]
      : prose(outcome),
  ]);
  return [`## ${records.runs}`, table([records.when, records.run, capital(words.tier), records.outcome], rows)];
}

const isTier = (tier: string): tier is Tier => (TIERS as readonly string[]).includes(tier);
