/**
 * A word as a shell takes it literally, for commands that people paste. Names that come from a cluster may hold anything:
 * a template may reference a Secret called `x; reboot`. Control characters become `?`, so that no line can be broken.
 */
export function shellWord(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  const printable = text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, '?');
  return /^[A-Za-z0-9._/:=@%+,-]+$/.test(printable) ? printable : `'${printable.replaceAll("'", `'\\''`)}'`;
}

/** `kubectl` with its arguments, safe to paste; the namespace is always named. */
export function kubectl(namespace: string, ...words: readonly string[]): string {
  return ['kubectl', '-n', shellWord(namespace), ...words.map(shellWord)].join(' ');
}
