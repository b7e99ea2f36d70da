/** Schemas and rows at random, the same ones for the same seed: names and texts are drawn from what has ever confused a reader of dumps. */
export function randomSql(seed: number): string {
  const random = generator(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const text = () => Array.from({ length: Math.floor(random() * 6) }, () => pick(PIECES)).join('');
  const literal = (value: string) => `E'${value.replace(/[\\']/g, '\\$&')}'`;
  let counter = 0;
  const name = () =>
    `"${text()
      .replace(/[\0\r\n]/g, '')
      .slice(0, 20)
      .replaceAll('"', '""')}${++counter}"`;
  const literalOf: Readonly<Record<string, () => string>> = {
    text: () => literal(text()),
    integer: () => String(Math.floor(random() * 1e6) - 5e5),
    numeric: () => String((random() - 0.5) * 1e9),
    bytea: () =>
      `'\\x${Array.from({ length: Math.floor(random() * 20) }, () => pick(['00', '0a', '5c', '2e', 'ff', '27'])).join('')}'`,
    'text[]': () => `ARRAY[${literal(text())}, NULL, ${literal(text())}]::text[]`,
    jsonb: () => `to_jsonb(${literal(text())}::text)`,
    boolean: () => pick(['true', 'false']),
    timestamptz: () => `'2026-01-01'::timestamptz + ${Math.floor(random() * 1e6)} * interval '1 s'`,
    'char(7)': () =>
      literal(
        text()
          .slice(0, 3)
          .replace(/\P{ASCII}/gu, ''),
      ),
  };
  const schemas = ['public', ...Array.from({ length: 2 }, name)];
  const sql = schemas.slice(1).map((schema) => `CREATE SCHEMA ${schema};`);
  for (let table = 0; table < 6; table++) {
    const full = `${pick(schemas)}.${name()}`;
    const columns = Array.from({ length: 1 + Math.floor(random() * 5) }, () => ({
      name: name(),
      type: pick(Object.keys(literalOf)),
    }));
    const definitions = columns.map((column) => {
      const value = (literalOf[column.type] as () => string)();
      return `${column.name} ${column.type}${random() < 0.3 ? ` DEFAULT ${value}` : ''}`;
    });
    const hasKey = random() < 0.6;
    if (hasKey) definitions.unshift(`${name()} ${pick(['serial', 'bigint GENERATED ALWAYS AS IDENTITY'])} PRIMARY KEY`);
    sql.push(`CREATE ${random() < 0.2 ? 'UNLOGGED ' : ''}TABLE ${full} (${definitions.join(', ')});`);
    const count = Math.floor(random() * 60);
    for (let row = 0; row < count; row++) {
      const values = columns.map(({ type }) => (random() < 0.15 ? 'NULL' : (literalOf[type] as () => string)()));
      sql.push(
        `INSERT INTO ${full} (${columns.map((column) => column.name).join(', ')}) VALUES (${values.join(', ')});`,
      );
    }
    const indexed = columns.find(({ type }) => type !== 'jsonb');
    if (indexed && random() < 0.7) sql.push(`CREATE INDEX ${name()} ON ${full} (${indexed.name});`);
    sql.push(`COMMENT ON TABLE ${full} IS ${literal(text())};`);
    if (random() < 0.6)
      sql.push(`CREATE VIEW public.${name()} AS SELECT *, ${literal(text())} AS ${name()} FROM ${full};`);
    if (random() < 0.5)
      sql.push(
        `CREATE FUNCTION public.${name()}(a text DEFAULT ${literal(text())}) RETURNS text LANGUAGE sql AS ${literal(`SELECT ${literal(text())}::text; -- ${text().replace(/[\r\n]/g, ' ')}`)};`,
      );
    if (random() < 0.4) sql.push(`GRANT SELECT ON ${full} TO app;`);
  }
  return sql.join('\n');
}

const PIECES = [
  'a',
  'B',
  ' ',
  ';',
  "'",
  "''",
  '"',
  '\\',
  '\\.',
  '\n\\.\n',
  '\n',
  '\t',
  '\r',
  '$$',
  '$a$',
  '--',
  '/*',
  '*/',
  '(',
  ')',
  '\\N',
  '\\restrict x',
  '\n\\! id\n',
  'é',
  '漢',
  '🙂',
  '\u0001',
  '\u007f',
  '\u2028',
  'BEGIN ATOMIC',
  'END',
  'CASE',
  '\n--\n-- PostgreSQL database dump complete\n--\n',
  'COPY t FROM stdin;\n',
  'SELECT 1;',
  '%s',
  `$\{x}`,
  '::error::',
  'E',
  '%',
  '0',
  '-',
  '-- Name: x; Type: TABLE; Schema: public; Owner: y\n',
];

/** mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
