import {
  dueDate,
  GENERATED_END,
  ISSUE_BODY_LIMIT,
  ISSUE_TITLE_LIMIT,
  incidentMarker,
  runParts,
} from '../../core/post-mortem.ts';
import type { Report } from '../../core/report.ts';
import type { Catalogue, Words } from '../catalogue.ts';
import { rowsGivenUpBy, wasSwapped } from '../database-state.ts';
import { catalogueOf } from '../languages.ts';
import { oneLine } from '../neutral.ts';
import { fitPage, type Page } from '../summary/fit.ts';
import { isGood } from '../verdict.ts';
import { publicPage, recordPage } from './page.ts';
import { partOf, runsText, withPart } from './runs.ts';

export interface PostMortemOptions {
  /** Id of the first run of the incident: all its runs write one issue. */
  readonly incident: string;
  /** Days from the start of the incident's first run until it is due. */
  readonly dueInDays: number;
  /** Body of the issue as it is, where there is one: what it says of earlier runs stays. */
  readonly before?: string;
  /** False where everybody may read it: without log lines and addresses. */
  readonly details?: boolean;
}

export interface PostMortem {
  /** First line of the part of the body that is ours. */
  readonly marker: string;
  readonly title: string;
  /** Markdown of at most `ISSUE_BODY_LIMIT` characters: our part, which a later run replaces, then that of the people. */
  readonly body: string;
  /** `2026-03-08`; undefined where the report has no time. */
  readonly due: string | undefined;
}

/** What people may write below our part before the issue is full. */
const ROOM_FOR_PEOPLE = 10_000;
/** What stands around the text of one run: its marks, its title, its line in the table. */
const ROOM_FOR_FRAME = 700;

/** The issue in which people go on from what is known. The report must have gone through `redactReport`. */
export function renderPostMortem(report: Report, options: PostMortemOptions): PostMortem {
  const { incident, dueInDays, before = '', details = true } = options;
  const catalogue = catalogueOf(report.language);
  const marker = incidentMarker(incident);
  const earlier = runParts(before, marker);
  const startedAt = withPart(earlier, partOf(report, ''))[0]?.at ?? report.startedAt;
  const due = dueDate(startedAt, dueInDays);
  const people = peopleText(catalogue, report, due);
  const room = ISSUE_BODY_LIMIT - ROOM_FOR_PEOPLE - people.length - marker.length - GENERATED_END.length - 10;
  const earlierLength = earlier.reduce((sum, { text }) => sum + text.length + ROOM_FOR_FRAME, 0);
  // Bytes are at least as many as characters.
  const limit = Math.max(room - ROOM_FOR_FRAME - earlierLength, Math.floor(room / 2));
  const page = details ? recordPage(catalogue, report) : publicPage(catalogue, report);
  const parts = withPart(earlier, partOf(report, pageText(page, catalogue.words, limit)));
  const ours = runsText(catalogue, parts, room);
  return {
    marker,
    title: oneLine(catalogue.records.postMortem(report.namespace, dayOf(startedAt)), ISSUE_TITLE_LIMIT),
    body: `${marker}\n${ours}\n${GENERATED_END}\n\n${people}`,
    due,
  };
}

const dayOf = (time: string) => /^\d{4}-\d{2}-\d{2}/.exec(time)?.[0] ?? '';

/** The page as Markdown; no line of a log can pass for one of our marks. */
export function pageText(page: Page, words: Pick<Words, 'cutFor' | 'cutLines' | 'workloads'>, limit: number): string {
  return fitPage(page, words, limit)
    .replace(/<!--(?= *tiered-rollback)/gi, '<! --')
    .trimEnd();
}

function peopleText(catalogue: Catalogue, report: Report, due: string | undefined): string {
  const { records } = catalogue;
  const questions = questionsOf(report).map((key) => `- [ ] ${records.questions[key]}`);
  return [
    '---',
    `_${records.yours}_`,
    `## ${records.openQuestions}`,
    ...(due === undefined ? [] : [records.due(due)]),
    `${questions.join('\n')}\n`,
  ].join('\n\n');
}

type Question = keyof Catalogue['records']['questions'];

/** Only what this rollback leaves open. */
function questionsOf(report: Report): Question[] {
  const { findings, database } = report;
  const when = (is: boolean, key: Question) => (is ? [key] : []);
  return [
    ...when(findings.before.length + findings.after.length === 0, 'cause'),
    'how-it-got-there',
    'notice',
    'users',
    ...when(!isGood(report), 'state'),
    ...when(wasSwapped(report) && rowsGivenUpBy(report) !== 0, 'rows'),
    ...when(database?.kept !== undefined, 'kept'),
    'again',
    'helped',
    'actions',
  ];
}
