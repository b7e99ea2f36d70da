import type { Failure } from '../../core/errors.ts';
import type { Finding } from '../../core/finding.ts';
import type { Evidence, NonEmpty, Outcome } from '../../core/outcome.ts';
import type { Report } from '../../core/report.ts';
import type { StepReport } from '../../core/step.ts';
import { tr } from '../../core/tr.ts';
import { validationOf } from '../../core/validation.ts';
import { catalogueOf } from '../languages.ts';
import { Redactor } from '../redact.ts';

/**
 * The report as everybody may read it: without log lines and the output of commands, without the addresses of the cluster and of the database,
 * and with the meaning of a failure instead of its message, which may quote any of these. What the run itself measured and counted stays.
 */
export function withoutDetails(report: Report): Report {
  const steps = report.steps.map((step) => ({ ...step, outcome: outcomeOf(report, step) }));
  const { database, troubleshooting } = report;
  const plain: Report = {
    ...report,
    cluster: { ...report.cluster, server: '', context: '' },
    kept: [],
    findings: { before: report.findings.before.map(unproven), after: report.findings.after.map(unproven) },
    steps,
    validation: steps.length > 0 ? validationOf(steps, report.tier) : report.validation,
    preflight: report.preflight.map(({ failure, ...item }) => ({
      ...item,
      ...(failure ? { failure: meaningOf(report, failure) } : {}),
    })),
    failures: report.failures.map((failure) => meaningOf(report, failure)),
    notes: report.notes.filter(({ key }) => !QUOTING_NOTES.includes(key)),
    next: [],
    ...(troubleshooting
      ? { troubleshooting: troubleshooting.map((one) => ({ ...one, evidence: [], command: '' })) }
      : {}),
    ...(database ? { database: { ...database, server: '' } } : {}),
  };
  const addresses = new Redactor();
  addresses.add([report.cluster.server, database?.server ?? ''].flatMap(partsOf));
  addresses.add([...JSON.stringify(plain).matchAll(IP_ADDRESS)].map(([address]) => address));
  return addresses.redactReport(plain);
}

/** IPv4; what stands behind a colon is the tag of an image. */
const IP_ADDRESS = /(?<![\w.:-])\d{1,3}(?:\.\d{1,3}){3}(?![\w.-])/g;

/** Notes with words of a server, a dump or a webhook in them. */
const QUOTING_NOTES: readonly string[] = [
  'note.dump-notice',
  'note.blocker',
  'note.dry-run-unsupported',
  'note.revert-failed',
  'note.logs-not-read',
];

/** Of steps whose evidence has lines of a log or of a command in it: what stays of one fact, and undefined where nothing may. */
const QUOTING_STEPS: Readonly<Record<string, (fact: Evidence) => Evidence | undefined>> = {
  // `exit code 1, 2.1 s | last line | ...`
  'run-commands': (fact) => ({ ...fact, observed: fact.observed.split(' | ')[0] ?? '' }),
  // `last line | ... | exit code 0`
  'rollback-migrations': (fact) => ({ ...fact, observed: fact.observed.split(' | ').at(-1) ?? '' }),
  // `errors{instance="db-0.internal"}`: labels are whatever an exporter writes.
  'check-metrics': (fact) =>
    fact.observed.startsWith(tr`Prometheus warns: ${''}`)
      ? undefined
      : { ...fact, subject: fact.subject.split('{')[0] ?? '' },
  // The first fact counts, the others quote.
  'check-events': (fact) => (fact.subject === tr`events` ? fact : undefined),
  'check-pods': (fact) => (/\blogs?\b/i.test(fact.subject) ? undefined : fact),
};

function outcomeOf(report: Report, { step, outcome }: StepReport): Outcome {
  if (outcome.status === 'skipped') return outcome;
  const quoting = QUOTING_STEPS[step] ?? ((fact: Evidence) => fact);
  const evidence = outcome.evidence.flatMap((fact) => quoting(fact) ?? []);
  if (outcome.status !== 'passed') return { ...outcome, evidence, failure: meaningOf(report, outcome.failure) };
  const [first = leftOut(), ...rest] = evidence;
  return { status: 'passed', evidence: [first, ...rest] satisfies NonEmpty<Evidence> };
}

const leftOut = (): Evidence => ({ subject: tr`evidence`, observed: '–', expected: '–' });

const unproven = (finding: Finding): Finding => ({ ...finding, evidence: [] });

function meaningOf({ language }: Report, { code }: Failure): Failure {
  return { code, message: catalogueOf(language).errors[code], hint: '', causes: [] };
}

/** An address as a whole, and its host alone; a host without a domain is a word that may stand anywhere. */
function partsOf(address: string): string[] {
  const host = URL.canParse(address) ? new URL(address).hostname : address.replace(/:\d+$/, '');
  return [address, ...(/[.:]/.test(host) ? [host] : [])].filter((text) => text !== '');
}
