import { refText } from '../core/kubernetes.ts';
import type { Report } from '../core/report.ts';
import type { Catalogue } from './catalogue.ts';
import { shortImage, tellingImages } from './images.ts';
import { catalogueOf } from './languages.ts';
import { recordLinks } from './links.ts';
import { code, prose } from './neutral.ts';
import { capital } from './say.ts';
import { stepBlocks, validationBlocks } from './summary/checklist.ts';
import { databaseBlocks } from './summary/database.ts';
import { evidenceSections } from './summary/evidence.ts';
import { fitPage, SUMMARY_LIMIT_BYTES } from './summary/fit.ts';
import { nextBlocks } from './summary/next.ts';
import { discoveryBlocks, missingBlocks, planBlocks, planSections } from './summary/plan.ts';
import { priceSections } from './summary/price.ts';
import { troubleshootingSections } from './summary/troubleshooting.ts';
import { imageBlocks, workloadBlocks } from './summary/workloads.ts';
import { facts, truth } from './truth.ts';
import { headlineOf, isPlan, moves } from './verdict.ts';

/**
 * The job summary: what is true now, what to do next, the workloads, the validation checklist, the steps, and everything else folded.
 * Markdown of at most `limitBytes`; what is cut is named at the end.
 */
export function renderSummary(report: Report, limitBytes = SUMMARY_LIMIT_BYTES): string {
  const catalogue = catalogueOf(report.language);
  const { words } = catalogue;
  const workloads = workloadBlocks(catalogue, report);
  const images = imageBlocks(catalogue, report);
  return fitPage(
    {
      head: [
        ...headBlocks(catalogue, report),
        ...nextBlocks(catalogue, report),
        ...missingBlocks(catalogue, report),
        ...discoveryBlocks(catalogue, report),
        ...workloads.open,
      ],
      folded: workloads.collapsed,
      tail: [
        ...databaseBlocks(catalogue, report),
        ...validationBlocks(catalogue, report),
        ...stepBlocks(catalogue, report),
        ...(isPlan(report) ? planBlocks(catalogue, report) : []),
      ],
      sections: [
        ...troubleshootingSections(catalogue, report),
        ...priceSections(catalogue, report),
        ...(isPlan(report) ? planSections(catalogue, report) : []),
        ...evidenceSections(catalogue, report),
        ...(isPlan(report) ? [] : planSections(catalogue, report)),
        ...(images.length > 0 ? [{ title: words.imagesInFull, blocks: images }] : []),
      ],
    },
    words,
    limitBytes,
  );
}

function headBlocks(catalogue: Catalogue, report: Report): string[] {
  const { words } = catalogue;
  const { key, icon } = headlineOf(report);
  const going = report.workloads.filter(moves);
  // With more of them the table is easier to read.
  const target = going.length > 0 && going.length <= 3 && !isPlan(report) ? targetText(report) : '';
  const line = [
    ...facts(catalogue, report),
    ...(target === '' ? [] : [[words.target, target]]),
    [words.namespace, code(report.namespace)],
  ];
  return [
    `## ${icon} ${catalogue.headlines[key]}`,
    `**${truth(catalogue, report, code).join(' ')}**`,
    line.map(([label = '', value]) => `${capital(label)}${catalogue.colon} **${value}**`).join(' · '),
    ...(report.run.reason === '' ? [] : [`${words.reason}${catalogue.colon} ${prose(report.run.reason)}`]),
    ...recordBlocks(catalogue, report),
  ];
}

/** Where people go on from here. */
function recordBlocks(catalogue: Catalogue, report: Report): string[] {
  const links = recordLinks(catalogue, report).map(
    ({ label, url, note }) => `${label}${catalogue.colon} <${url}>${note === '' ? '' : ` (${note})`}`,
  );
  return links.length > 0 ? [links.join(' · ')] : [];
}

function targetText(report: Report): string {
  return report.workloads
    .filter(moves)
    .map(({ ref, target, before }) => {
      const images = target
        ? tellingImages(target, before)
            .slice(0, 2)
            .map((image) => code(shortImage(image)))
        : [];
      return `${code(refText(ref))} → ${images.join(', ')}`;
    })
    .join(', ');
}
