import type { Report } from './report.ts';

/** So many digits of a hash, at least, are no accident: what git itself shows. */
const HASH = /^(?:sha-|git-|g)?([0-9a-f]{7,40})$/;
const VERSION = /^v?(\d+\.\d+(?:\.\d+)?(?:-[0-9A-Za-z.-]+)?)$/;

/**
 * What may name the commit that runs now, in git's words, the likeliest first: by the tag that the images have which tell the release from the
 * one that was left. Empty where these have different tags, or one that says nothing (`latest`).
 */
export function commitNames({ workloads }: Report): string[] {
  const tags = new Set(
    workloads.flatMap(({ before, now }) =>
      now && now.hash !== before.hash
        ? now.images.filter((image) => !before.images.includes(image)).flatMap((image) => tagOf(image) ?? [])
        : [],
    ),
  );
  const [tag = '', ...others] = tags;
  if (others.length > 0) return [];
  const hash = HASH.exec(tag)?.[1];
  // A date (20260301) looks like the beginning of a hash.
  if (hash !== undefined && /[a-f]/.test(hash)) return [hash];
  const version = VERSION.exec(tag)?.[1];
  return version === undefined ? [] : [`tags/v${version}`, `tags/${version}`];
}

/** `1.4` of `registry.example:5000/team/web:1.4@sha256:0123...`. */
function tagOf(image: string): string | undefined {
  const [name = ''] = image.slice(image.lastIndexOf('/') + 1).split('@');
  const colon = name.indexOf(':');
  return colon < 0 ? undefined : name.slice(colon + 1);
}
