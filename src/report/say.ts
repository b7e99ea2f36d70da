import { formatDuration } from '../core/duration.ts';
import type { Failure } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import { refText } from '../core/kubernetes.ts';
import type { Said } from '../core/said.ts';
import type { Tier } from '../core/tier.ts';
import { type Catalogue, stepText } from './catalogue.ts';
import { code, logLine, prose } from './neutral.ts';

type Values = Readonly<Record<string, string | number | undefined>>;
/** Writes one value of a sentence, neutralised for where it will stand. */
export type Show = (name: string, value: string) => string;

/** Values that are names or commands rather than words. */
const NAMES = new Set(
  'workload workloads pod container image object name names key keys command release owner holder registry quota blocker volume request limit rule fields resource webhook backup jobs secret kept folder service host check from leads there wanted carried'.split(
    ' ',
  ),
);

/** True for a value that is shown as a name, and not as a word of the sentence. */
export function isName(name: string): boolean {
  return NAMES.has(name);
}

/** Values in a Markdown page. */
export const inMarkdown: Show = (name, value) => (NAMES.has(name) ? code(value) : prose(value));
/** Values in a log line. */
export const inLog: Show = (_, value) => logLine(value, 300);

/**
 * Fills a template: `{name}` becomes a value, `[...]` is left out when a value in it is missing or empty. Values are never read as
 * templates. A value that is missing outside of brackets is written as `?`.
 */
export function fill(template: string, values: Values, show: Show): string {
  const has = (name: string) => Object.hasOwn(values, name) && values[name] !== undefined && values[name] !== '';
  return template
    .replace(/\[([^\]]*)\]/g, (_, part: string) =>
      [...part.matchAll(/\{(\w+)\}/g)].every((match) => has(match[1] ?? '')) ? part : '',
    )
    .replace(/\{(\w+)\}/g, (_, name: string) => (has(name) ? show(name, String(values[name])) : '?'));
}

/** A sentence in the language of the catalogue. */
export function say(catalogue: Catalogue, sentence: Said, show: Show): string {
  const values = Object.entries(sentence.values ?? {}).map(([name, value]) => [name, word(catalogue, name, value)]);
  return fill(catalogue.said[sentence.key] ?? sentence.key, Object.fromEntries(values), show);
}

/** What a finding means, in the language of the catalogue. */
export function sayFinding(catalogue: Catalogue, finding: Finding, show: Show): { title: string; sentence: string } {
  const { title, sentence } = catalogue.causes[finding.cause];
  const own = {
    workload: finding.workload && refText(finding.workload),
    pod: finding.pod,
    container: finding.container,
  };
  const values = Object.entries(finding.values).map(([name, value]) => [name, word(catalogue, name, value)]);
  return { title, sentence: fill(sentence, { ...own, ...Object.fromEntries(values) }, show) };
}

/** The message of a failure, as a sentence. */
export function sayFailure({ message }: Failure, show: Show): string {
  return sentence(show('message', message));
}

/** Milliseconds as the language writes them. */
export function sayDuration(catalogue: Catalogue, ms: number): string {
  const text = formatDuration(ms);
  return catalogue.language === 'fr' ? text.replace('.', ',') : text;
}

/** The same for a table cell: it is not broken in two. */
export function cellDuration(catalogue: Catalogue, ms: number): string {
  return sayDuration(catalogue, ms).replaceAll(' ', '\u00a0');
}

/** `8.3 s (3%)`: a duration and its share of the budget, for a table cell. Below half a percent it is `<1%`. */
export function shareOfBudget(catalogue: Catalogue, report: { readonly budgetMs: number }, ms: number): string {
  const took = cellDuration(catalogue, ms);
  if (report.budgetMs <= 0) return took;
  const share = (ms / report.budgetMs) * 100;
  const shown = share > 0 && share < 0.5 ? `<${catalogue.page.percent(1)}` : catalogue.page.percent(Math.round(share));
  return `${took} (${shown})`;
}

/** `14:02:11 UTC` of an RFC 3339 time; with the date, `2026-03-01 14:02 UTC`. */
export function sayTime(time: string, { date = false } = {}): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(:\d{2})?/.exec(time);
  if (!match) return time;
  return date ? `${match[1]} ${match[2]} UTC` : `${match[2]}${match[3] ?? ''} UTC`;
}

/** Ids and plain words among the values, as a person says them. */
/** Numbers that are milliseconds. */
const DURATIONS = new Set(['budget', 'forecast', 'restoring', 'rolling', 'stable', 'earlier', 'downtime', 'least']);

function word(catalogue: Catalogue, name: string, value: string | number): string {
  if (typeof value === 'number') return DURATIONS.has(name) ? sayDuration(catalogue, value) : String(value);
  if (name === 'tier' && Object.hasOwn(catalogue.tiers, value)) return catalogue.tiers[value as Tier];
  if ((name === 'step' || name === 'what') && Object.hasOwn(catalogue.steps, value)) {
    return stepText(catalogue, value).title;
  }
  if (name === 'since' || name === 'changed' || name === 'bad' || name === 'at') return sayTime(value, { date: true });
  // A Secret may be called `health`: names stay what they are.
  if (NAMES.has(name)) return value;
  return Object.hasOwn(catalogue.values, value) ? (catalogue.values[value] ?? value) : value;
}

/** For a word at the beginning of a line or of a column. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) || text === '' ? text : `${text}.`;
}
