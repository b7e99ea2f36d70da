import type { Finding } from '../../core/finding.ts';
import type { Report, ValidationItemId } from '../../core/report.ts';
import { VALIDATION_RULES } from '../../core/validation.ts';
import type { Catalogue } from '../catalogue.ts';
import { isPage } from '../links.ts';
import { code, prose } from '../neutral.ts';
import { capital, inMarkdown, sayFailure, sayFinding } from '../say.ts';
import { stepBlocks, validationBlocks } from '../summary/checklist.ts';
import { databaseBlocks } from '../summary/database.ts';
import { evidenceSections, probeBlocks, runBlocks } from '../summary/evidence.ts';
import type { Page, Section } from '../summary/fit.ts';
import { ICONS } from '../summary/icons.ts';
import { causeBlocks } from '../summary/next.ts';
import { priceSections } from '../summary/price.ts';
import { bounded } from '../summary/table.ts';
import { imageBlocks, workloadBlocks } from '../summary/workloads.ts';
import { troubleName } from '../trouble-name.ts';
import { facts, truth } from '../truth.ts';
import { headlineOf, troubles } from '../verdict.ts';
import { eventBlocks } from './events.ts';
import { withoutDetails } from './outside.ts';

const MAX_CAUSES = 8;
const MAX_TROUBLES = 10;

/** What is to be remembered of a rollback: the same for the post-mortem and for the committed record. */
export function recordPage(catalogue: Catalogue, report: Report): Page {
  const { words, records } = catalogue;
  const workloads = workloadBlocks(catalogue, report);
  const chapter = (title: string, blocks: readonly string[]) => (blocks.length > 0 ? [`## ${title}`, ...blocks] : []);
  return {
    head: [
      ...chapter(records.whatHappened, happened(catalogue, report)),
      ...chapter(records.timeline, eventBlocks(catalogue, report)),
      ...chapter(records.target, workloads.open),
    ],
    folded: workloads.collapsed,
    tail: [
      ...chapter(records.evidence, validationBlocks(catalogue, withoutTold(report))),
      ...chapter(records.downtime, downtime(catalogue, report)),
      ...chapter(records.price, price(catalogue, report)),
      ...chapter(records.whoAndWhy, why(catalogue, report)),
      ...chapter(records.causes, causes(catalogue, report)),
    ],
    sections: [
      ...section(words.steps, stepBlocks(catalogue, report).slice(1)),
      ...section(words.causeOfFailure, causeBlocks(catalogue, report.findings.after, words.evidence)),
      // These have chapters of their own.
      ...evidenceSections(catalogue, report).filter(({ title }) => title !== words.run && title !== words.probes),
      ...priceSections(catalogue, report),
      ...section(words.imagesInFull, imageBlocks(catalogue, report)),
    ].map(({ title, blocks }) => ({ title, blocks })),
  };
}

/** The same where everybody may read it: without log lines and addresses, and saying so. */
export function publicPage(catalogue: Catalogue, report: Report): Page {
  const page = recordPage(catalogue, withoutDetails(report));
  const link = isPage(report.run.url) ? `<${report.run.url}>` : '';
  return { ...page, head: [catalogue.records.leftOut(link), ...page.head] };
}

/** Messages and records come after the verdict, and are no part of what it says. */
function withoutTold(report: Report): Report {
  const isTold = (id: ValidationItemId) => VALIDATION_RULES.some((rule) => rule.id === id && rule.told);
  return { ...report, validation: report.validation.filter(({ id }) => !isTold(id)) };
}

function section(title: string, blocks: readonly string[]): Section[] {
  return blocks.length > 0 ? [{ title, blocks }] : [];
}

function happened(catalogue: Catalogue, report: Report): string[] {
  const { words } = catalogue;
  const { key, icon } = headlineOf(report);
  const known = [...facts(catalogue, report), [words.namespace, code(report.namespace)]];
  return [
    `${icon} **${catalogue.headlines[key]}.** ${truth(catalogue, report, code).join(' ')}`,
    known.map(([label = '', value]) => `${capital(label)}${catalogue.colon} **${value}**`).join(' · '),
  ];
}

function downtime(catalogue: Catalogue, report: Report): string[] {
  const { words } = catalogue;
  const fact = facts(catalogue, report).find(([label]) => label === words.downtime);
  if (!fact) return [];
  return [`**${capital(fact[1])}**`, ...probeBlocks(catalogue, report)];
}

function price(catalogue: Catalogue, report: Report): string[] {
  const blocks = databaseBlocks(catalogue, report);
  return blocks.length > 0 ? blocks : [catalogue.records.noDatabase];
}

function why(catalogue: Catalogue, report: Report): string[] {
  const none = report.run.reason === '' ? [`_${catalogue.records.noReason}_`] : [];
  return [...none, ...runBlocks(catalogue, report)];
}

function causes(catalogue: Catalogue, report: Report): string[] {
  const { records, phrases, colon } = catalogue;
  const line = (finding: Finding) => {
    const { title, sentence } = sayFinding(catalogue, finding, inMarkdown);
    return `- ❌ **${title}.** ${sentence}`;
  };
  const more = (count: number) => `- ${phrases.moreInReport(count)}`;
  const named = bounded([...report.findings.before, ...report.findings.after], MAX_CAUSES, line, more);
  const went = bounded(
    troubles(report),
    MAX_TROUBLES,
    (trouble) =>
      `- ${ICONS[trouble.status]} **${prose(troubleName(catalogue, trouble))}${colon}** ${sayFailure(trouble.failure, (_, value) => prose(value, 400))}`,
    more,
  );
  return [
    [...new Set(named)].join('\n') || records.noCauses,
    ...(went.length > 0 ? [`**${records.troubles}**\n\n${went.join('\n')}`] : []),
  ];
}
