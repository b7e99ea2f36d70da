import { type Address, addressOf, type DatabaseOptions } from './address.ts';

/** What says in a URL how to connect; everything else of it (`schema`, which Prisma needs) is kept. */
const PLACE_PARAMETERS = ['host', 'port', 'user', 'password', 'dbname'];

/**
 * DATABASE_URL and the variables of libpq for commands of the project. They hold the password.
 * @param reached where the server is reached from here, where that is another place than the address says (a port-forward).
 */
export function addressVariables(
  options: DatabaseOptions,
  reached?: { readonly host: string; readonly port: number },
): Readonly<Record<string, string>> {
  const address = { ...addressOf(options), ...(reached ? { host: reached.host, port: reached.port } : {}) };
  const sslMode = sslModeOf(address, reached !== undefined);
  return {
    DATABASE_URL: urlOf(address, options.url, sslMode),
    PGHOST: address.host,
    PGPORT: String(address.port),
    PGUSER: address.user,
    PGDATABASE: address.database,
    ...(address.password === '' ? {} : { PGPASSWORD: address.password }),
    ...(sslMode === undefined ? {} : { PGSSLMODE: sslMode }),
  };
}

/** Left out where nobody asked for one: clients do not agree on what `prefer` means. The name of a forwarded server cannot be checked. */
function sslModeOf({ tlsMode }: Address, isForwarded: boolean): string | undefined {
  if (tlsMode === 'prefer') return undefined;
  return isForwarded && tlsMode === 'verify-full' ? 'verify-ca' : tlsMode;
}

function urlOf(
  { host, port, user, password, database }: Address,
  given: string | undefined,
  sslMode: string | undefined,
) {
  const who = `${encodeURIComponent(user)}${password === '' ? '' : `:${encodeURIComponent(password)}`}`;
  const isSocket = host.startsWith('/');
  const at = isSocket ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const parameters = new URLSearchParams(given === undefined ? '' : (given.split('?')[1] ?? ''));
  for (const name of PLACE_PARAMETERS) parameters.delete(name);
  if (isSocket) parameters.set('host', host);
  if (sslMode !== undefined) parameters.set('sslmode', sslMode);
  const search = parameters.size > 0 ? `?${parameters}` : '';
  return `postgresql://${who}@${at}:${port}/${encodeURIComponent(database)}${search}`;
}
