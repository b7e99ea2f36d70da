import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inputText, invalid, show } from '../config/faults.ts';
import { addressOf, addressUnusable, type DatabaseOptions, urlParts } from '../core/database/address.ts';
import { RollbackError } from '../core/errors.ts';
import { percentDecoded } from '../core/percent.ts';
import { tr } from '../core/tr.ts';

/** Where the database is, as `database-url` and PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE, PGSSLROOTCERT say. */
export interface DatabaseInput {
  /** Secret. Absent where nothing says where the server is, or what says so cannot be used. */
  readonly options?: DatabaseOptions;
  /** `database-url` was typed. */
  readonly byUrl: boolean;
  /** Every name of a database that is given, with its place. */
  readonly names: readonly { readonly where: string; readonly name: string }[];
  /** What is wrong: told only where the run would touch the database. */
  readonly faults: readonly RollbackError[];
  /** What to mask. */
  readonly sensitive: readonly string[];
}

export const NO_DATABASE: DatabaseInput = { byUrl: false, names: [], faults: [], sensitive: [] };

/** As libpq: what the URL leaves out comes from the variables. @param url the input `database-url`. */
export function readDatabase(url: string, env: NodeJS.ProcessEnv, workspace: string): DatabaseInput {
  const byUrl = url !== '';
  const isGiven = byUrl || Boolean(env['PGHOST']);
  const sensitive = [...(byUrl ? secretsOfUrl(url) : []), env['PGPASSWORD'] ?? ''].filter((value) => value !== '');
  if (!isGiven) return { ...NO_DATABASE, sensitive, names: namesOf(undefined, env) };
  const faults: RollbackError[] = [];
  const attempt = <T>(where: string, read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof RollbackError)) throw error;
      faults.push(named(where, error));
      return undefined;
    }
  };
  const where = byUrl ? inputText('database-url') : tr`variables PGHOST, PGPORT, PGUSER, ...`;
  const authority = attempt(tr`variable PGSSLROOTCERT`, () => authorityOf(env['PGSSLROOTCERT'] ?? '', workspace));
  const options: DatabaseOptions = { ...(byUrl ? { url } : {}), defaults: defaultsOf(env, authority) };
  const parts = attempt(where, () => {
    addressOf({ ...options, ...(hasName(options) ? {} : { database: 'unnamed' }) });
    return urlParts(options.url);
  });
  return {
    byUrl,
    sensitive,
    faults,
    names: namesOf(parts?.database, env),
    ...(faults.length === 0 ? { options } : {}),
  };
}

function defaultsOf(
  env: NodeJS.ProcessEnv,
  authority: Authority | undefined,
): NonNullable<DatabaseOptions['defaults']> {
  const text = (key: 'host' | 'user' | 'password' | 'database', name: string) =>
    env[name] ? { [key]: env[name] } : {};
  const sslMode = env['PGSSLMODE'] || authority?.sslMode;
  return {
    ...text('host', 'PGHOST'),
    ...text('user', 'PGUSER'),
    ...text('password', 'PGPASSWORD'),
    ...text('database', 'PGDATABASE'),
    ...(env['PGPORT'] ? { port: Number(env['PGPORT']) } : {}),
    ...(sslMode ? { sslMode: sslMode.toLowerCase() } : {}),
    ...(authority?.ca === undefined ? {} : { ca: authority.ca }),
  };
}

interface Authority {
  readonly ca?: string;
  readonly sslMode?: string;
}

const LARGEST = 1024 * 1024;

/** PEM of the authorities that PGSSLROOTCERT names. `system`, as in libpq: those of the machine, and then the name is checked too. */
function authorityOf(path: string, workspace: string): Authority {
  if (path === '') return {};
  if (path === 'system') return { sslMode: 'verify-full' };
  const hint = tr`Check it on the runner: openssl x509 -noout -subject -in "$PGSSLROOTCERT"`;
  let pem: string;
  try {
    pem = readFileSync(resolve(workspace, path), 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? tr`unknown`;
    throw new RollbackError('INPUT_INVALID', tr`saw ${show(path)}, which cannot be read (${code})`, hint, {
      cause: error,
    });
  }
  if (pem.length > LARGEST || !pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new RollbackError('INPUT_INVALID', tr`saw ${show(path)}, in which there is no certificate in PEM`, hint);
  return { ca: pem };
}

/** Libpq would take the user's name for that of the database; what is restored should have been named by somebody. */
function hasName({ url, defaults }: DatabaseOptions): boolean {
  return (urlParts(url).database ?? defaults?.database) !== undefined;
}

function namesOf(fromUrl: string | undefined, env: NodeJS.ProcessEnv): { where: string; name: string }[] {
  return [
    ...(fromUrl === undefined ? [] : [{ where: inputText('database-url'), name: fromUrl }]),
    ...(env['PGDATABASE'] ? [{ where: tr`variable PGDATABASE`, name: env['PGDATABASE'] }] : []),
  ];
}

function named(where: string, { code, message, hint, cause }: RollbackError): RollbackError {
  const text = message.startsWith(addressUnusable())
    ? tr`cannot be used as the address of the database: ${message.slice(addressUnusable().length).replace(/\.$/, '')}`
    : message;
  return code === 'INPUT_INVALID'
    ? new RollbackError(code, tr`${where}: ${text}`, hint, { cause })
    : invalid(where, text, hint);
}

/** The URL whole, and its password as it stands there and decoded; of a text that is no URL, whatever may be its password. */
function secretsOfUrl(url: string): string[] {
  const [, credentials = ''] = /^[^/]*\/\/(.*)@/s.exec(url) ?? [];
  const raw = credentials.includes(':') ? credentials.slice(credentials.indexOf(':') + 1) : '';
  const parameter = URL.canParse(url) ? (new URL(url).searchParams.get('password') ?? '') : '';
  return [...new Set([url, raw, percentDecoded(raw), parameter])];
}
