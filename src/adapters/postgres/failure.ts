import { type ErrorCode, RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import type { Address } from './address.ts';
import { isServerError, type ServerError } from './client.ts';

/** What was being done, for messages. */
export interface Purpose {
  /** `connect to`, `create`, `rename`, `read`, ... */
  readonly doing: string;
  readonly database: string;
  /** The statement that would grant what is missing, where it is known. */
  readonly grant?: string;
}

/** Nothing came back: nothing is known about whether the server acted. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** Translates, once, what the client library throws. Holds no password and no value of a row: DETAIL and CONTEXT are left out. */
export function failureOf(error: unknown, purpose: Purpose, address: Address): RollbackError {
  if (error instanceof RollbackError) return error;
  if (isServerError(error)) return serverFailure(error, purpose, address);
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  if (/^(CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH)/.test(code)) {
    return new RollbackError(
      'DATABASE_CERTIFICATE',
      tr`The certificate of the database server ${placeOf(address)} was not accepted (${code}).`,
      tr`Give the authority of this server; look at what it shows: \`openssl s_client -starttls postgres -connect ${address.host}:${address.port} </dev/null\`.`,
    );
  }
  if (/does not support SSL/.test(message)) {
    return new RollbackError(
      'DATABASE_CERTIFICATE',
      tr`${serverName(address)} does not offer TLS, and sslmode is "${address.tlsMode}".`,
      tr`Turn \`ssl\` on in the server, or set sslmode to "disable" where the network itself is trusted.`,
    );
  }
  if (/^SASL/.test(message)) return unauthorized(address, tr`the server wants a password that it would accept`);
  return new RollbackError(
    'DATABASE_UNREACHABLE',
    tr`No answer from the database server ${placeOf(address)} (to ${purpose.doing} "${purpose.database}"): ${reasonOf(code, message)}.`,
    tr`From this runner: \`pg_isready -h ${address.host} -p ${address.port}\`. A private database needs a runner inside its network; then run again: a run goes on where the last one stopped.`,
  );
}

const placeOf = ({ host, port }: Address) => `${host.includes(':') ? `[${host}]` : host}:${port}`;

export const serverName = (address: Address) => tr`the database server ${placeOf(address)}`;

function reasonOf(code: string, message: string): string {
  if (code === 'ECONNREFUSED') return tr`connection refused`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return tr`the name does not resolve`;
  if (code !== '') return code;
  if (/timeout expired/.test(message)) return tr`no connection in time`;
  const seconds = /^no answer within (\d+) s$/.exec(message)?.[1];
  if (seconds !== undefined) return tr`no answer within ${seconds} s`;
  return tr`the connection was lost`;
}

function serverFailure(error: ServerError, purpose: Purpose, address: Address): RollbackError {
  const said = saidBy(error);
  const where = `"${purpose.database}"`;
  const failed = (code: ErrorCode, message: string, hint: string) => new RollbackError(code, message, hint);
  switch (error.code) {
    case '28P01':
    case '28000':
      return unauthorized(address, said);
    case '3D000':
      return failed(
        'DATABASE_NOT_FOUND',
        tr`${said} on ${serverName(address)}.`,
        tr`List them: \`psql -h ${address.host} -p ${address.port} -l\`.`,
      );
    case '42501':
      return failed(
        'DATABASE_PERMISSION',
        tr`User "${address.user}" may not ${purpose.doing} ${where}: ${said}.`,
        purpose.grant ??
          tr`As a superuser, look at the rights: \`\\l+ ${purpose.database}\` and \`\\du ${address.user}\` in psql.`,
      );
    case '55006':
      return failed(
        'DATABASE_BUSY',
        tr`Could not ${purpose.doing} ${where}: ${said}.`,
        tr`See who stays: SELECT pid, usename, application_name FROM pg_stat_activity WHERE datname = '${purpose.database.replaceAll("'", "''")}';`,
      );
    case '53100':
      return failed(
        'DATABASE_FULL',
        tr`Could not ${purpose.doing} ${where}: ${said}.`,
        tr`Free space on the server, or move the database to a tablespace with room; a restore needs about 2.5 times the size of the plain dump.`,
      );
    case '42P04':
      return failed(
        'DATABASE_EXISTS',
        tr`Could not ${purpose.doing} ${where}: ${said}.`,
        tr`Rename or drop the one that is there, once you know what it is.`,
      );
    default:
      if (/^(57P0[1235]|08|53300)/.test(error.code)) {
        return failed(
          'DATABASE_UNREACHABLE',
          tr`${serverName(address)} ended or refused the session (to ${purpose.doing} ${where}): ${said}.`,
          tr`Wait until the server takes connections again, then run again: a run goes on where the last one stopped.`,
        );
      }
      return failed(
        'DATABASE_ERROR',
        tr`Could not ${purpose.doing} ${where}: ${said} (SQLSTATE ${error.code}).`,
        tr`The log of the server has the details; then run again.`,
      );
  }
}

const unauthorized = (address: Address, why: string) =>
  new RollbackError(
    'DATABASE_UNAUTHORIZED',
    tr`${serverName(address)} does not accept user "${address.user}" for database "${address.database}": ${why}.`,
    tr`Check the user, the password (special characters of a URL as %XX) and the lines of pg_hba.conf for this runner.`,
  );

/**
 * The primary message on one line. Data exceptions (class 22) quote the value, and what a function raises (P0001) can say anything:
 * both are cut, so that no value of a row is shown.
 */
export function saidBy(error: ServerError): string {
  if (error.code === 'P0001') return tr`a function raised an exception`;
  const line = printable(error.message);
  return error.code.startsWith('22') ? line.replace(/:? "[\s\S]*$/, '') : line;
}

/** Names come from the cluster and from dumps: control characters could rewrite what a log shows. */
export function printable(text: string, limit = 300): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').trim();
  return line.length > limit ? `${line.slice(0, limit)}...` : line;
}
