import { RollbackError } from '../errors.ts';
import { tr } from '../tr.ts';
import type { DumpManifest, DumpStatement } from './dump.ts';
import { plainInsert } from './dump-insert.ts';
import { DumpLexer } from './dump-lexer.ts';
import { type Token, tokensOf, unquoted } from './dump-tokens.ts';
import { spelledName, unsafeIn } from './dump-unsafe.ts';

export interface ProofOptions {
  /** For messages: the backup as a person names it. */
  readonly name: string;
  readonly format: DumpManifest['format'];
  /** Of the file as it lies there; asked for once, after the text has ended. */
  readonly digest: () => { readonly sha256: string; readonly bytes: number };
  /** Statements that reach beyond the database are listed in the manifest instead of refused. */
  readonly allowUnsafe?: boolean;
}

/**
 * Reads a dump from its first to its last byte, without a database, and says what it holds.
 *
 * Rows are counted exactly: the lines of each COPY, the rows of each INSERT. What cannot be proven without loading is whether a row fits its table.
 * @param text decompressed.
 * @throws DUMP_EMPTY, DUMP_TRUNCATED, DUMP_CORRUPT, DUMP_FOREIGN, DUMP_UNSAFE; the first and the last with every finding.
 */
export async function proveDump(text: AsyncIterable<Uint8Array>, options: ProofOptions): Promise<DumpManifest> {
  const found = new Findings(options.name);
  const lexer = new DumpLexer({ name: options.name, onComment: (comment) => found.comment(comment) });
  let table = '';
  let textBytes = 0;
  for await (const chunk of text) {
    textBytes += chunk.length;
    for (const item of lexer.feed(chunk)) {
      if (item.kind === 'statement') {
        found.statement(item.statement);
        table = item.statement.copy?.table ?? '';
      } else if (item.kind === 'rows-end') found.rows(table, item.count);
    }
  }
  lexer.end();
  const manifest: DumpManifest = { format: options.format, ...options.digest(), textBytes, ...found.facts() };
  refuseHollow(manifest, options.name, found);
  if (!options.allowUnsafe) refuseUnsafe(manifest, options.name);
  return manifest;
}

/** @throws DUMP_UNSAFE with every such statement and its line. */
export function refuseUnsafe(manifest: Pick<DumpManifest, 'unsafe'>, name: string): void {
  if (manifest.unsafe.length === 0) return;
  const shown = manifest.unsafe.slice(0, 20).map(({ what, line }) => tr`line ${line}: ${what}`);
  const more = manifest.unsafe.length - shown.length;
  throw new RollbackError(
    'DUMP_UNSAFE',
    tr`${name} has ${manifest.unsafe.length} statement(s) that reach beyond the database: ${shown.join('; ')}${more > 0 ? tr`; and ${more} more` : ''}`,
    tr`Read these lines. If they are meant so, allow them with \`allow-unsafe-dump: true\`, and load with a login that is no superuser.`,
  );
}

/** A dump without tables, or without any row's place, is complete and still takes everything away. */
function refuseHollow(
  manifest: DumpManifest,
  name: string,
  found: { readonly tables: number; readonly hasData: boolean },
): void {
  if (found.tables === 0)
    throw new RollbackError(
      'DUMP_EMPTY',
      found.hasData
        ? tr`${name} holds rows and creates no table (pg_dump --data-only)`
        : tr`${name} creates no table (${manifest.statements} statements)`,
      tr`Name the backup of the whole database (pg_dump without -a).`,
    );
  if (!found.hasData)
    throw new RollbackError(
      'DUMP_EMPTY',
      tr`${name} creates ${found.tables} table(s) and holds the rows of none (pg_dump --schema-only)`,
      tr`Name the backup of the whole database (pg_dump without -s).`,
    );
}

/** What stands for no role in a GRANT or an owner. */
const NO_ROLES: ReadonlySet<string> = new Set(['PUBLIC', 'CURRENT_USER', 'CURRENT_ROLE', 'SESSION_USER']);

class Findings {
  readonly #name: string;
  readonly #rows = new Map<string, number>();
  readonly #tables = new Set<string>();
  readonly #roles = new Set<string>();
  readonly #extensions = new Set<string>();
  readonly #schemas = new Set<string>();
  readonly #unsafe: { what: string; line: number }[] = [];
  readonly #withData = new Set<string>();
  #serverMajor: number | undefined;
  #dumpedBy: string | undefined;
  #encoding: string | undefined;
  #cleans = false;
  #statements = 0;
  #largest = 0;
  #insertTable: string | undefined;
  #insertRows = 0;
  readonly #dataHeaders = new Set<string>();
  hasData = false;

  constructor(name: string) {
    this.#name = name;
  }

  get tables(): number {
    return this.#tables.size;
  }

  comment(text: string): void {
    const server = /^-- Dumped from database version (\d+)/.exec(text)?.[1];
    if (server !== undefined) this.#serverMajor ??= Number(server);
    this.#dumpedBy ??= /^-- Dumped by (pg_dump version \d[\w.]*)/.exec(text)?.[1];
    const data = /^-- Data for Name: (.*); Type: TABLE DATA; Schema: (.*); Owner: /.exec(text);
    if (data) {
      this.hasData = true;
      this.#dataHeaders.add(`${data[2]}\n${data[1]}`);
    }
  }

  rows(table: string, count: number): void {
    this.hasData = true;
    this.#withData.add(table);
    this.#rows.set(table, (this.#rows.get(table) ?? 0) + count);
  }

  /** As `rows`, added up while the table stays the same: millions of INSERTs of one table are one look into the maps. */
  #inserted({ table, rows }: { readonly table: string; readonly rows: number }): void {
    if (table !== this.#insertTable) {
      this.#endInserts();
      this.#insertTable = table;
    }
    this.#insertRows += rows;
  }

  #endInserts(): void {
    if (this.#insertTable !== undefined) this.rows(this.#insertTable, this.#insertRows);
    this.#insertTable = undefined;
    this.#insertRows = 0;
  }

  statement(statement: DumpStatement): void {
    const { sql, line } = statement;
    this.#statements++;
    this.#largest = Math.max(this.#largest, Buffer.byteLength(sql));
    if (statement.cleans) this.#cleans = true;
    // What pg_dump of a newer major adds is known word for word.
    if (statement.needsMajor !== undefined) return;
    const inserted = plainInsert(sql);
    if (inserted) {
      this.#inserted(inserted);
      return;
    }
    const tokens = tokensOf(sql);
    const word = (index: number): string => tokens[index]?.text ?? '';
    if (word(1) === 'DATABASE' && ['CREATE', 'ALTER', 'DROP'].includes(word(0)))
      throw new RollbackError(
        'DUMP_FOREIGN',
        tr`${this.#name}: line ${line} has ${word(0)} DATABASE: the dump was made with --create, or of a whole server`,
        tr`Take the backup again without -C (--create): pg_dump DATABASE > FILE.`,
      );
    for (const what of unsafeIn(tokens)) this.#unsafe.push({ what, line });
    this.#encoding ??= /^SET client_encoding = '(\w+)'$/.exec(sql)?.[1];
    if (word(0) === 'INSERT') this.rows(spelledName(tokens, 2), insertedRows(tokens));
    else if (word(0) === 'CREATE') this.#created(tokens);
    this.#rolesIn(tokens);
  }

  #created(tokens: readonly Token[]): void {
    const rest = tokens.slice(1).filter((token) => !['UNLOGGED', 'IF', 'NOT', 'EXISTS'].includes(token.text));
    const what = rest[0]?.text;
    if (what === 'EXTENSION' && rest[1]) this.#extensions.add(unquoted(rest[1]));
    if (what === 'SCHEMA' && rest[1] && rest[1].text !== 'AUTHORIZATION') this.#schemas.add(unquoted(rest[1]));
    if (what !== 'TABLE') return;
    const table = spelledName(rest, 1);
    if (rest[2]?.text === '.' && rest[1]) this.#schemas.add(unquoted(rest[1]));
    this.#rows.set(table, this.#rows.get(table) ?? 0);
    if (isPartitioned(rest)) {
      // Its rows lie in its partitions.
      this.#rows.delete(table);
      this.#tables.delete(table);
    } else this.#tables.add(table);
  }

  #rolesIn(tokens: readonly Token[]): void {
    const [first, second] = tokens;
    const add = (token: Token | undefined): void => {
      if (token && (token.kind === 'name' || (token.kind === 'word' && !NO_ROLES.has(token.text))))
        this.#roles.add(unquoted(token));
    };
    if (first?.text === 'ALTER') {
      const owner = tokens.findIndex((token, index) => token.text === 'OWNER' && tokens[index + 1]?.text === 'TO');
      if (owner > 0) add(tokens[owner + 2]);
    }
    const privileges = first?.text === 'ALTER' && second?.text === 'DEFAULT';
    if (privileges && tokens[3]?.text === 'FOR') add(tokens[5]);
    if (first?.text === 'CREATE' && second?.text === 'SCHEMA')
      add(tokens[tokens.findIndex((token) => token.text === 'AUTHORIZATION') + 1 || tokens.length]);
    if (
      first?.text === 'GRANT' ||
      first?.text === 'REVOKE' ||
      privileges ||
      (first?.text === 'CREATE' && second?.text === 'POLICY')
    )
      for (const role of namedRoles(tokens)) add(role);
  }

  facts() {
    this.#endInserts();
    const rows = Object.fromEntries(this.#rows);
    return {
      ...(this.#serverMajor === undefined ? {} : { serverMajor: this.#serverMajor }),
      ...(this.#dumpedBy === undefined ? {} : { dumpedBy: this.#dumpedBy }),
      ...(this.#encoding === undefined ? {} : { encoding: this.#encoding }),
      rows,
      tablesWithoutData: [...this.#tables].filter((table) => !this.#hasDataOf(table)),
      roles: [...this.#roles].sort(),
      extensions: [...this.#extensions].sort(),
      schemas: [...this.#schemas].sort(),
      unsafe: this.#unsafe,
      cleans: this.#cleans,
      statements: this.#statements,
      largestStatement: this.#largest,
    };
  }

  /** An empty table has its COPY as well; with --inserts it has only its header. */
  #hasDataOf(table: string): boolean {
    if (this.#withData.has(table)) return true;
    const [schema, name] = tokensOf(table).filter((token) => token.text !== '.');
    return (
      schema !== undefined && name !== undefined && this.#dataHeaders.has(`${unquoted(schema)}\n${unquoted(name)}`)
    );
  }
}

function isPartitioned(tokens: readonly Token[]): boolean {
  let depth = 0;
  return tokens.some((token, index) => {
    if (token.text === '(') depth++;
    else if (token.text === ')') depth--;
    return depth === 0 && token.text === 'PARTITION' && tokens[index + 1]?.text === 'BY';
  });
}

/** The rows of `INSERT ... VALUES (...), (...)`. */
function insertedRows(tokens: readonly Token[]): number {
  const values = tokens.findIndex((token) => token.text === 'VALUES');
  if (tokens[values - 1]?.text === 'DEFAULT') return 1;
  let depth = 0;
  let rows = 0;
  for (const token of tokens.slice(values + 1)) {
    if (token.text === 'ON') break;
    if (token.text === '(') {
      if (depth === 0) rows++;
      depth++;
    } else if (token.text === ')') depth--;
  }
  return rows;
}

/** After TO or FROM at the end: a list of roles. */
function namedRoles(tokens: readonly Token[]): Token[] {
  let depth = 0;
  let list = -1;
  for (const [index, token] of tokens.entries()) {
    if (token.text === '(') depth++;
    else if (token.text === ')') depth--;
    else if (depth === 0 && (token.text === 'TO' || token.text === 'FROM')) list = index;
  }
  if (list < 0) return [];
  const roles: Token[] = [];
  for (let at = list + 1; at < tokens.length; at += 2) {
    const role = tokens[at];
    if (role) roles.push(role);
    if (tokens[at + 1]?.text !== ',') break;
  }
  return roles;
}
