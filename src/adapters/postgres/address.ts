import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { Address } from '../../core/database/address.ts';

export { type Address, addressOf, type DatabaseOptions, type TlsMode } from '../../core/database/address.ts';

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
    // By our name for it: the library would put in the one that it connects to, the near end of a port-forward.
    checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
      address.tlsMode === 'verify-full' ? checkServerIdentity(address.tlsName, certificate) : undefined,
  };
}
