import { RollbackError } from './errors.ts';
import { tr } from './tr.ts';

export interface SmtpAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** `implicit`: TLS from the first byte. `starttls`: required before anything is said. `none`: no TLS, and no password. */
  readonly tls: 'implicit' | 'starttls' | 'none';
}

const expected = () =>
  tr`Expected \`smtp://user:password@host:587\` (STARTTLS, required) or \`smtps://user:password@host:465\`; for a relay without TLS in your own network \`smtp://host:25?tls=none\`.`;

/** Reads `smtp-url`; characters of the password that a URL cannot hold are percent-encoded. @throws INPUT_INVALID, which does not quote it */
export function smtpAddress(url: string): SmtpAddress {
  const invalid = (what: string) => new RollbackError('INPUT_INVALID', tr`\`smtp-url\`: ${what}.`, expected());
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !['smtp:', 'smtps:'].includes(parsed.protocol) || parsed.hostname === '')
    throw invalid(tr`it is not an address that begins with smtp:// or smtps://`);
  if (!['', '/'].includes(parsed.pathname)) throw invalid(tr`it has a path, and mail servers have none`);
  const unknown = [...parsed.searchParams.keys()].filter((name) => name !== 'tls');
  if (unknown.length > 0) throw invalid(tr`it has a parameter other than \`tls\``);
  const asked = parsed.searchParams.get('tls');
  if (asked !== null && asked !== 'none') throw invalid(tr`the parameter \`tls\` can only be \`none\``);
  if (asked === 'none' && parsed.protocol === 'smtps:') throw invalid(tr`smtps:// is TLS, and \`tls=none\` denies it`);
  if (asked === 'none' && parsed.username !== '')
    throw invalid(tr`with \`tls=none\` the password would be readable on the way`);
  const tls = parsed.protocol === 'smtps:' ? 'implicit' : asked === 'none' ? 'none' : 'starttls';
  try {
    return {
      host: parsed.hostname.replace(/^\[|\]$/g, ''),
      port: parsed.port === '' ? (tls === 'implicit' ? 465 : tls === 'starttls' ? 587 : 25) : Number(parsed.port),
      user: decodeURIComponent(parsed.username),
      password: decodeURIComponent(parsed.password),
      tls,
    };
  } catch {
    throw invalid(tr`user or password has a % that is not part of an encoded character`);
  }
}

/** One address without a name. Quoted local parts are valid by RFC 5321 and refused here: libraries disagree where they end. */
const ADDRESS = /^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,251}[\p{L}\p{N}])?$/u;

export const isMailAddress = (text: string): boolean => text.length <= 254 && ADDRESS.test(text);
