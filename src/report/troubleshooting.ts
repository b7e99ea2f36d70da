import type { ErrorCode } from '../core/errors.ts';
import { CAUSES, type Cause } from '../core/finding.ts';
import type { Report } from '../core/report.ts';
import {
  type Contact,
  PROBLEMS,
  type Problem,
  type TroubleshootingEntry,
  troubleshootingOf,
} from '../core/troubleshooting.ts';
import { type Catalogue, stepText } from './catalogue.ts';

/** What went wrong and still is. A report of an older version does not list it; it follows from the rest. */
export function troubleshooting(report: Report): readonly TroubleshootingEntry[] {
  return (report.troubleshooting ?? troubleshootingOf(report)).filter(({ left }) => !left);
}

/** The same by the lines of the checklist, in its order. */
export function byProblem(
  report: Report,
): { readonly problem: Problem; readonly entries: readonly TroubleshootingEntry[] }[] {
  const groups = Map.groupBy(troubleshooting(report), ({ problem }) => problem);
  return PROBLEMS.flatMap((problem) => {
    const entries = groups.get(problem);
    return entries ? [{ problem, entries }] : [];
  });
}

/** Whom to call, and for what. */
export interface Call {
  readonly who: Contact;
  /** As it was configured: a phone number, an address. */
  readonly number: string;
  readonly entries: readonly TroubleshootingEntry[];
}

/** Who answers for a cause; where nobody is configured for it, somebody else who is. */
export function contactFor({ contacts }: Pick<Report, 'contacts'>, asked?: Contact): Contact | undefined {
  const order: readonly (Contact | undefined)[] = [asked, 'devops', 'database', 'security'];
  return order.find((one): one is Contact => one !== undefined && (contacts[one] ?? '') !== '');
}

/** Each contact once, most urgent first. None where none is configured; without a cause, whoever is. */
export function callsOf(report: Report): Call[] {
  const entries = troubleshooting(report);
  const [anybody] = entries.length === 0 ? [contactFor(report)] : [];
  if (anybody) return [{ who: anybody, number: report.contacts[anybody] ?? '', entries: [] }];
  const byContact = Map.groupBy(entries, ({ contact }) => contactFor(report, contact));
  return [...byContact].flatMap(([who, asked]) =>
    who === undefined ? [] : [{ who, number: report.contacts[who] ?? '', entries: asked }],
  );
}

/** What the causes of a call are called, each once. */
export function titlesOf(catalogue: Catalogue, entries: readonly TroubleshootingEntry[]): string[] {
  return [...new Set(entries.map(({ cause }) => causeTitle(catalogue, cause)))];
}

/** What a cause is called. */
export function causeTitle(catalogue: Catalogue, cause: Cause | ErrorCode): string {
  return isCause(cause) ? catalogue.causes[cause].title : catalogue.errors[cause].replace(/\.$/, '');
}

function isCause(cause: Cause | ErrorCode): cause is Cause {
  return (CAUSES as readonly string[]).includes(cause);
}

/** What it is about: a step by its title, an object by its name. Not neutral yet. */
export function subjectText(catalogue: Catalogue, { subject }: TroubleshootingEntry): string {
  return subject === '' ? catalogue.words.whole : stepText(catalogue, subject).title;
}
