import { createHash } from 'node:crypto';

/** NAMEDATALEN - 1: the server cuts longer names in silence, and two may become one. */
const MAX_BYTES = 63;

/** Eight hex digits that tell the databases of one restore from those of another: same incident and same backup, same tag. */
export function restoreTag(incident: string, backupSha256: string): string {
  return createHash('sha256').update(`${incident}\n${backupSha256}`).digest('hex').slice(0, 8);
}

/** Name of the database that is loaded beside the live one. */
export const sideName = (live: string, tag: string): string => suffixed(live, `_rb_${tag}`);

/** Name that the database before gets, and keeps. */
export const keptName = (live: string, tag: string): string => suffixed(live, `_kept_${tag}`);

/** The databases of all restores of this live one begin with one of these. */
export const leftoverPrefixes = (live: string): readonly string[] => [
  cut(live, '_rb_00000000'),
  cut(live, '_kept_00000000'),
];

/** Comment of a side database: by it a later run of the same incident knows its own. */
export const markerOf = (tag: string, backupSha256: string): string => `tiered-rollback ${tag} ${backupSha256}`;

function suffixed(name: string, suffix: string): string {
  return `${fitting(name, suffix)}${suffix}`;
}

function cut(name: string, suffix: string): string {
  return `${fitting(name, suffix)}${suffix.replace(/0+$/, '')}`;
}

/** As much of the name as leaves room for the suffix, in whole characters. */
function fitting(name: string, suffix: string): string {
  let shortened = name;
  while (Buffer.byteLength(shortened) + Buffer.byteLength(suffix) > MAX_BYTES)
    shortened = [...shortened].slice(0, -1).join('');
  return shortened;
}
