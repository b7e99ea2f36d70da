/** Of labels, as Alertmanager has them: `=`, `!=`, `=~`, `!~`. A regular expression matches the whole value. */
export interface AlertMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  /** False: what does not match. */
  readonly isEqual: boolean;
}

/** As Alertmanager parses it: a quoted string with the escapes \\, \" and \n. */
export function matcherText({ name, value, isRegex, isEqual }: AlertMatcher): string {
  const operator = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
  const quoted = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `${name}${operator}"${quoted}"`;
}

/** Whether both choose the same alerts, in whatever order they are written. */
export function areSameMatchers(some: readonly AlertMatcher[], others: readonly AlertMatcher[]): boolean {
  const texts = (matchers: readonly AlertMatcher[]) => [...new Set(matchers.map(matcherText))].sort().join();
  return texts(some) === texts(others);
}
