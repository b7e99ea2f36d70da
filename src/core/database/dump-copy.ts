/** A name with its schema, each plain or quoted. */
const NAME = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`;
const COPY = new RegExp(String.raw`^COPY (${NAME}(?:\.${NAME})?)(?: \(${NAME}(?:, ${NAME})*\)| )? FROM stdin$`);

/**
 * The table of a `COPY table (columns) FROM stdin` exactly as pg_dump writes it; `foreign` for rows that come in another form (options, binary);
 * undefined where no rows follow.
 */
export function copyTarget(sql: string): { readonly table: string } | 'foreign' | undefined {
  if (!/^copy\b/i.test(sql)) return undefined;
  const table = COPY.exec(sql)?.[1];
  if (table !== undefined) return { table };
  return /\bfrom\s+stdin\b/i.test(sql) ? 'foreign' : undefined;
}
