/**
 * Takes out of a text what looks like a credential: events about image pulls quote the URL that failed, and registries
 * put a user and a token into it. Names of hosts and images stay, as they are what the reader needs.
 */
export function stripCredentials(text: string): string {
  return PATTERNS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // https://user:token@host
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"'`]+@/gi, '$1***@'],
  // user:token@host without a scheme; `name:tag@sha256:...` is a digest, not a credential.
  [/(?<![\w.@/-])[\w.-]+:[^\s/@"'`:]+@(?=[a-z0-9])(?!sha\d+:)/gi, '***@'],
  // ?token=..., &X-Amz-Signature=...
  [
    /([?&][\w.-]*(?:token|sig|signature|secret|password|passwd|pwd|auth|credential|key|code|jwt|session)[\w.-]*=)[^\s&"'`]+/gi,
    '$1***',
  ],
  [/\b(authorization["']?\s*[:=]\s*["']?(?:[a-z]+\s+)?)[\w.~+/=-]+/gi, '$1***'],
  // A scheme of HTTP authentication with its value; "basic authentication required" has none.
  [/\b([Bb]asic|BASIC|[Bb]earer|BEARER)\s+(?=[^\s"']*[0-9A-Z=])[\w.~+/=-]{8,}/g, '$1 ***'],
  [/\b((?:password|passwd|pwd|secret|token|api[-_]?key)["']?=["']?)[^\s&,;"'`]+/gi, '$1***'],
  // Tokens that are known by their form: GitHub, GitLab, Docker Hub, AWS, JSON Web Tokens.
  [
    /\b(?:gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|dckr_[a-z]+_[\w-]{16,}|(?:AKIA|ASIA)[A-Z0-9]{16})\b/g,
    '***',
  ],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '***'],
];
