import * as z from 'zod';
import type { TargetRequest } from '../core/config.ts';
import { parseDuration } from '../core/duration.ts';
import { refText } from '../core/kubernetes.ts';
import { tr } from '../core/tr.ts';
import { isImage, isSelector, LABEL, labelRule, nameRule, parseWorkload, SUBDOMAIN } from './names.ts';

/*
 * One zod schema per form that a value may have. What they take is what the file and the inputs may hold (and what the published
 * schema shows); what they give is what the rest of the program reads. The text of every issue completes the sentence
 * "<where>: saw <value>; ...". It is made when it is needed: only then the language is known.
 */

/** `setTimeout` cannot count further than 24 days; nothing here needs more than one. */
const LONGEST_MS = 24 * 3_600_000;
const MOST_ELEMENTS = 1000;

/** Reports one element of a list that was written as text or as a list; `seen` is shown to people. */
function refuse(ctx: z.RefinementCtx, message: string, path: (string | number)[] = [], seen?: string): typeof z.NEVER {
  ctx.addIssue({ code: 'custom', message, path, ...(seen === undefined ? {} : { params: { seen } }) });
  return z.NEVER;
}

/** Text on one line. */
export function text(allowed: () => string, longest = 1000) {
  const clause = { error: () => tr`allowed: ${allowed()}` };
  return z
    .string(clause)
    .min(1, clause)
    .max(longest, { error: () => tr`allowed: at most ${longest} characters` })
    .regex(/^[^\p{Cc}]*$/u, { error: () => tr`allowed: one line without control characters` });
}

export function matching(pattern: RegExp, allowed: () => string) {
  const clause = { error: () => tr`allowed: ${allowed()}` };
  return z.string(clause).regex(pattern, clause);
}

/** The error of a list that is too long. */
export function atMost(most: number) {
  return { error: () => tr`allowed: at most ${most}` };
}

/** The error of a map that has these keys and no others. Of an unknown one `faultsOf` says what was meant: to it go the keys alone. */
export function onlyKeys(keys: string) {
  return {
    error: ({ code }: { readonly code?: string }) =>
      code === 'unrecognized_keys' ? keys : tr`allowed: a map with ${keys}`,
  };
}

export const label = matching(LABEL, () => tr`1 to 63 ${labelRule()}`);
export const objectName = matching(SUBDOMAIN, () => tr`1 to 253 ${nameRule()}`);

const time = () => tr`a time with its unit, for example 10s, 1m30s, 2h`;
const ageText = () => tr`an age with its unit, for example 12h, 2d`;
const OLDEST_DAYS = 3650;

export const duration = z
  .union([matching(/^(0|(\d+(\.\d+)?(ms|s|m|h))+)$/, time), z.literal(0, { error: () => tr`allowed: ${time()}` })], {
    error: () => tr`allowed: ${time()}`,
  })
  .transform((value, ctx) => {
    const ms = parseDuration(String(value));
    return ms === undefined || ms > LONGEST_MS ? refuse(ctx, tr`allowed: at most 24h`) : ms;
  });

/** Of a backup: hours, or days, which nothing that is waited for can last. */
export const age = matching(/^((\d+(\.\d+)?(s|m|h))+|\d+(\.\d+)?d)$/, ageText).transform((value, ctx) => {
  const ms = value.endsWith('d') ? Number(value.slice(0, -1)) * 24 * 3_600_000 : parseDuration(value);
  if (ms === undefined || ms <= 0) return refuse(ctx, tr`allowed: ${ageText()}`);
  return ms > OLDEST_DAYS * 24 * 3_600_000 ? refuse(ctx, tr`allowed: at most ${OLDEST_DAYS}d`) : ms;
});

export const sha256 = matching(
  /^[0-9a-fA-F]{64}$/,
  () => tr`a SHA-256 in 64 hexadecimal digits, as sha256sum prints it`,
).transform((hash) => hash.toLowerCase());

/** A folder on the runner; what looks like an address is none. */
export const folder = text(() => tr`a folder`).refine((path) => !/^[a-z][a-z0-9+.-]*:/i.test(path), {
  error: () => tr`allowed: a folder on the runner (mount the place that outlives it)`,
});

export function integer(least: number, most: number) {
  const clause = { error: () => tr`allowed: a whole number from ${least} to ${most}` };
  return z.int(clause).min(least, clause).max(most, clause);
}

export const flag = z.boolean({ error: () => tr`allowed: true or false` });

/**
 * One word of a closed list, in any case. `names` maps what people type to what is meant; `later` are words that are known but do not
 * work yet, refused with what does.
 */
export function word<T extends string>(
  names: Readonly<Record<string, T>>,
  later: readonly string[] = [],
  shown?: string,
) {
  const choices = Object.keys(names);
  const works = shown ?? choices.join(', ');
  return z
    .string({ error: () => tr`allowed: ${works}` })
    .meta({ enum: choices })
    .transform((value, ctx): T => {
      const typed = value.trim().toLowerCase().normalize('NFC');
      const meant = Object.hasOwn(names, typed) ? names[typed] : undefined;
      if (meant !== undefined) return meant;
      return refuse(ctx, later.includes(typed) ? tr`not available yet; available: ${works}` : tr`allowed: ${works}`);
    });
}

/** A list, or the same as text with one element a line (or with commas and blanks between, where elements cannot hold those). */
function listOf<T>(
  allowed: () => string,
  between: RegExp,
  parse: (element: string) => { value: T } | { refused: string; seen?: string },
) {
  return z
    .union(
      [
        z.string(),
        z.array(z.string({ error: () => tr`allowed: ${allowed()}` })).max(MOST_ELEMENTS, atMost(MOST_ELEMENTS)),
      ],
      {
        error: () => tr`allowed: a list of ${allowed()}`,
      },
    )
    .transform((value, ctx): readonly T[] => {
      const elements = typeof value === 'string' ? elementsOf(value, between) : value.map((element) => element.trim());
      const parsed = elements.map((element, index) => {
        const result = parse(element);
        if ('value' in result) return result.value;
        return refuse(ctx, result.refused, typeof value === 'string' ? [] : [index], result.seen ?? element);
      });
      return parsed;
    });
}

/** People paste YAML lists and comments into block texts: `- deployment/web  # the shop`. */
function elementsOf(block: string, between: RegExp): string[] {
  return block
    .split('\n')
    .map((line) =>
      line
        .trim()
        .replace(/^- +/, '')
        .replace(/(^|\s)#.*$/, ''),
    )
    .flatMap((line) => line.split(between))
    .map((element) => element.trim())
    .filter((element) => element !== '');
}

const LINES = /\n/;
const WORDS = /[\s,]+/;

/** Names from an open list, e.g. step ids. Whether they are known is asked later, when the steps are known. */
export const ids = listOf(
  () => tr`names`,
  WORDS,
  (element) =>
    /^[a-z0-9]+(-[a-z0-9]+)*$/.test(element)
      ? { value: element }
      : { refused: tr`allowed: names in lower case, for example check-pods` },
);

/** Words from a closed list; the single word `none` is the empty list. */
export function words<T extends string>(choices: readonly T[]) {
  const allowed = () => tr`${choices.join(', ')}; or none`;
  return listOf(allowed, WORDS, (element): { value: T | 'none' } | { refused: string } => {
    const known = choices.find((choice) => choice.toLowerCase() === element.toLowerCase());
    if (known !== undefined) return { value: known };
    return element === 'none' ? { value: 'none' } : { refused: tr`allowed: ${allowed()}` };
  }).transform((list, ctx) => withoutNone(list, ctx));
}

/** Programs by file name or absolute path; the single word `none` is the empty list. */
export const programs = listOf(
  () => tr`programs by file name, or none`,
  WORDS,
  (element) =>
    /^(\/([\w.-]+\/)*)?[\w.-]+$/.test(element) && !/(^|\/)\.+(\/|$)/.test(element)
      ? { value: element }
      : { refused: tr`allowed: the file name of a program, for example aws, or its absolute path; or none` },
).transform((list, ctx) => withoutNone(list, ctx));

function withoutNone<T extends string>(list: readonly T[], ctx: z.RefinementCtx): readonly Exclude<T, 'none'>[] {
  if (list.includes('none' as T) && list.length > 1) return refuse(ctx, tr`allowed: none alone, or names without none`);
  return list.filter((element): element is Exclude<T, 'none'> => element !== 'none');
}

export const workloads = listOf(
  () => 'kind/name',
  WORDS,
  (element) => {
    const ref = parseWorkload(element);
    return typeof ref === 'string' ? { refused: tr`allowed: ${ref}` } : { value: ref };
  },
).transform((refs, ctx) => {
  const twice = repeated(refs.map(refText));
  return twice === undefined ? refs : refuse(ctx, tr`allowed: each workload once`, [], twice);
});

export const selector = text(() => tr`a label selector, for example app=shop`).refine(isSelector, {
  error: () => tr`allowed: a label selector, for example app=shop or tier in (web, api)`,
});

const targetLine = () =>
  tr`auto, or lines like deployment/web=revision:12 or deployment/web=image:registry.example/web:1.4`;
const LATER_TARGET = /^(known-good$|snapshot:)/;
type Line = Extract<TargetRequest, { kind: 'explicit' }>['lines'][number];

/** `auto`, or explicit lines. */
export const target = listOf(targetLine, LINES, (element): { value: Line | 'auto' } | { refused: string } => {
  if (element.toLowerCase() === 'auto') return { value: 'auto' };
  if (LATER_TARGET.test(element)) return { refused: tr`not available yet; available: ${targetLine()}` };
  const [left = '', ...right] = element.split('=');
  const ref = parseWorkload(left.trim());
  const wanted = right.join('=').trim();
  if (typeof ref === 'string' || right.length === 0) return { refused: tr`allowed: ${targetLine()}` };
  const revision = /^revision:([1-9]\d{0,14})$/.exec(wanted)?.[1];
  if (revision !== undefined) return { value: { ref, to: { revision: Number(revision) } } };
  const image = /^image:(.+)$/.exec(wanted)?.[1];
  if (image !== undefined && isImage(image)) return { value: { ref, to: { image } } };
  return { refused: tr`allowed after "=": revision:N with N from 1, or image:REF with a whole image reference` };
}).transform((list, ctx): TargetRequest => {
  const lines = list.filter((line) => line !== 'auto');
  if (lines.length === 0) return { kind: 'auto' };
  if (lines.length < list.length) return refuse(ctx, tr`allowed: auto alone, or lines without auto`);
  const twice = repeated(lines.map((line) => refText(line.ref)));
  return twice === undefined
    ? { kind: 'explicit', lines }
    : refuse(ctx, tr`allowed: one line for each workload`, [], twice);
});

export function repeated(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}
