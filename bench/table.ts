import { ACTION, type Contender, type Round } from './contenders.ts';
import type { FirstRequest } from './first-request.ts';
import { FIRST_REQUEST_MEGABYTES, FIRST_REQUEST_SECONDS, type Goal, MEGABYTES } from './goals.ts';
import { ratios, show, spread } from './statistics.ts';

const COLUMNS = [18, 22, 22, 22, 10, 8] as const;

export function printRow(
  workloads: number,
  contenders: readonly Contender[],
  measured: Readonly<Record<string, readonly Round[]>>,
  goals: readonly Goal[],
): void {
  const seconds = (name: string) => (measured[name] ?? []).map((round) => round.seconds);
  console.log(`\n${workloads} workloads, all rolled back and ready (median, least-most)`);
  line(['', 'seconds', 'x kubectl', 'x floor', 'peak MB', 'CPU s']);
  for (const { name } of contenders) {
    const megabytes = Math.max(...(measured[name] ?? []).map((round) => round.usage.megabytes));
    line([
      name,
      show(spread(seconds(name)), 2),
      name === 'kubectl' ? '1' : show(ratios(seconds(name), seconds('kubectl')), 2),
      name === 'floor' ? '1' : show(ratios(seconds(name), seconds('floor')), 2),
      megabytes > 0 ? megabytes.toFixed(0) : '-',
      megabytes > 0 ? spread((measured[name] ?? []).map((round) => round.usage.cpuSeconds)).median.toFixed(2) : '-',
    ]);
  }
  for (const { name, meaning } of contenders) console.log(`  ${name}: ${meaning}`);
  for (const goal of goals.filter((one) => one.workloads === workloads)) {
    const { median } = ratios(seconds(ACTION), seconds(goal.against));
    verdict(`at most ${goal.atMost} x ${goal.against}`, median.toFixed(2), median <= goal.atMost);
  }
  if (workloads === 500) {
    const megabytes = Math.max(...(measured[ACTION] ?? []).map((round) => round.usage.megabytes));
    verdict(`at most ${MEGABYTES} MB`, megabytes.toFixed(0), megabytes <= MEGABYTES);
  }
}

/** Where our own time goes, by the phases of the log. */
export function printPhases(rounds: readonly Round[]): void {
  const names = Object.keys(rounds[0]?.phases ?? {});
  const parts = names.map((name, index) => {
    const next = names[index + 1];
    const lasts = rounds.map((round) => {
      const end = next === undefined ? round.seconds : (round.phases?.[next] ?? Number.NaN);
      return end - (round.phases?.[name] ?? Number.NaN);
    });
    return `${name} ${spread(lasts).median.toFixed(2)}`;
  });
  const start = spread(rounds.map((round) => round.phases?.[names[0] ?? ''] ?? Number.NaN)).median;
  console.log(`  where our seconds go (median): start ${start.toFixed(2)}, ${parts.join(', ')} (with report and end)`);
}

export function printFirstRequest(first: FirstRequest): void {
  const ours = spread(first.action);
  console.log(`\nprocess start to the first API request (median, least-most)`);
  console.log(
    `  tiered-rollback ${show(ours, 3)} s; whole dry run peaks at ${spread(first.actionMegabytes).max.toFixed(0)} MB`,
  );
  console.log(
    `  kubectl get, whole ${show(spread(first.kubectl), 3)} s, ${spread(first.kubectlMegabytes).max.toFixed(0)} MB`,
  );
  verdict(`at most ${FIRST_REQUEST_SECONDS} s`, ours.median.toFixed(3), ours.median <= FIRST_REQUEST_SECONDS);
  const megabytes = spread(first.actionMegabytes).max;
  verdict(`at most ${FIRST_REQUEST_MEGABYTES} MB`, megabytes.toFixed(0), megabytes <= FIRST_REQUEST_MEGABYTES);
}

function verdict(goal: string, seen: string, isReached: boolean): void {
  console.log(`  goal ${goal}: ${seen}, ${isReached ? 'reached' : 'NOT reached'}`);
}

function line(cells: readonly string[]): void {
  console.log(`  ${cells.map((cell, index) => cell.padEnd(COLUMNS[index] ?? 0)).join('')}`.trimEnd());
}
