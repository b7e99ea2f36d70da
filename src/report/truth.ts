import { refText } from '../core/kubernetes.ts';
import type { Report, WorkloadReport } from '../core/report.ts';
import { sayRowsGivenUp } from './amounts.ts';
import type { Catalogue } from './catalogue.ts';
import { liveState, rowsGivenUpBy } from './database-state.ts';
import { shortImage, tellingImages } from './images.ts';
import { sayDuration } from './say.ts';
import { isPlan, moves, stateOf } from './verdict.ts';

/** Writes a name from the cluster, neutralised for where it will stand. */
type Name = (text: string) => string;

/** What is true of the group now (or would be), in sentences. */
export function truth(catalogue: Catalogue, report: Report, name: Name): string[] {
  const { phrases, words } = catalogue;
  const { workloads } = report;
  if (report.discovery) return [words.nothingTouched];
  const nothingTouched = report.database ? catalogue.database.nothingTouched : words.nothingTouched;
  const database = databaseTruth(catalogue, report, name);
  if (isPlan(report)) {
    if (workloads.length === 0) return [...database, nothingTouched];
    return [phrases.wouldChange(workloads.filter(moves).length, workloads.length), ...database, nothingTouched];
  }
  const untouched = report.outcome === 'refused' ? [nothingTouched] : [];
  if (workloads.length === 0) return [words.noWorkloads, ...database, ...untouched];
  return [...untouched, ...runsWhat(catalogue, report, name), ...pods(catalogue, report), ...database];
}

/** Which database is live, or would be. */
function databaseTruth(catalogue: Catalogue, report: Report, name: Name): string[] {
  const state = liveState(report);
  const { database } = report;
  if (!database || state === undefined) return [];
  const backup = database.backup?.name.split('/').at(-1) ?? '';
  return [catalogue.database.truth[state](name(database.name), backup === '' ? '' : name(backup))];
}

function runsWhat(catalogue: Catalogue, report: Report, name: Name): string[] {
  const { phrases } = catalogue;
  const { workloads } = report;
  const isAway = (one: WorkloadReport) => stateOf(report, one) === 'not-at-target';
  const still = (one: WorkloadReport) =>
    phrases.stillRuns(name(refText(one.ref)), images(one.now ?? one.before, one.target, name));
  const unread = workloads.filter((one) => !one.now).length;
  const [only] = workloads;
  if (workloads.length === 1 && only) {
    if (unread > 0) return [phrases.notReadable(1)];
    return [
      isAway(only) ? still(only) : phrases.runs(name(refText(only.ref)), images(only.now, otherThanNow(only), name)),
    ];
  }
  const away = workloads.filter(isAway);
  const there = workloads.length - away.length - unread;
  return [
    // After a refusal nobody asks how many arrived.
    ...(report.outcome === 'refused' ? [] : [phrases.groupAtTarget(there, workloads.length)]),
    ...(away.length > 3 ? [] : away.map(still)),
    ...(unread > 0 ? [phrases.notReadable(unread)] : []),
  ];
}

function otherThanNow({ before, now }: WorkloadReport) {
  return before.hash === now?.hash ? undefined : before;
}

function images(
  release: WorkloadReport['now'] | WorkloadReport['before'],
  other: WorkloadReport['target'],
  name: Name,
) {
  return release
    ? tellingImages(release, other)
        .slice(0, 2)
        .map((image) => name(shortImage(image)))
        .join(', ')
    : '?';
}

function pods(catalogue: Catalogue, report: Report): string[] {
  const read = report.workloads.flatMap(({ now }) => now ?? []);
  if (read.length < report.workloads.length) return [];
  const sum = (of: 'ready' | 'desired') => read.reduce((total, one) => total + one[of], 0);
  return [catalogue.phrases.podsReady(sum('ready'), sum('desired'))];
}

/** Tier, time against budget, health and downtime: each a word and a value. */
export function facts(catalogue: Catalogue, report: Report): [string, string][] {
  const { words } = catalogue;
  const took = sayDuration(catalogue, report.durationMs);
  const over = report.durationMs > report.budgetMs ? `, ${words.overBudget}` : '';
  const budget = `${took} ${words.of} ${sayDuration(catalogue, report.budgetMs)}${over}`;
  const looked = !isPlan(report) && report.outcome !== 'refused';
  return [
    [words.tier, catalogue.tiers[report.tier]],
    [words.took, looked ? budget : took],
    ...(looked ? ([[words.health, healthText(catalogue, report)]] as [string, string][]) : []),
    ...(looked ? ([downtime(catalogue, report)] as [string, string][]) : []),
    ...givenUp(catalogue, report),
  ];
}

function givenUp(catalogue: Catalogue, report: Report): [string, string][] {
  const { labels, noRows } = catalogue.database;
  if (!report.database?.price || report.outcome === 'refused') return [];
  if (isPlan(report)) return [[labels.wouldGiveUp, sayRowsGivenUp(catalogue, report)]];
  const rows = rowsGivenUpBy(report);
  if (rows === undefined) return [];
  return [[labels.rowsGivenUp, rows === 0 ? noRows : sayRowsGivenUp(catalogue, report)]];
}

function healthText({ words }: Catalogue, { healthy, probes }: Report): string {
  if (healthy === 'unknown') return `❔ ${words.healthUnknown}`;
  // Ready pods are all that was looked at where nobody configured a health check.
  if (healthy && probes.length === 0) return `✅ ${words.podsReadyOnly}`;
  return healthy ? `✅ ${words.healthy}` : `❌ ${words.notHealthy}`;
}

function downtime(catalogue: Catalogue, { downtimeSeconds }: Report): [string, string] {
  const { words } = catalogue;
  if (downtimeSeconds === undefined) return [words.downtime, words.downtimeNotMeasured];
  return [words.downtime, downtimeSeconds === 0 ? words.downtimeNone : sayDuration(catalogue, downtimeSeconds * 1000)];
}
