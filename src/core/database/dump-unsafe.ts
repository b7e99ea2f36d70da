import { tr } from '../tr.ts';
import type { Token } from './dump-tokens.ts';
import { unquoted } from './dump-tokens.ts';

/**
 * What in a statement of a dump reaches beyond its database, in words for a person; nothing for what pg_dump writes for an ordinary one.
 *
 * It goes by what pg_dump is known to write: a statement that it never writes is named too. This is a report of what the file
 * openly says, not a wall: a function's text is not read, and code in it runs with the rights of the login that loads the
 * dump. The wall is that this login is no superuser.
 *
 * A full parser (libpg-query) was not taken: its grammar is that of one server major, it parses each INSERT into a tree, and all
 * that is asked here stands in the first words of a statement.
 */
export function unsafeIn(tokens: readonly Token[]): string[] {
  const [first] = tokens;
  if (!first) return [];
  const rule = RULES[first.text];
  const found = rule ? rule(tokens) : [tr`${first.text}, which pg_dump never writes`];
  return [...found, ...callsBeyond(tokens)];
}

type Rule = (tokens: readonly Token[]) => string[];

const RULES: Readonly<Record<string, Rule>> = {
  SET: settingBeyond,
  SELECT: callNotOfDump,
  CREATE: created,
  ALTER: altered,
  DROP: altered,
  COMMENT: nothing,
  SECURITY: nothing,
  GRANT: granted,
  REVOKE: granted,
  COPY: copied,
  INSERT: computed,
  REFRESH: nothing,
  BEGIN: nothing,
  COMMIT: nothing,
  DO: () => [tr`DO (a block of code that runs at once)`],
  LOAD: () => [tr`LOAD of a library`],
};

function nothing(): string[] {
  return [];
}

/** `_doSetFixedOutputState`, `_selectTablespace` and their like in pg_backup_archiver.c, over the majors 13 to 18. */
const SETTINGS: ReadonlySet<string> = new Set([
  'STATEMENT_TIMEOUT',
  'LOCK_TIMEOUT',
  'IDLE_IN_TRANSACTION_SESSION_TIMEOUT',
  'TRANSACTION_TIMEOUT',
  'CLIENT_ENCODING',
  'STANDARD_CONFORMING_STRINGS',
  'ESCAPE_STRING_WARNING',
  'CHECK_FUNCTION_BODIES',
  'XMLOPTION',
  'CLIENT_MIN_MESSAGES',
  'ROW_SECURITY',
  'DEFAULT_TABLESPACE',
  'DEFAULT_TABLE_ACCESS_METHOD',
  'DEFAULT_WITH_OIDS',
  'DEFAULT_TOAST_COMPRESSION',
  'SEARCH_PATH',
]);

function settingBeyond(tokens: readonly Token[]): string[] {
  const names = words(tokens, 3);
  if (names[1] === 'SESSION' && names[2] === 'AUTHORIZATION') return ['SET SESSION AUTHORIZATION'];
  if (names[1] === 'ROLE') return ['SET ROLE'];
  return SETTINGS.has(names[1] ?? '') ? [] : [`SET ${tokens[1]?.raw ?? ''}`];
}

const CALLS =
  /^SELECT (?:\* FROM )?(?:PG_CATALOG \. )?(SET_CONFIG|SETVAL|LO_CREATE|LO_OPEN|LOWRITE|LO_CLOSE|LO_UNLINK|PG_RESTORE_RELATION_STATS|PG_RESTORE_ATTRIBUTE_STATS) \(/;
/** `pg_dump -c --if-exists` for a large object. */
const UNLINK_IF_EXISTS =
  /^SELECT PG_CATALOG \. LO_UNLINK \( OID \) FROM PG_CATALOG \. PG_LARGEOBJECT_METADATA WHERE OID = '\d+'$/;

function callNotOfDump(tokens: readonly Token[]): string[] {
  const text = words(tokens, 24).join(' ');
  const known = CALLS.exec(text)?.[1];
  const setsPath = known !== 'SET_CONFIG' || tokens.some((token) => token.text === "'search_path'");
  if ((known && setsPath && isOneCall(tokens)) || UNLINK_IF_EXISTS.test(text)) return [];
  return [tr`SELECT ${spelledName(tokens, 1)}, which pg_dump never writes`];
}

/** `f(literals)` and nothing else. */
function isOneCall(tokens: readonly Token[]): boolean {
  const open = tokens.findIndex((token) => token.text === '(');
  const inside = tokens.slice(open + 1);
  return (
    inside.filter((token) => token.text === '(').length === 0 &&
    inside.findIndex((token) => token.text === ')') === inside.length - 1
  );
}

/** What `CREATE x` makes that lives outside of the database, or runs code outside of it. */
const CREATED: Readonly<Record<string, () => string>> = {
  ROLE: () => tr`a role of the server`,
  USER: () => tr`a role of the server`,
  GROUP: () => tr`a role of the server`,
  TABLESPACE: () => tr`a folder of the server`,
  SERVER: () => tr`a connection to another server`,
  'USER MAPPING': () => tr`credentials for another server`,
  'FOREIGN DATA': () => tr`access to data outside of the database`,
  'FOREIGN TABLE': () => tr`a table that lives elsewhere`,
  SUBSCRIPTION: () => tr`a connection to another server`,
  'EVENT TRIGGER': () => tr`code that runs at each change of the schema`,
  'ACCESS METHOD': () => tr`native code`,
  LANGUAGE: () => tr`a language of functions`,
};

/** Extensions whose functions reach files, programs or other servers. */
const EXTENSIONS: ReadonlySet<string> = new Set([
  'dblink',
  'postgres_fdw',
  'file_fdw',
  'adminpack',
  'plpython3u',
  'plpythonu',
  'plpython2u',
  'plperlu',
  'pltclu',
  'plsh',
  'pljava',
  'pg_cron',
  'pg_net',
  'http',
  'pg_background',
  'aws_s3',
  'aws_lambda',
]);

/** Languages whose functions cannot leave the database. */
const LANGUAGES: ReadonlySet<string> = new Set([
  'sql',
  'plpgsql',
  'plperl',
  'pltcl',
  'plv8',
  'pllua',
  'plcoffee',
  'plls',
]);

function created(tokens: readonly Token[]): string[] {
  const rest = tokens.slice(1).filter((token) => !['OR', 'REPLACE', 'TRUSTED', 'PROCEDURAL'].includes(token.text));
  const [one, two] = words(rest, 2);
  const kind = CREATED[`${one} ${two}`] ? `${one} ${two}` : (one ?? '');
  if (one === 'EXTENSION') {
    const name = rest.slice(1).find((token) => !['IF', 'NOT', 'EXISTS'].includes(token.text));
    return name && EXTENSIONS.has(unquoted(name)) ? [`CREATE EXTENSION ${name.raw}`] : [];
  }
  if (one === 'FUNCTION' || one === 'PROCEDURE') return routine(one, rest);
  if (one === 'TYPE' && isBaseType(rest)) return [tr`CREATE TYPE ${spelledName(rest, 1)} with native code`];
  const about = CREATED[kind];
  if (about === undefined || (kind === 'LANGUAGE' && LANGUAGES.has(unquoted(rest[1] ?? NONE)))) return [];
  return [`CREATE ${kind} ${spelledName(rest, kind.split(' ').length)} (${about()})`];
}

function routine(kind: string, rest: readonly Token[]): string[] {
  let depth = 0;
  for (const [index, token] of rest.entries()) {
    if (token.text === '(') depth++;
    else if (token.text === ')') depth--;
    else if (depth === 0 && token.text === 'ATOMIC') break;
    else if (depth === 0 && token.text === 'LANGUAGE') {
      const language = unquoted(rest[index + 1] ?? NONE).toLowerCase();
      if (!LANGUAGES.has(language)) return [tr`CREATE ${kind} ${spelledName(rest, 1)} in language ${language}`];
    }
  }
  return [];
}

/** `CREATE TYPE name (INPUT = ...)`; composite, enum and range types have an AS, a shell type has neither. */
function isBaseType(rest: readonly Token[]): boolean {
  const open = rest.findIndex((token) => token.text === '(');
  return open > 0 && !rest.slice(0, open).some((token) => token.text === 'AS');
}

const ALTERED = ['SYSTEM', 'ROLE', 'USER', 'GROUP', 'DATABASE', 'TABLESPACE', 'SUBSCRIPTION', 'OWNED'];

function altered(tokens: readonly Token[]): string[] {
  const [verb, what] = words(tokens, 2);
  return ALTERED.includes(what ?? '') ? [`${verb} ${what} ${spelledName(tokens, 2)}`.trimEnd()] : [];
}

function granted(tokens: readonly Token[]): string[] {
  const [verb = ''] = words(tokens, 1);
  const on = tokens.findIndex((token) => token.text === 'ON');
  if (on < 0) return [tr`${verb} of the role ${tokens[1]?.raw ?? ''}`];
  return tokens[on + 1]?.text === 'PARAMETER' ? [tr`${verb} on a parameter of the server`] : [];
}

function copied(tokens: readonly Token[]): string[] {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.text === '(') depth++;
    else if (token.text === ')') depth--;
    if (depth > 0 || (token.text !== 'FROM' && token.text !== 'TO')) continue;
    const next = tokens[index + 1];
    if (next?.text === 'PROGRAM') return [`COPY ${token.text} PROGRAM`];
    if (next?.kind === 'string') return [tr`COPY ${token.text} a file of the server`];
    if (token.text === 'FROM' && next?.text === 'STDIN') return [];
  }
  return [tr`COPY in a form that pg_dump never writes`];
}

const VALUE_WORDS: ReadonlySet<string> = new Set([
  'NULL',
  'TRUE',
  'FALSE',
  'DEFAULT',
  'ON',
  'CONFLICT',
  'DO',
  'NOTHING',
  'E',
]);

function computed(tokens: readonly Token[]): string[] {
  const values = tokens.findIndex((token) => token.text === 'VALUES');
  const isPlain = (token: Token): boolean =>
    token.kind === 'string' ||
    token.kind === 'number' ||
    (token.kind === 'word' ? VALUE_WORDS.has(token.text) || /^E\d*$/.test(token.text) : '(),+-.'.includes(token.text));
  if (values > 0 && tokens.slice(values + 1).every(isPlain)) return [];
  return [tr`INSERT INTO ${spelledName(tokens, 2)} of computed values, which pg_dump never writes`];
}

/** Functions of the server that read or write files, programs or other servers, wherever a statement calls them. */
const CALLED =
  /^(?:LO_IMPORT|LO_EXPORT|PG_READ_FILE|PG_READ_BINARY_FILE|PG_LS_[A-Z_]+|PG_STAT_FILE|PG_FILE_[A-Z]+|PG_LOGDIR_LS|DBLINK[A-Z_]*|PG_RELOAD_CONF|PG_TERMINATE_BACKEND|PG_CANCEL_BACKEND|PG_PROMOTE|PG_SWITCH_WAL)$/;

function callsBeyond(tokens: readonly Token[]): string[] {
  // What is created under such a name is not called.
  if (tokens[0]?.text === 'INSERT' || tokens[0]?.text === 'COMMENT' || tokens[0]?.text === 'ALTER') return [];
  const called = tokens.find(
    (token, index) =>
      tokens[index + 1]?.text === '(' &&
      index > 2 &&
      CALLED.test(unquoted(token).toUpperCase()) &&
      token.kind !== 'string',
  );
  return called ? [tr`a call of ${called.raw}`] : [];
}

const NONE: Token = { kind: 'symbol', text: '', raw: '' };

function words(tokens: readonly Token[], count: number): string[] {
  return tokens.slice(0, count).map((token) => token.text);
}

/** `schema.table` as it is spelled from this token on. */
export function spelledName(tokens: readonly Token[], from: number): string {
  let at = from;
  let name = tokens[at]?.raw ?? '';
  while (tokens[at + 1]?.text === '.') {
    name += `.${tokens[at + 2]?.raw ?? ''}`;
    at += 2;
  }
  return name;
}
