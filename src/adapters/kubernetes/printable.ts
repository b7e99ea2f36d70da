/** Text that somebody else wrote, on one line and cut: control characters could rewrite what a terminal or a log shows. */
export function printable(text: string, limit = 400): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').trim();
  return line.length > limit ? `${line.slice(0, limit)}...` : line;
}
