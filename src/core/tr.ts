/**
 * Sentences by the English one, with `{0}`, `{1}`, ... where its values stand: `database {0} is gone` → `la base {0} n'existe plus`.
 * A translation may put the values in another order.
 */
export type Translations = Readonly<Record<string, string>>;

let translations: Translations = {};
/** The key of each place in the source, made once. */
const keys = new WeakMap<TemplateStringsArray, string>();

/**
 * Sets the language of every text that is made from now on; English where this was never called. The entries call it once,
 * before anything speaks: as with gettext, it is the one thing in `core` that a process has and a call does not.
 */
export function speak(language: Translations): void {
  translations = language;
}

/**
 * A text for people, in the language of the run: messages, hints, evidence, lines of the plan and of the log. The English stands
 * where it is said, the others in `report/texts`; a test holds every place to every language. Values are put in as they are, so
 * a value that is words must have been through `tr` itself. Not at the top level of a module: that is read before the language is known.
 */
export function tr(english: TemplateStringsArray, ...values: readonly (string | number | bigint)[]): string {
  const translation = translations[keyOf(english)];
  if (translation === undefined) return String.raw({ raw: english }, ...values);
  return translation.replace(/\{(\d+)\}/g, (place, index) => String(values[Number(index)] ?? place));
}

/** The key of a text: its parts, with `{0}`, `{1}`, ... where values stand between them. */
export function textKey(parts: readonly string[]): string {
  return parts.reduce((text, part, index) => `${text}{${index - 1}}${part}`);
}

function keyOf(english: TemplateStringsArray): string {
  const known = keys.get(english);
  if (known !== undefined) return known;
  const key = textKey(english);
  keys.set(english, key);
  return key;
}
