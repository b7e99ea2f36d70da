/** RFC 6902, as far as it is used. `test` is what guards a write: the server checks it in the same transaction. */
export type JsonPatch = readonly (
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
)[];

export const JSON_PATCH = 'application/json-patch+json';

/** What Go's encoder escapes beyond JSON's own rules, so that its output is safe inside HTML and scripts. */
const ESCAPED_BY_GO = /[<>&\u2028\u2029]/g;

/**
 * JSON spelled as the API server spells it. Its JSON patch compares the values of a `test` by their bytes, so `&&` in a command
 * would never equal the `\u0026\u0026` of the stored object (github.com/evanphx/json-patch, `lazyNode.equal`).
 */
export function serverJson(value: unknown): string {
  return JSON.stringify(value).replace(
    ESCAPED_BY_GO,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
