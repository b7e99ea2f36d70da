import type { Report } from '../../core/report.ts';
import { type Catalogue, stepText } from '../catalogue.ts';
import { hintParts } from '../hint.ts';
import { shortImage, tellingImages } from '../images.ts';
import { catalogueOf } from '../languages.ts';
import type { ToldHeadline } from '../message-words.ts';
import { oneLine } from '../neutral.ts';
import { sayFailure, sayFinding } from '../say.ts';
import { troubleName } from '../trouble-name.ts';
import { callsOf } from '../troubleshooting.ts';
import { facts } from '../truth.ts';
import { headlineOf, moves, needsAttention, stateOf, troubles } from '../verdict.ts';

export interface TeamMessageOptions {
  readonly application: string;
  /** Steps of the records that did not succeed. */
  readonly notRecorded?: readonly string[];
}

const MAX_WORKLOADS = 4;
const MAX_CALLS = 2;
const WEB_ADDRESS = /^https?:\/\/[^\s<>"]{1,500}$/;

/**
 * The verdict for the team's channel: a few lines of plain text that can be read on a phone at night. "Stable" is said only of what was
 * verified. Markup of the receiver is escaped by whoever sends it. The report must have gone through `redactReport`.
 */
export function renderTeamMessage(report: Report, { application, notRecorded = [] }: TeamMessageOptions): string {
  const catalogue = catalogueOf(report.language);
  const { messages, colon } = catalogue;
  const { key, icon } = headlineOf(report);
  const sentence = messages.team[key as ToldHeadline] ?? messages.team.failed;
  return [
    `${key === 'succeeded' ? '🔄' : icon} ${sentence(oneLine(application, 100))}`,
    whoAndWhy(catalogue, report),
    known(catalogue, report),
    ...workloads(catalogue, report),
    ...trouble(catalogue, report),
    ...contact(catalogue, report),
    ...notRecorded.map((step) => `⚠️ ${oneLine(stepText(catalogue, step).title)}${colon} ${catalogue.statuses.failed}`),
    ...links(catalogue, report),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function whoAndWhy({ messages, colon }: Catalogue, { run }: Report): string {
  const reason = run.reason === '' ? messages.noReason : oneLine(run.reason, 200);
  return run.actor === '' ? reason : `${messages.by(oneLine(run.actor, 60))}${colon} ${reason}`;
}

/** Where, which tier, how long, what it cost. Of the health only what the first sentence does not say. */
function known(catalogue: Catalogue, report: Report): string {
  const { words, colon } = catalogue;
  const podsAlone = report.healthy === true && report.probes.length === 0;
  const isOpen = podsAlone || headlineOf(report).icon !== '✅';
  const told = facts(catalogue, report).filter(([label]) => label !== words.health || isOpen);
  return [[words.namespace, oneLine(report.namespace, 80)], ...told]
    .map(([label, value]) => `${label}${colon} ${value}`)
    .join(' · ');
}

/** From where to where, those that need a look first. A refused run moved nothing. */
function workloads(catalogue: Catalogue, report: Report): string[] {
  if (report.outcome === 'refused') return [];
  const { words, phrases } = catalogue;
  const moving = report.workloads.filter(moves);
  const wrong = (one: (typeof moving)[number]) => needsAttention(stateOf(report, one));
  const sorted = [...moving.filter(wrong), ...moving.filter((one) => !wrong(one))];
  const lines = sorted.slice(0, MAX_WORKLOADS).map((one) => {
    const { ref, before, target = before, now } = one;
    const images = (release: typeof before, other: typeof before) =>
      tellingImages(release, other)
        .slice(0, 2)
        .map((image) => oneLine(shortImage(image), 80))
        .join(', ');
    const states = {
      'not-ready': words.notReady,
      'not-at-target': words.notAtTarget,
      'not-readable': words.notReadable,
    };
    const state = stateOf(report, one);
    const ready = now && state === 'not-ready' ? ` ${now.ready}/${now.desired}` : '';
    const said = state in states ? ` (${states[state as keyof typeof states]}${ready})` : '';
    return `${said === '' ? '' : '❌ '}${oneLine(ref.name, 80)}${catalogue.colon} ${images(before, target)} → ${images(target, before)}${said}`;
  });
  return sorted.length > MAX_WORKLOADS ? [...lines, phrases.more(sorted.length - MAX_WORKLOADS)] : lines;
}

/** The most urgent trouble, the first cause, and the first command to type. */
function trouble(catalogue: Catalogue, report: Report): string[] {
  const [first] = troubles(report);
  if (!first) return [];
  const show = (_: string, value: string) => oneLine(value, 300);
  const { text, commands, paste } = hintParts(first.failure.hint);
  const [cause] = report.findings.after;
  const others = [cause?.command ?? '', ...report.next.flatMap((hint) => hintParts(hint).commands)];
  // A manifest to paste is too long for a message; a command of something else under its words would be taken for it.
  const command = commands[0] ?? (paste === undefined ? others.find((one) => one !== '') : undefined);
  const icon = first.required ? { failed: '❌', unknown: '❔' }[first.status] : '⚠️';
  return [
    `${icon} ${oneLine(troubleName(catalogue, first), 80)}${catalogue.colon} ${sayFailure(first.failure, show)}`,
    ...(cause && first.required ? [causeLine(catalogue, cause, show)] : []),
    ...(text === '' ? [] : [oneLine(command === undefined ? text.replace(/:$/, '…') : text, 300)]),
    ...(command === undefined ? [] : [`▶ ${oneLine(command, 400)}`]),
  ];
}

function causeLine(
  catalogue: Catalogue,
  finding: Report['findings']['after'][number],
  show: (name: string, value: string) => string,
): string {
  const { title, sentence } = sayFinding(catalogue, finding, show);
  return `${title}. ${sentence}`;
}

/** Whom to call: only where somebody has to be called. */
function contact(catalogue: Catalogue, report: Report): string[] {
  if (headlineOf(report).icon === '✅') return [];
  const { words, colon } = catalogue;
  return callsOf(report)
    .slice(0, MAX_CALLS)
    .map(({ who, number }) => `☎ ${words.contacts[who]}${colon} ${oneLine(number, 100)}`);
}

function links({ messages, colon }: Catalogue, { run, records }: Report): string[] {
  const { issueUrl = '', due } = records ?? {};
  const until = due === undefined ? '' : ` (${messages.due(oneLine(due, 40))})`;
  return [
    ...(WEB_ADDRESS.test(run.url) ? [`${messages.run}${colon} ${run.url}`] : []),
    ...(WEB_ADDRESS.test(issueUrl) ? [`${messages.postMortem}${colon} ${issueUrl}${until}`] : []),
  ];
}
