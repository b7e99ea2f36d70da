/** Keys of a kubeconfig user whose values are public or too short to be masked without harm. */
const PUBLIC_KEYS = new Set([
  'username',
  'as',
  'as-uid',
  'as-groups',
  'as-user-extra',
  'client-certificate',
  'client-certificate-data',
  'client-key',
  'tokenFile',
  'apiVersion',
  'command',
  'args',
  'name',
  'installHint',
  'interactiveMode',
  'provideClusterInfo',
]);

/**
 * Every form in which the secrets of these values may turn up in a log: as they are, decoded, as base64, and each line of a PEM block.
 * Values under six characters are left out: masking them would blank out ordinary words.
 */
export function secretFormsOf(values: readonly unknown[]): string[] {
  const forms = new Set<string>();
  for (const secret of values.flatMap((value) => stringsIn(value))) {
    const decoded = /^[A-Za-z0-9+/=\s]{40,}$/.test(secret) ? Buffer.from(secret, 'base64').toString('utf8') : '';
    const plain = decoded.includes('-----BEGIN ')
      ? [secret, decoded]
      : [secret, Buffer.from(secret).toString('base64')];
    for (const form of plain) {
      forms.add(form.trim());
      for (const line of form.split(/\r?\n/)) if (!line.startsWith('-----')) forms.add(line.trim());
    }
  }
  return [...forms].filter((form) => form.length >= 6);
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap((item) => stringsIn(item));
  if (value === null || typeof value !== 'object') return [];
  // A variable of an exec plugin: most are a profile or a region, which are ordinary words.
  if ('name' in value && 'value' in value && !/token|secret|passw|key|credential/i.test(String(value.name))) return [];
  return Object.entries(value).flatMap(([key, item]) => (PUBLIC_KEYS.has(key) ? [] : stringsIn(item)));
}
