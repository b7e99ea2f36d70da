import { createHmac } from 'node:crypto';

/**
 * A value that may not be shown, as 12 hex digits that tell whether it is the same one. Salted: short codes cannot be found by trying
 * without the salt, which stands in the ledger only. Name and key are part of it: that two keys hold the same value is nobody's business.
 */
export function fingerprint(salt: string, secret: string, key: string, value: string | Uint8Array): string {
  return createHmac('sha256', salt).update(`${secret}\0${key}\0`).update(value).digest('hex').slice(0, 12);
}
