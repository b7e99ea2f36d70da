import type { Report } from '../core/report.ts';
import type { Catalogue } from './catalogue.ts';

/** True for an address of the plain form that GitHub's pages have: nothing in it works in Markdown or HTML. */
export function isPage(url: string): boolean {
  return /^https:\/\/[\w.-]+(?::\d+)?\/[\w./-]+$/.test(url);
}

export interface RecordLink {
  readonly label: string;
  readonly url: string;
  /** Behind the link; empty where there is nothing to say. */
  readonly note: string;
}

/** Where the rollback is recorded. */
export function recordLinks({ records: words }: Catalogue, { records }: Report): RecordLink[] {
  const { issueUrl = '', recordUrl = '', due } = records ?? {};
  const dueOn = due !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(due) ? words.dueOn(due) : '';
  return [
    { label: words.seePostMortem, url: issueUrl, note: dueOn },
    { label: words.seeRecord, url: recordUrl, note: '' },
  ].filter(({ url }) => isPage(url));
}
