import { formatDuration } from '../core/duration.ts';
import { RollbackError } from '../core/errors.ts';
import { refText } from '../core/kubernetes.ts';
import { VALIDATION_ITEMS } from '../core/report.ts';
import { TIER_BUDGET_MS, type Tier } from '../core/tier.ts';
import { tr } from '../core/tr.ts';
import { CHECKLIST_STEPS } from './available.ts';
import { commandFaults } from './commands.ts';
import { databaseFaults } from './database.ts';
import { invalid, nearest, show } from './faults.ts';
import type { Merged } from './merge.ts';
import { messageFaults } from './messages.ts';
import { alertFaults, metricFaults } from './monitoring.ts';
import type { FileKey, OptionName } from './schema.ts';
import { secretFaults } from './secrets.ts';
import type { Surroundings } from './surroundings.ts';

/** What the registry of steps says, as far as it matters here. */
export interface KnownStep {
  readonly id: string;
  readonly tiers: readonly Tier[];
}

/**
 * The rules that hold between values, and those about what is missing.
 *
 * @param steps the registry's steps; without it every step of the checklist counts as working, in every tier.
 */
export function ruleFaults(
  merged: Merged,
  fileName: string,
  steps: readonly KnownStep[] | undefined,
  around: Surroundings,
): RollbackError[] {
  return [
    ...placeFaults(merged, fileName),
    ...targetFaults(merged),
    ...undoFaults(merged),
    ...timeFaults(merged),
    ...healthFaults(merged),
    ...stepFaults(merged, steps),
    ...databaseFaults(merged, around),
    ...secretFaults(merged, around),
    ...messageFaults(merged, around),
    ...alertFaults(merged),
    ...metricFaults(merged),
    ...commandFaults(merged),
  ];
}

/** Without a timeout: the tier's budget, and as long again for a run that shall go on after it. What an undo takes back may hold a database, whatever tier is typed beside it. */
export function budgetOf({ value }: Merged): number {
  const tier = value('mode') === 'undo' ? 'complete' : (value('tier') ?? 'rapid');
  const atEnd = value('at-budget-end');
  const goesOn = atEnd === 'continue' || atEnd === 'escalate';
  return value('timeout') ?? TIER_BUDGET_MS[tier] * (goesOn ? 2 : 1);
}

function placeFaults({ value, faulty, where, isWhole }: Merged, fileName: string): RollbackError[] {
  const namespace = value('namespace');
  const missing = (...names: readonly FileKey[]) =>
    isWhole && names.every((name) => value(name) === undefined && !faulty(name));
  const errors: RollbackError[] = [];
  if (missing('namespace')) {
    errors.push(
      invalid(
        where('namespace'),
        tr`is missing; allowed: the namespace of the application`,
        tr`Type \`namespace: NAME\` in the \`with:\` of the step or in ${fileName} (\`kubectl get namespaces\` lists the names). If the file exists, check the repository out before this step.`,
      ),
    );
  }
  if (value('selector') !== undefined && value('workloads') !== undefined) {
    const text = tr`stands beside workloads; allowed: one of the two`;
    errors.push(invalid(where('selector'), text, tr`Keep workloads or selector, not both.`));
  }
  const nothing = missing('workloads', 'selector') || (value('workloads')?.length === 0 && missing('selector'));
  if (nothing && value('mode') !== 'plan' && !faulty('mode')) {
    const name = namespace ?? 'NAME';
    errors.push(
      new RollbackError(
        'WORKLOADS_UNSPECIFIED',
        tr`${where('workloads')}: neither workloads nor a selector was given; expected: what to roll back`,
        tr`Run this step once with \`mode: plan\`: it lists what is in namespace ${name} and prints a ready ${fileName}. By hand: kubectl get deployments,statefulsets,daemonsets -n ${name}`,
      ),
    );
  }
  return errors;
}

function targetFaults({ value, where }: Merged): RollbackError[] {
  const target = value('to');
  const named = value('workloads')?.map(refText) ?? [];
  if (target?.kind !== 'explicit' || named.length === 0) return [];
  return target.lines
    .map((line) => refText(line.ref))
    .filter((name) => !named.includes(name))
    .map((name) =>
      invalid(
        where('to'),
        tr`saw ${name}, which is not in workloads; allowed: ${named.join(', ')}`,
        tr`Add ${name} to workloads, or take its line out.`,
      ),
    );
}

function undoFaults({ value, where, faulty, fromInput }: Merged): RollbackError[] {
  if (faulty('mode')) return [];
  if (value('mode') !== 'undo')
    return value('run') === undefined
      ? []
      : [
          invalid(
            where('run'),
            tr`saw ${show(value('run'))}, which only mode undo takes back`,
            tr`Add \`mode: undo\`, or take run out.`,
          ),
        ];
  // What stands in the file is for rollbacks.
  const isMeant = value('to')?.kind === 'explicit' && (fromInput('to') || !fromInput('mode'));
  return isMeant
    ? [
        invalid(
          where('to'),
          tr`stands beside mode undo, which goes back to what ran before the rollback`,
          tr`Take to out. A release of your choice is reached by \`mode: rollback\`.`,
        ),
      ]
    : [];
}

function timeFaults(merged: Merged): RollbackError[] {
  const { value, where, faulty } = merged;
  const timeout = budgetOf(merged);
  const stable = value('stable-for') ?? 0;
  if (faulty('timeout') || faulty('tier')) return [];
  if (timeout < 1000) {
    return [
      invalid(
        where('timeout'),
        tr`saw ${formatDuration(timeout)}; allowed: 1s to 24h`,
        tr`Type for example \`timeout: 5m\`.`,
      ),
    ];
  }
  if (stable < timeout) return [];
  return [
    invalid(
      where('stable-for'),
      tr`saw ${formatDuration(stable)}; allowed: less than the timeout, which is ${formatDuration(timeout)}`,
      tr`Type a longer \`timeout\` or a shorter \`stable-for\`.`,
    ),
  ];
}

function healthFaults({ value, where, fromInput }: Merged): RollbackError[] {
  if (value('health') === undefined || value('health-urls') === undefined || fromInput('health-urls')) return [];
  return [
    invalid(where('health-urls'), tr`stands beside health; allowed: one of the two`, tr`Move the URLs into health.`),
  ];
}

function stepFaults(
  { value, where, faulty, hint: hintAt }: Merged,
  steps: readonly KnownStep[] | undefined,
): RollbackError[] {
  const tier = value('tier') ?? 'rapid';
  const working = steps?.map((step) => step.id) ?? CHECKLIST_STEPS;
  const later = CHECKLIST_STEPS.filter((id) => !working.includes(id));
  const inTier =
    steps && !faulty('tier') && value('mode') !== 'undo'
      ? steps.filter((step) => step.tiers.includes(tier)).map((step) => step.id)
      : working;
  const steered = value('steps') ?? [];
  const skipped = value('skip-steps') ?? [];

  const refuse = (name: OptionName, id: string, text: string, hint: string) =>
    invalid(where(name), tr`saw ${show(id)}${text}`, hint);
  const unknown = (name: OptionName, id: string, allowed: readonly string[]) => {
    if (later.includes(id)) {
      return refuse(name, id, tr`; not available yet; available: ${allowed.join(', ')}`, tr`Take ${id} out.`);
    }
    const near = nearest(id, allowed);
    const hint = near === undefined ? hintAt(name) : tr`Type ${near}.`;
    return refuse(
      name,
      id,
      near === undefined
        ? tr`; allowed: ${allowed.join(', ')}`
        : tr`; did you mean "${near}"? allowed: ${allowed.join(', ')}`,
      hint,
    );
  };
  const notIn = (name: OptionName, ids: readonly string[], allowed: readonly string[]) =>
    ids.filter((id) => !allowed.includes(id)).map((id) => ({ name, id, allowed }));

  return [
    ...notIn('steps', steered, inTier).map(({ name, id, allowed }) =>
      working.includes(id)
        ? refuse(
            name,
            id,
            tr`, which is no step of tier ${tier}; allowed: ${allowed.join(', ')}`,
            tr`Take ${id} out, or choose another tier.`,
          )
        : unknown(name, id, allowed),
    ),
    // Leaving out what would not run anyway is no fault: one list may serve several tiers, and those to come.
    ...notIn('skip-steps', skipped, [...working, ...later]).map(({ name, id }) => unknown(name, id, working)),
    ...skipped
      .filter((id) => steered.includes(id))
      .map((id) =>
        refuse(
          'skip-steps',
          id,
          tr`, which steps asks for; allowed: one of the two`,
          tr`Take ${id} out of one of them.`,
        ),
      ),
    ...notIn('required-checks', value('required-checks') ?? [], [...working, ...VALIDATION_ITEMS]).map(
      ({ name, id, allowed }) => unknown(name, id, allowed),
    ),
  ];
}
