import type { Report } from '../core/report.ts';
import type { Catalogue } from './catalogue.ts';
import { databaseContent } from './html/database.ts';
import {
  badReleaseContent,
  candidateContent,
  noteContent,
  preflightContent,
  probeContent,
  runContent,
} from './html/evidence.ts';
import { fitSections, HTML_LIMIT_BYTES, type Section } from './html/fit.ts';
import { type Content, code, html, trusted } from './html/markup.ts';
import { nextContent } from './html/next.ts';
import { bytesOf, sign, type Tone } from './html/parts.ts';
import { availabilityContent, timelineContent } from './html/pictures.ts';
import { discoveryContent, missingContent, planContent } from './html/plan.ts';
import { Speech } from './html/speech.ts';
import { checklistContent, stepContent } from './html/steps.ts';
import { STYLE, STYLE_HASH } from './html/style.ts';
import { troubleshootingContent } from './html/troubleshooting.ts';
import { imageContent, workloadContent } from './html/workloads.ts';
import { catalogueOf } from './languages.ts';
import { recordLinks } from './links.ts';
import { oneLine } from './neutral.ts';
import { capital } from './say.ts';
import { facts, truth } from './truth.ts';
import { headlineOf, isPlan } from './verdict.ts';

const TONES: Readonly<Record<ReturnType<typeof headlineOf>['icon'], Tone>> = {
  '✅': 'good',
  '❌': 'bad',
  '❔': 'unknown',
  '📋': 'none',
};

/** Nothing is loaded and no script runs, not even one that got in. */
const POLICY = `default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'`;

/**
 * The report as one page that needs nothing else: no network, no scripts. It says everything that the job summary says, with pictures, for
 * screens of every width and for paper. At most `limitBytes` of UTF-8; what is left out is named in its place.
 */
export function renderHtml(report: Report, limitBytes = HTML_LIMIT_BYTES): string {
  const catalogue = catalogueOf(report.language);
  const { page } = catalogue;
  const { key } = headlineOf(report);
  const sections = sectionsOf(catalogue, report);
  const head = html`<!doctype html>
<html lang="${catalogue.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${catalogue.headlines[key]} – ${page.title} ${oneLine(report.run.id, 80)}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#report">${page.skip}</a>
${headContent(catalogue, report)}<nav aria-label="${page.contents}"><ul>
${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>\n`)}</ul></nav>
<main id="report">
`;
  const foot = html`</main>
<footer><p>${page.madeBy}</p></footer>
</body>
</html>
`;
  const room = limitBytes - bytesOf(head) - bytesOf(foot);
  return html`${head}${fitSections(catalogue, sections, room)}${foot}`.text;
}

function headContent(catalogue: Catalogue, report: Report): Content {
  const { words, page } = catalogue;
  const { key, icon } = headlineOf(report);
  const tone = TONES[icon];
  const speech = new Speech();
  const known: [string, Content][] = [
    ...facts(catalogue, report).map(([label, value]): [string, Content] => [label, withoutIcon(value)]),
    [words.namespace, code(report.namespace)],
  ];
  return html`<header class="${tone}">
<p class="eyebrow">Tiered Rollback · ${page.title} ${oneLine(report.run.id, 80)}</p>
<h1>${tone === 'none' ? undefined : [sign(tone), ' ']}${catalogue.headlines[key]}</h1>
<p class="truth">${speech.html(truth(catalogue, report, speech.name).join(' '))}</p>
${report.run.reason === '' ? undefined : html`<p>${words.reason}${catalogue.colon} ${oneLine(report.run.reason, 600)}</p>\n`}${recordLinks(catalogue, report).map(({ label, url, note }) => html`<p>${label}${catalogue.colon} <a href="${url}" rel="noreferrer">${url}</a>${note === '' ? '' : ` (${note})`}</p>\n`)}<dl class="facts">
${known.map(([label, value]) => html`<div><dt>${capital(label)}</dt><dd>${value}</dd></div>\n`)}</dl>
</header>
`;
}

/** Emoji look different everywhere, and the words beside them say the same. Durations are not broken in two. */
function withoutIcon(text: string): string {
  return text.replace(/^[✅❌❔] /u, '').replace(/(\d) (?=(?:ms|s|min|h)\b)/g, '$1\u00a0');
}

/** Most important first: what does not fit is cut from the end. */
function sectionsOf(catalogue: Catalogue, report: Report): Section[] {
  const { words, page, database, troubleshooting } = catalogue;
  const plan: Section = {
    id: 'plan',
    title: isPlan(report) ? words.steps : words.plan,
    blocks: planContent(catalogue, report),
  };
  const probes = probeContent(catalogue, report);
  const all: Section[] = [
    { id: 'next', title: words.doThisNext, blocks: nextContent(catalogue, report) },
    { id: 'missing', title: words.missing, blocks: missingContent(catalogue, report) },
    { id: 'discovery', title: words.discovery, blocks: discoveryContent(catalogue, report) },
    { id: 'workloads', title: words.workloads, blocks: workloadContent(catalogue, report) },
    { id: 'database', title: database.title, blocks: databaseContent(catalogue, report) },
    ...(isPlan(report) ? [plan] : []),
    { id: 'checklist', title: words.validation, blocks: checklistContent(catalogue, report) },
    { id: 'steps', title: words.steps, blocks: stepContent(catalogue, report) },
    { id: 'troubleshooting', title: troubleshooting.title, blocks: troubleshootingContent(catalogue, report) },
    { id: 'timeline', title: page.timeline, blocks: timelineContent(catalogue, report) },
    { id: 'availability', title: page.availability, blocks: [...availabilityContent(catalogue, report), ...probes] },
    { id: 'notes', title: words.notes, blocks: noteContent(catalogue, report) },
    { id: 'run', title: words.run, blocks: runContent(catalogue, report) },
    { id: 'preflight', title: words.preflight, blocks: preflightContent(catalogue, report) },
    ...(isPlan(report) ? [] : [plan]),
    { id: 'candidates', title: words.candidates, blocks: candidateContent(catalogue, report) },
    { id: 'bad-release', title: words.causeOfBadRelease, blocks: badReleaseContent(catalogue, report) },
    { id: 'images', title: words.imagesInFull, blocks: imageContent(catalogue, report) },
  ];
  return all.filter(({ blocks }) => blocks.length > 0);
}
