import * as z from 'zod';
import { percentDecoded } from '../core/percent.ts';
import { tr } from '../core/tr.ts';
import { text } from './fields.ts';
import { withoutSecrets } from './health.ts';
import { SUBDOMAIN } from './names.ts';

/** A backup's place, with what must not stand in the config: the address with its credentials, and what to mask. */
export interface ParsedBackupPath {
  /** As it may be shown: credentials, signature and all other parameters of an address removed. */
  readonly shown: string;
  /** An address as it is fetched. Secret. */
  readonly url?: string;
  readonly sensitive: readonly string[];
}

const forms = () => tr`a file, a pattern like /backups/pre_change_*.sql, https://HOST/PATH or pod:NAME:/PATH`;
const otherSource = () => tr`${forms()}; for another source backup-command, for example aws s3 cp s3://BUCKET/KEY -`;
const POD = /^pod:([^:/]+):(\/.+)$/;

export const backupPath = text(forms, 4000).transform((written, ctx): ParsedBackupPath => {
  const place = placeOf(written);
  if (typeof place !== 'string') return place;
  // Of what is no address nobody knows where its password hides.
  const seen = withoutSecrets(written).replace(/[^\s/]*@/g, '***@');
  ctx.addIssue({ code: 'custom', message: tr`allowed: ${place}`, params: { seen } });
  return z.NEVER;
});

function placeOf(written: string): ParsedBackupPath | string {
  if (/^https?:\/\//i.test(written)) return addressOf(written);
  if (/^pod:/i.test(written)) {
    const [, pod = '', file = ''] = POD.exec(written) ?? [];
    const isOneFile = SUBDOMAIN.test(pod) && !/[*?]/.test(file) && !file.split('/').includes('..');
    return isOneFile
      ? { shown: written, sensitive: [] }
      : tr`pod:NAME:/PATH with one whole path in the pod, no pattern`;
  }
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? otherSource() : { shown: written, sensitive: [] };
}

function addressOf(written: string): ParsedBackupPath | string {
  if (!URL.canParse(written)) return otherSource();
  const { username, password, origin, pathname, search, searchParams } = new URL(written);
  // A token may stand alone before the `@`; and a signature is worth as much as a password.
  const credentials = password === '' ? [username] : [password, `${username}:${password}`];
  const parameters = [...searchParams].filter(([name]) => SECRET_NAME.test(name)).map(([, value]) => value);
  return {
    shown: `${origin}${pathname}`,
    url: written,
    sensitive: [...credentials, ...credentials.map(percentDecoded), search.slice(1), ...parameters].filter(
      (one) => one !== '',
    ),
  };
}

const SECRET_NAME = /token|key|secret|passw|pwd|sig|auth|code|credential/i;
