/** A part of a URL as it is meant; as it stands there where its percent signs escape nothing. */
export function percentDecoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The password of a URL, as it stands there and as it is meant: both may turn up. None where there is none. */
export function passwordForms(url: string): string[] {
  const password = URL.parse(url)?.password ?? '';
  return password === '' ? [] : [password, percentDecoded(password)];
}
