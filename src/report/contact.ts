import type { Contacts } from '../core/config.ts';
import type { Report } from '../core/report.ts';
import { troubles } from './verdict.ts';

const DATABASE_CODE = /^(?:BACKUP|DUMP|DATABASE|LOAD|RESTORE|PRICE|SWAP|MIGRATION)_/;

/** Whom to call: the contact that the most urgent trouble or the first cause asks for, else DevOps, else any that is configured. */
export function contactOf(report: Report): keyof Contacts | undefined {
  const { contacts, findings } = report;
  const [first] = findings.after;
  const [trouble] = troubles(report);
  const asked = [
    ...(trouble && DATABASE_CODE.test(trouble.failure.code) ? (['database'] as const) : []),
    ...(first ? [first.contact] : []),
  ];
  return [...new Set([...asked, 'devops', 'database', 'security'] as const)].find(
    (one) => contacts[one] !== undefined && contacts[one] !== '',
  );
}
