import type { ReleaseReport } from '../core/report.ts';

/** `registry.example/team/web:1.4@sha256:0123...` as `web:1.4`; a bare digest keeps its first twelve digits. */
export function shortImage(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1);
  const [name = '', digest] = last.split('@');
  if (digest === undefined || name.includes(':')) return name;
  return `${name}@${digest.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1')}`;
}

/** The images of two releases that tell them apart: those that differ, or all where none does. */
export function tellingImages(release: ReleaseReport, other: ReleaseReport | undefined): readonly string[] {
  const differing = release.images.filter((image) => !other?.images.includes(image));
  return differing.length > 0 ? differing : release.images;
}
