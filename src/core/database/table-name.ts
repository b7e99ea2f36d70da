/**
 * One spelling for a table's name, whoever wrote it: `public.users`, `"public"."users"` and `public."users"` are the same table to the
 * server, but not as texts. Gives `"schema"."table"`; a name that is no name of a table is given back as it is.
 */
export function tableName(spelled: string): string {
  const parts = [...spelled.matchAll(/"((?:[^"]|"")*)"|([^".]+)/g)];
  if (parts.map(([text]) => text).join('.') !== spelled) return spelled;
  return parts
    .map(([, quoted, plain]) => (quoted === undefined ? `"${plain?.toLowerCase()}"` : `"${quoted}"`))
    .join('.');
}
