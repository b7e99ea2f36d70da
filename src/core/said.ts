/**
 * A sentence that a person will read, as data: the key of the catalogue and its values. The renderer says it in the
 * run's language. Both catalogues (`report/en.ts`, `report/fr.ts`) are typed by this list, so none can lack a key.
 * A value is plain text: the renderer neutralises it.
 */
export interface Said {
  readonly key: SaidKey;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** The sentences; `{name}` in a catalogue's text stands for a value. The comment lists the values. */
export const SAID_KEYS = [
  // Why something was skipped.
  'skipped.not-in-tier', // tier
  'skipped.not-requested',
  'skipped.not-configured', // what
  'skipped.blocked', // step
  'skipped.dry-run',
  'skipped.nothing-to-do',
  'skipped.at-target',
  'skipped.waived', // by
  'skipped.cancelled',
  'skipped.already-restored', // backup, run, at
  'skipped.no-restore', // nothing was restored, so this has nothing to do
  'skipped.secrets-set',
  'skipped.manifests-applied',
  'skipped.flags-off',
  'skipped.nothing-left', // no temporary resource is there
  'skipped.no-long-downtime', // downtime, least: both ms
  'skipped.downtime-not-measured',
  'skipped.nothing-for-users', // refused, and no downtime to speak of
  'skipped.nothing-touched', // the run was refused
  'skipped.nothing-to-record', // nothing was rolled back
  'skipped.nothing-stale', // no workload reads anything that changed
  // Notes: true things that somebody must know.
  'note.silence-left', // silences, until, command
  'note.hpa', // workload, name, min, max
  'note.pdb', // workload, name
  'note.helm', // workload, release, fields
  'note.gitops-allowed', // workload, owner
  'note.degraded', // what, rule
  'note.revision-passed-over', // workload, revision, why
  'note.stays-never-changed', // workload
  'note.stays-changed-before', // workload, changed, bad (RFC 3339 both)
  'note.stays-not-named', // workload: the lines of `to` leave it out
  'note.paused-left', // workloads, command
  'note.history-limit', // workload, limit
  'note.lock-taken-over', // holder, url
  'note.deploys-in-flight', // runs
  'note.deploy-cancelled', // run
  'note.quarantined', // workload, image
  'note.pod-deleted', // pod, why
  'note.restarted', // workload
  'note.leftover', // workload, fields
  'note.on-delete', // workload, command
  'note.partition', // workload, partition
  'note.reverted', // workload
  'note.revert-failed', // why
  'note.dry-run-unsupported', // workload, why: a webhook cannot take part in a dry run
  'note.budget-passed', // tier, budget
  'note.budget-stop', // tier: nothing irreversible was begun after its time
  'note.escalated', // tier: the team was told that its time is over
  'note.not-escalated', // why
  'note.forecast', // forecast, budget, tier, restoring, rolling, stable, earlier: all but tier are ms
  'note.forecast-over', // as note.forecast
  'message.budget-over', // application, tier, namespace, budget, steps, contact, url
  'note.integrity', // backup: no hash was expected of it
  'note.kept-database', // name
  'note.not-a-disaster-backup', // name: of the kept database
  'note.restarted-after-swap', // workloads
  'note.not-restarted-after-swap', // workloads, command
  'note.fenced', // what: was stopped so that nobody writes during the swap
  'note.unfenced', // what: runs again as before
  'note.jobs-run-on', // jobs
  'note.daemonset-not-fenced', // workload
  'note.migrations-recent', // list
  'note.secret-kept', // secret, keys, kept: our own Secret with the values from before
  'note.secret-recreated', // secret
  'note.secret-put-back', // secret
  'note.secret-owned', // secret, owner: makes it from something else, and will make it again
  'note.manifest-kept', // objects, kept: our own Secret with the objects from before
  'note.manifest-put-back', // object
  'note.manifest-taken-over', // object, managers
  'note.manifest-of-controller', // object, owner: the manifest was left out, its owner makes the object
  'note.manifest-own-state', // object: the manifest was left out, it is our own state
  'note.manifests-lack', // objects: there with the same labels, not in the backup
  'note.manifests-not-compared', // kind: may not be listed
  'note.flags-before', // configMap, values
  'note.flag-added', // configMap, flag: it was not there
  'note.flags-put-back', // configMap
  'note.config-map-recreated', // configMap
  'note.data-lost', // claim, size: was deleted with its data
  'note.rows-exported', // rows, folder
  'note.order-workloads-first', // why: as `DatabaseOrder` has it
  'note.order-database-first', // why: as `DatabaseOrder` has it
  'note.dump-notice', // text: what the server or the dump said while it was read or loaded
  'note.leftovers', // names: databases of earlier runs
  'note.quarantine-ended', // workload, image
  'note.blocker', // what, hint: seen on the live database, and no reason to refuse
  'note.writes-since', // rows: written since the restored database was loaded
  'note.standby-reads-old',
  'note.prometheus-unused',
  'note.next-deploy', // workload, owner: another deploy tool (kapp, Fleet) owns it; its next run puts its own version back
  'note.log-errors-rose', // workload, errors, seconds, before, command: no limit is configured, or none passed
  'note.logs-not-read', // read, of: containers; why
  'note.log-pattern-slow', // pattern: of the config, took too long
  'note.quota-tight', // quota, resource, needed, room: the rollout goes on, but with fewer new pods at once
  // What is lost without a permission that is not required; `rule` is the missing rule as short text.
  'degraded.lock', // rule
  'degraded.ledger', // rule
  'degraded.events', // rule
  'degraded.logs', // rule
  'degraded.unblock', // rule
  'degraded.services', // rule
  'degraded.metrics', // rule
  'degraded.quotas', // rule
  'degraded.autoscalers', // rule
  'degraded.disruption-budgets', // rule
  // What discovery says of a workload that can go back, or need not.
  'discovery.can-go-back', // workload, image, since
  'discovery.unhealthy', // workload, image, since, ready, desired
  'discovery.stays', // workload
] as const;
export type SaidKey = (typeof SAID_KEYS)[number];

export function said(key: SaidKey, values?: Said['values']): Said {
  return values ? { key, values } : { key };
}
