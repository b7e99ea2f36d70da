import { distance } from 'fastest-levenshtein';
import { ifAllowed } from '../core/allowed.ts';
import type { Config } from '../core/config.ts';
import { RollbackError, RollbackErrors } from '../core/errors.ts';
import { incidentOf } from '../core/incident.ts';
import {
  type ObjectKind,
  type PodTemplate,
  refText,
  WORKLOAD_KINDS,
  type WorkloadObject,
  type WorkloadRef,
} from '../core/kubernetes.ts';
import { changedObjectsOf, type Ledger, type QuarantineEntry } from '../core/ledger.ts';
import { readsObject } from '../core/references.ts';
import type { LedgerState, Member, Situation } from '../core/situation.ts';
import { chooseTakeBack, rollbackToTakeBack } from '../core/take-back.ts';
import { candidatesOf, chooseTarget } from '../core/target.ts';
import { tr } from '../core/tr.ts';
import { cleanTemplate, revisionsOf, templateHash } from '../core/workload.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClusterReader, ClusterView } from '../ports/cluster.ts';
import { configDigest } from './config-digest.ts';
import { readLedger, withAnnotations } from './ledger-store.ts';

/** The kinds that a run on this group watches: no more requests than it needs. */
export function kindsFor(config: Config): ObjectKind[] {
  const named = new Set(config.workloads.map((ref) => ref.kind));
  const workloads = config.selector !== undefined || named.size === 0 ? WORKLOAD_KINDS : [...named];
  const stored: ObjectKind[] = [];
  if (workloads.includes('Deployment')) stored.push('ReplicaSet');
  if (workloads.includes('StatefulSet') || workloads.includes('DaemonSet')) stored.push('ControllerRevision');
  return [...workloads, ...stored, 'Pod', 'Event'];
}

/**
 * Opens the live view and reads what the run speaks about: the group, its history, the ledger, and the choice that follows from them. All
 * that can be asked at once is asked at once.
 */
export async function readSituation(parts: {
  readonly config: Config;
  readonly cluster: ClusterReader;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<{ readonly view: ClusterView; readonly situation: Situation }> {
  const { config, cluster, signal } = parts;
  const [view, autoscalers, disruptionBudgets] = await Promise.all([
    cluster.view(kindsFor(config), signal),
    ifAllowed(cluster.list('HorizontalPodAutoscaler')),
    ifAllowed(cluster.list('PodDisruptionBudget')),
  ]);
  try {
    return { view, situation: await situationOf(parts, view, { autoscalers, disruptionBudgets }) };
  } catch (error) {
    view.close();
    throw error;
  }
}

async function situationOf(
  { config, cluster, clock }: { readonly config: Config; readonly cluster: ClusterReader; readonly clock: Clock },
  view: ClusterView,
  around: Pick<Situation, 'autoscalers' | 'disruptionBudgets'>,
): Promise<Situation> {
  // The ledger after the workloads: a run records what it is about to do before it does it, so whatever of another run the view shows is
  // recorded by now. The other way round its work would look like somebody's undo by hand.
  const [workloads, ledgerState] = await Promise.all([groupOf(config, cluster, view), readLedger(cluster)]);
  const members = workloads.map((workload) => memberOf(workload, view));
  const stated = withAnnotations(ledgerState, workloads);
  const ledger: LedgerState = { ...stated, ledger: await withoutRepaired(cluster, members, stated.ledger) };
  const { choice, undoes, incident } =
    config.mode === 'undo' ? takeBack(members, ledger, config) : goBack(members, ledger, config);
  return {
    readAt: clock.now(),
    members,
    pods: view.all('Pod'),
    ...around,
    ledger,
    choice,
    ...(incident ? { incident } : {}),
    ...(undoes ? { undoes } : {}),
    candidates: candidatesOf(members, ledger.ledger),
  };
}

type Decided = Pick<Situation, 'choice' | 'undoes' | 'incident'>;

function goBack(members: readonly Member[], { ledger }: LedgerState, config: Config): Decided {
  const choice = chooseTarget(members, config.to, ledger, config.deployWindowMs);
  const incident = incidentOf(members, choice, ledger);
  return { choice, ...(incident ? { incident } : {}) };
}

function takeBack(members: readonly Member[], { ledger, access }: LedgerState, config: Config): Decided {
  try {
    if (access === 'none') throw withoutLedger(config);
    const undoes = rollbackToTakeBack(ledger, config.undoRun);
    return { choice: chooseTakeBack(members, undoes), undoes };
  } catch (error) {
    if (error instanceof RollbackError) return { choice: { kind: 'refused', failure: error.toFailure() } };
    throw error;
  }
}

function withoutLedger({ namespace }: Config): RollbackError {
  return new RollbackError(
    'UNDO_IMPOSSIBLE',
    tr`the ledger of namespace ${namespace} may not be read, so it is not known what to take back`,
    tr`Allow it: get, update of configmap/tiered-rollback-ledger. Check: kubectl auth can-i get configmap/tiered-rollback-ledger -n ${namespace}`,
  );
}

async function groupOf(config: Config, cluster: ClusterReader, view: ClusterView): Promise<WorkloadObject[]> {
  const all = WORKLOAD_KINDS.filter((kind) => kindsFor(config).includes(kind)).flatMap((kind) => view.all(kind));
  if (config.selector !== undefined) {
    const { selector } = config;
    const lists = await Promise.all(WORKLOAD_KINDS.map((kind) => cluster.list(kind, { labelSelector: selector })));
    const names = new Set(lists.flat().map(nameOf));
    const selected = all.filter((workload) => names.has(nameOf(workload)));
    if (selected.length > 0) return selected;
    throw new RollbackError(
      'WORKLOAD_NOT_FOUND',
      tr`no workload in namespace ${config.namespace} matches the selector ${selector}`,
      `kubectl get deployments,statefulsets,daemonsets -n ${config.namespace} --show-labels`,
    );
  }
  if (config.workloads.length === 0) return all;
  const found = config.workloads.map((ref) => ({ ref, workload: view.get(ref.kind, ref.name) }));
  const errors = found.filter(({ workload }) => !workload).map(({ ref }) => notFound(ref, config.namespace, all));
  const [first, ...rest] = errors;
  if (first) throw new RollbackErrors([first, ...rest]);
  return found.flatMap(({ workload }) => workload ?? []);
}

function notFound(ref: WorkloadRef, namespace: string, all: readonly WorkloadObject[]): RollbackError {
  const [nearest] = all
    .map((workload) => ({ name: nameOf(workload), far: distance(nameOf(workload), refText(ref)) }))
    .sort((a, b) => a.far - b.far);
  const guess = nearest && nearest.far <= 5 ? tr`; did you mean ${nearest.name}?` : '';
  return new RollbackError(
    'WORKLOAD_NOT_FOUND',
    tr`${refText(ref)} does not exist in namespace ${namespace}${guess}`,
    `kubectl get deployments,statefulsets,daemonsets -n ${namespace}`,
  );
}

function nameOf(workload: WorkloadObject): string {
  return refText({ kind: workload.kind, name: workload.metadata.name });
}

function memberOf(workload: WorkloadObject, view: ClusterView): Member {
  const stored = workload.kind === 'Deployment' ? view.all('ReplicaSet') : view.all('ControllerRevision');
  return {
    ref: { kind: workload.kind, name: workload.metadata.name },
    workload,
    revisions: revisionsOf(workload, stored),
    hash: templateHash(workload.spec.template),
  };
}

/** A quarantined template whose configuration has changed since is another release: its entry does not count here. */
async function withoutRepaired(cluster: ClusterReader, members: readonly Member[], ledger: Ledger): Promise<Ledger> {
  const checked = await Promise.all(
    ledger.quarantine.map(async (entry) => {
      if (entry.config === undefined || ledger.salt === undefined) return true;
      const member = members.find(({ ref }) => ref.kind === entry.kind && ref.name === entry.name);
      const template =
        member?.hash === entry.template
          ? cleanTemplate(member.workload.spec.template)
          : member?.revisions.find((revision) => revision.hash === entry.template)?.template;
      if (!template || isSetByUs(ledger, entry, template)) return true;
      const now = await configDigest(cluster, template, ledger.salt);
      return now === undefined || now === entry.config;
    }),
  );
  return { ...ledger, quarantine: ledger.quarantine.filter((_, index) => checked[index]) };
}

/**
 * Whether the rollback that quarantined it, or a later run of the same incident, set a Secret or ConfigMap that it reads: then its configuration was changed
 * by us, and that it is another one now says nothing about a repair.
 */
function isSetByUs(ledger: Ledger, entry: QuarantineEntry, template: PodTemplate): boolean {
  const incidentOfRun = (run: string) => ledger.rollbacks.find((record) => record.run === run)?.incident ?? run;
  const incident = incidentOfRun(entry.run);
  return ledger.rollbacks
    .filter((record) => (record.incident ?? record.run) === incident)
    .some((record) => changedObjectsOf(record).some((changed) => readsObject(template, changed)));
}
