/** RFC 6902, as far as it is used. `test` is what guards a write: the server checks it in the same transaction. */
export type JsonPatch = readonly (
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
)[];

export const JSON_PATCH = 'application/json-patch+json';
