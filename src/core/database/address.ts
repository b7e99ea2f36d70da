import { RollbackError } from '../errors.ts';
import { tr } from '../tr.ts';

/** As libpq's `sslmode`; `allow` is read as `prefer`. */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** Where the server is and who we are. What the environment or a URL left out has its default here. */
export interface Address {
  /** A name, an address, a folder of a socket, or `service/NAME`: a Service of the namespace, reached by a port-forward. */
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

interface Parts {
  /** Also `service/NAME` or `service/NAME:PORT`. */
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly sslMode?: string;
  /** PEM. */
  readonly ca?: string;
}

/** `postgresql://user:password@host:port/database?sslmode=...`, or the parts. Parts win over the URL, and both over the defaults. */
export interface DatabaseOptions extends Parts {
  readonly url?: string;
  /** What neither says: the variables PGHOST, PGPORT, ... fill the gaps of a URL, as in libpq. */
  readonly defaults?: Parts;
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
const EXAMPLE = 'postgresql://USER:PASSWORD@HOST:5432/DATABASE';

/** @throws INPUT_INVALID, without the URL: it carries the password. */
export function addressOf(options: DatabaseOptions): Address {
  const said = { ...options.defaults, ...urlParts(options.url), ...defined(options) };
  const { user, sslMode = 'prefer', password = '', ca } = said;
  const database = said.database ?? user;
  const { host, port, service } = placeOf(said.host ?? 'localhost', said.port ?? 5432);
  if (!user) throw invalid(tr`it names no user`, tr`${EXAMPLE}, or PGUSER.`);
  if (!database) throw invalid(tr`it names no database`, tr`${EXAMPLE}, or PGDATABASE.`);
  if (host.includes(',')) throw invalid(tr`it names several hosts`, tr`Name the primary alone.`);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw invalid(tr`its port is not a port`, tr`The usual one is 5432.`);
  if (!MODES.includes(sslMode))
    throw invalid(tr`sslmode "${sslMode.slice(0, 30)}" is unknown`, tr`Known: ${MODES.join(', ')}.`);
  return {
    host,
    port,
    user,
    password,
    database,
    tlsMode: (sslMode === 'allow' ? 'prefer' : sslMode) as TlsMode,
    tlsName: service ?? host,
    ...(ca ? { ca } : {}),
  };
}

/** The Service that a host of the form `service/NAME` means; undefined for every other host. */
export function serviceOf(host: string): string | undefined {
  return SERVICE.exec(host)?.[1];
}

const SERVICE = /^service\/([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?::(\d{1,5}))?$/;

function placeOf(host: string, port: number): { host: string; port: number; service?: string } {
  if (!host.startsWith('service/')) return { host, port };
  const [, service, ownPort] = SERVICE.exec(host) ?? [];
  if (service === undefined)
    throw invalid(
      tr`its host names no Service of the namespace`,
      tr`Write it as service/NAME:PORT, the port as a number.`,
    );
  return { host: `service/${service}`, port: ownPort === undefined ? port : Number(ownPort), service };
}

/** What a URL says; what it leaves out is absent. @throws INPUT_INVALID, without the URL: it carries the password. */
export function urlParts(text: string | undefined): Parts {
  if (!text) return {};
  const url = parse(text);
  const parameter = (name: string) => nonEmpty(url.searchParams.get(name) ?? undefined);
  const port = nonEmpty(url.port) ?? parameter('port');
  return defined({
    host: parameter('host') ?? nonEmpty(unbracketed(decode(url.hostname.replace(NOWHERE, '')))),
    port: port === undefined ? undefined : Number(port),
    user: nonEmpty(decode(url.username)) ?? parameter('user'),
    password: nonEmpty(decode(url.password)) ?? parameter('password'),
    database: nonEmpty(decode(url.pathname.slice(1))) ?? parameter('dbname'),
    sslMode: parameter('sslmode'),
  });
}

/** People write the slash of `service/NAME` as it is; the parser would take the name for that of the database. */
const RAW_SERVICE = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?service)\/([a-z0-9-]+)(?=:\d+(?:[/?]|$)|\/)/;

/** `postgresql://user@/database?host=/folder/of/the/socket`: libpq takes it, the parser wants a host behind the user. */
const HOSTLESS = /^(postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?]|$)/;
const NOWHERE = 'no-host.invalid';

function parse(text: string): URL {
  const encoded = text.replace(RAW_SERVICE, '$1%2F$2').replace(HOSTLESS, `$1${NOWHERE}`);
  if (!/^postgres(ql)?:\/\//.test(encoded) || !URL.canParse(encoded))
    throw invalid(
      tr`it is no URL of a PostgreSQL database`,
      tr`${EXAMPLE}; special characters of the password as %XX.`,
    );
  const url = new URL(encoded);
  const unknown = [...url.searchParams.keys()].filter((name) => !PARAMETERS.has(name));
  if (unknown.length > 0)
    throw invalid(
      tr`its parameter ${unknown.map((name) => `"${name.slice(0, 30)}"`).join(', ')} is not supported`,
      tr`Supported: ${[...PARAMETERS].join(', ')}.`,
    );
  return url;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(tr`it holds a % that is no escape`, tr`Write % as %25.`);
  }
}

const unbracketed = (host: string) => host.replace(/^\[(.*)\]$/, '$1');
const nonEmpty = (text: string | undefined) => (text === '' ? undefined : text);

/** Without keys that are undefined: they must not win over what another source says. */
function defined({
  host,
  port,
  user,
  password,
  database,
  sslMode,
  ca,
}: { [K in keyof Parts]: Parts[K] | undefined }): Parts {
  const given = Object.entries({ host, port, user, password, database, sslMode, ca });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** The beginning of every message of this file. */
export const addressUnusable = () => tr`The address of the database cannot be used: `;

const invalid = (why: string, hint: string) => new RollbackError('INPUT_INVALID', `${addressUnusable()}${why}.`, hint);
