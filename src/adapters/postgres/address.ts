import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { RollbackError } from '../../core/errors.ts';

/** As libpq's `sslmode`; `allow` is read as `prefer`. */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** Where the server is and who we are. What the environment or a URL left out has its default here. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The database that was named: the live one. */
  readonly database: string;
  readonly tlsMode: TlsMode;
  /** PEM of the authority; without it the system's. */
  readonly ca?: string;
  /** Name on the certificate, where it differs from `host` (a port-forward). */
  readonly tlsName: string;
}

export interface DatabaseOptions {
  /** `postgresql://user:password@host:port/database?sslmode=...`; or the parts below. Parts win. */
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly sslMode?: string;
  /** PEM. */
  readonly ca?: string;
}

const MODES: readonly string[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];
/** What we know what to do with; another parameter could change what a session means (`options`). */
const PARAMETERS = new Set([
  'sslmode',
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'application_name',
  'connect_timeout',
  'schema',
]);

/** @throws INPUT_INVALID, without the URL: it carries the password. */
export function addressOf(options: DatabaseOptions): Address {
  const url = parse(options.url);
  const parameter = (name: string) => url?.searchParams.get(name) ?? undefined;
  const host = options.host ?? nonEmpty(unbracketed(decode(url?.hostname))) ?? parameter('host') ?? 'localhost';
  const port = options.port ?? Number(nonEmpty(url?.port) ?? parameter('port') ?? '5432');
  const user = options.user ?? nonEmpty(decode(url?.username)) ?? parameter('user');
  const password = options.password ?? nonEmpty(decode(url?.password)) ?? parameter('password') ?? '';
  const database = options.database ?? nonEmpty(decode(url?.pathname.slice(1))) ?? parameter('dbname') ?? user;
  const sslMode = options.sslMode ?? parameter('sslmode') ?? 'prefer';

  if (!user) throw invalid('it names no user', 'postgresql://USER:PASSWORD@HOST:5432/DATABASE');
  if (!database) throw invalid('it names no database', 'postgresql://USER:PASSWORD@HOST:5432/DATABASE');
  if (host.includes(',')) throw invalid('it names several hosts', 'Name the primary alone.');
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw invalid('its port is not a port', 'The usual one is 5432.');
  if (!MODES.includes(sslMode))
    throw invalid(`sslmode "${sslMode.slice(0, 30)}" is unknown`, `Known: ${MODES.join(', ')}.`);
  return {
    host,
    port,
    user,
    password,
    database,
    tlsMode: (sslMode === 'allow' ? 'prefer' : sslMode) as TlsMode,
    tlsName: host,
    ...(options.ca ? { ca: options.ca } : {}),
  };
}

/**
 * What TLS needs for a mode, as libpq has it: `prefer` and `require` encrypt without checking who answers (`require` checks
 * when an authority was given), `verify-ca` checks the authority, `verify-full` the name too.
 */
export function tlsOptions(address: Address): false | ConnectionOptions {
  if (address.tlsMode === 'disable' || address.host.startsWith('/')) return false;
  const checked = address.tlsMode.startsWith('verify') || (address.tlsMode === 'require' && address.ca !== undefined);
  return {
    ...(address.ca ? { ca: address.ca } : {}),
    ...(isIP(address.tlsName) === 0 ? { servername: address.tlsName } : {}),
    rejectUnauthorized: checked,
    ...(address.tlsMode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
}

function parse(text: string | undefined): URL | undefined {
  if (!text) return undefined;
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) {
    throw invalid(
      'it is no URL of a PostgreSQL database',
      'postgresql://USER:PASSWORD@HOST:5432/DATABASE; special characters of the password as %XX.',
    );
  }
  const url = new URL(text);
  const unknown = [...url.searchParams.keys()].filter((name) => !PARAMETERS.has(name));
  if (unknown.length > 0) {
    throw invalid(
      `its parameter ${unknown.map((name) => `"${name.slice(0, 30)}"`).join(', ')} is not supported`,
      `Supported: ${[...PARAMETERS].join(', ')}.`,
    );
  }
  return url;
}

function decode(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('it holds a % that is no escape', 'Write % as %25.');
  }
}

const unbracketed = (host: string | undefined) => host?.replace(/^\[(.*)\]$/, '$1');
const nonEmpty = (text: string | undefined) => (text === '' ? undefined : text);

const invalid = (why: string, hint: string) =>
  new RollbackError('INPUT_INVALID', `The address of the database cannot be used: ${why}.`, hint);
