import { recordPath } from '../../core/post-mortem.ts';
import type { Report } from '../../core/report.ts';
import { catalogueOf } from '../languages.ts';
import { oneLine, prose } from '../neutral.ts';
import { sayTime } from '../say.ts';
import { publicPage, recordPage } from './page.ts';
import { pageText } from './post-mortem.ts';

export interface RollbackRecordFile {
  readonly path: string;
  /** Markdown. */
  readonly content: string;
  /** Of the commit. Starts no workflow: the record is no change of the application. */
  readonly message: string;
}

/** The contents API takes 1 MB; a page that somebody reads is shorter. */
const LIMIT_BYTES = 256 * 1024;
/** The pages of issues, and nothing that could work in Markdown. */
const ISSUE_URL = /^https:\/\/[\w.-]+(?::\d+)?\/[\w./-]+\/issues\/\d+$/;

/**
 * The record of one run, to be committed. The report must have gone through `redactReport`. `postMortemUrl`: of the issue, where there is
 * one. `details` false: without log lines and addresses, as everybody may read it.
 */
export function renderRecord(report: Report, { postMortemUrl = '', details = true } = {}): RollbackRecordFile {
  const catalogue = catalogueOf(report.language);
  const { records, words, page, colon } = catalogue;
  const title = records.record(prose(report.namespace), prose(sayTime(report.startedAt, { date: true })));
  const link = ISSUE_URL.test(postMortemUrl) ? [`${records.seePostMortem}${colon} <${postMortemUrl}>`] : [];
  const { head, ...rest } = details ? recordPage(catalogue, report) : publicPage(catalogue, report);
  const text = pageText({ head: [`# ${title}`, ...link, ...head], ...rest }, words, LIMIT_BYTES);
  return {
    path: recordPath(report.startedAt, report.run.id),
    content: `${text}\n\n_${page.madeBy}_\n`,
    message: `${oneLine(records.commit(report.namespace, report.run.id), 200)} [skip ci]`,
  };
}
