import type { Report } from '../core/report.ts';

const MASK = '***';
/** Shorter secrets are only replaced where they stand alone: `1` must not eat every number of a report. */
const MIN_INSIDE = 4;
/** Shortest part of a secret of several lines that is a secret by itself. */
const MIN_PART = 12;

/** Fields whose value comes from a fixed list of ours: no secret can stand there, and the schema needs them whole. */
const FIXED_FIELDS = new Set([
  'apiVersion',
  'mode',
  'tier',
  'language',
  'outcome',
  'status',
  'code',
  'cause',
  'problem',
  'silence',
  'kind',
  'severity',
  'key',
  'id',
  'step',
  'check',
  'contact',
  'startedAt',
  'finishedAt',
  'healthy',
  'integrity',
  'basis',
  'is',
]);
/** Below these everything is free text, whatever its field is called. */
const FREE_FIELDS = new Set(['values', 'change', 'run']);

/**
 * Replaces every form of every secret by `***`: as it is, its long parts, in base64 (at any offset), URL-encoded, JSON-escaped. Secrets are
 * values (a token, a password, a key), not whole documents; more of them may become known while a run goes on.
 */
export class Redactor {
  readonly #forms = new Set<string>();
  #pattern: RegExp | undefined;

  add(secrets: readonly string[]): void {
    for (const form of secrets.flatMap(formsOf)) if (form !== '') this.#forms.add(form);
    this.#pattern = undefined;
  }

  redact(text: string): string {
    // Nearly every text is clean, and to look for each form is much quicker than the pattern of all of them.
    if (!this.#isIn(text)) return text;
    // The longest first, so that no secret is left half shown because a part of it was found before.
    this.#pattern ??= new RegExp(
      [...this.#forms]
        .sort((a, b) => b.length - a.length)
        .map(patternOf)
        .join('|'),
      'g',
    );
    return text.replace(this.#pattern, MASK);
  }

  #isIn(text: string): boolean {
    for (const form of this.#forms) if (text.includes(form)) return true;
    return false;
  }

  /** The report as it may be shown. Call it before anything is rendered. */
  redactReport(report: Report): Report {
    // What JSON escapes stands among the forms in that spelling, too.
    if (!this.#isIn(JSON.stringify(report))) return report;
    return walk(report, (text) => this.redact(text), false) as Report;
  }
}

/** The report with these secrets replaced. */
export function redactReport(report: Report, secrets: readonly string[]): Report {
  const redactor = new Redactor();
  redactor.add(secrets);
  return redactor.redactReport(report);
}

function walk(value: unknown, redact: (text: string) => string, isFree: boolean): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, redact, isFree));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (isFree) return [redact(name), walk(item, redact, true)];
      if (FIXED_FIELDS.has(name) && typeof item === 'string') return [name, item];
      return [name, walk(item, redact, FREE_FIELDS.has(name))];
    }),
  );
}

function patternOf(form: string): string {
  const literal = form.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return form.length < MIN_INSIDE ? `(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])` : literal;
}

/** Every way in which a secret may be written. */
function formsOf(secret: string): string[] {
  const trimmed = secret.trim();
  if (trimmed === '') return [];
  return [...new Set([secret, trimmed, ...partsOf(trimmed)])].flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    ...urlForms(text),
    ...(text.length >= MIN_INSIDE ? base64Forms(text) : []),
  ]);
}

/** The lines of a key block, which is often shown line by line. Lines of `name: value` stay: their names are words of the report. */
function partsOf(secret: string): string[] {
  if (!secret.includes('\n')) return [];
  return secret
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= MIN_PART && !/\s/.test(line));
}

function urlForms(text: string): string[] {
  const encoded = encodeURIComponent(text.toWellFormed());
  return [encoded, encoded.replaceAll('%20', '+'), encodeURI(text.toWellFormed())];
}

/** Base64 of the secret itself, and what it looks like inside the base64 of a longer text, at each of the three offsets. */
function base64Forms(text: string): string[] {
  const bytes = [...new TextEncoder().encode(text)];
  const inside = [0, 1, 2].map((offset) => {
    const whole = base64([...Array<number>(offset).fill(0), ...bytes]);
    // The first and the last character also hold bits of the neighbours.
    const start = [0, 2, 3][offset] ?? 0;
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    return whole.slice(start, end);
  });
  return [base64(bytes), ...inside]
    .filter((form) => form.length >= MIN_INSIDE)
    .flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')]);
}

function base64(bytes: readonly number[]): string {
  return btoa(bytes.map((byte) => String.fromCharCode(byte)).join(''));
}
