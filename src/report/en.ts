import { ERROR_CODES } from '../core/errors.ts';
import type { Catalogue } from './catalogue.ts';
import { enDatabase } from './en-database.ts';
import { enMessages } from './en-messages.ts';
import { enPage } from './en-page.ts';
import { enRecord } from './en-record.ts';
import { enTodo } from './en-todo.ts';
import { enTroubleshooting } from './en-troubleshooting.ts';

/** English. */
export const en: Catalogue = {
  language: 'en',
  colon: ':',
  said: {
    'skipped.not-in-tier': 'belongs to tier {tier}, not to this one',
    'skipped.not-requested': 'not asked for in this run',
    'skipped.not-configured': 'not configured[: {what}]',
    'skipped.blocked': 'not started, because an earlier step failed[: {step}]',
    'skipped.dry-run': 'dry run: nothing was done',
    'skipped.nothing-to-do': 'nothing to do',
    'skipped.at-target': 'already at the target release',
    'skipped.waived': 'waived[ by {by}]',
    'skipped.cancelled': 'not started, because the run was cancelled',
    'skipped.already-restored': 'already restored from {backup}[ by run {run}][, {at}]',
    'skipped.no-restore': 'no database was restored',
    'skipped.secrets-set': 'the keys already hold these values',
    'skipped.manifests-applied': 'everything is as the manifests say',
    'skipped.flags-off': 'the flags are off already',
    'skipped.nothing-left': 'none of the temporary resources is there',
    'skipped.no-long-downtime': 'the measured downtime ({downtime}) is shorter than {least}',
    'skipped.downtime-not-measured': 'no downtime was measured, because no health check is configured',
    'skipped.nothing-for-users': 'the run was refused and changed nothing, so there is nothing to tell users',
    'skipped.nothing-touched': 'the run was refused and touched nothing',
    'skipped.nothing-to-record': 'nothing was rolled back, so there is nothing to record',
    'skipped.nothing-stale': 'no workload reads anything that changed',
    'note.manifest-kept': 'What was replaced is kept in Secret {kept}: {objects}.',
    'note.manifest-put-back': '{object} is again as it was before.',
    'note.manifest-taken-over': '{object}: fields set by {managers} were taken over.',
    'note.manifest-of-controller': 'The manifest of {object} was left out: {owner} makes it.',
    'note.manifest-own-state': 'The manifest of {object} was left out: it holds the state of this action.',
    'note.manifests-lack': 'There with the labels of the application, but not in the manifests; left alone: {objects}.',
    'note.manifests-not-compared':
      'Whether there are more objects of kind {kind} than in the manifests is not known: they may not be listed.',
    'note.flags-before': 'Feature flags of ConfigMap {configMap} before: {values}.',
    'note.flag-added': 'The flag {flag} was not in ConfigMap {configMap}; it was added, switched off.',
    'note.flags-put-back': 'The feature flags of ConfigMap {configMap} are again as they were before.',
    'note.config-map-recreated':
      'ConfigMap {configMap} is immutable: it was deleted and created again, with the new values and all else as it was.',
    'note.data-lost': 'The volume claim {claim}[ of {size}] was deleted, and its data with it.',
    'note.hpa': 'An autoscaler ({name}, {min} to {max} pods) sizes {workload}. Its replicas were left alone.',
    'note.pdb': 'The disruption budget {name} protects {workload}. It was left alone.',
    'note.helm':
      'Helm release {release} owns {workload}. The next `helm upgrade` brings the chart in again: fix the chart first.[ Fields it will not take back: {fields}.]',
    'note.gitops-allowed':
      '{workload} belongs to {owner}, which may take this rollback back. It was rolled back because `allow-gitops` is set.',
    'note.degraded': 'Done without {what}: a permission is missing.[ Missing rule: {rule}]',
    'note.revision-passed-over': 'Revision {revision} of {workload} was passed over[: {why}].',
    'note.revert-failed': 'Not everything could be put back: {why}.',
    'note.dry-run-unsupported': '{workload}: the change could not be tried beforehand: {why}.',
    'note.stays-never-changed': '{workload} stays as it is: it never changed.',
    'note.stays-changed-before':
      '{workload} stays as it is: it was last changed {changed}, long before the bad release ({bad}).',
    'note.stays-not-named': '{workload} stays as it is: `to` does not name it.',
    'note.silence-left':
      'Alerts stay silenced until {until} at the latest (silence {silences}). To end that now: {command}',
    'note.paused-left': 'Still paused: {workloads}. To resume: {command}',
    'note.history-limit':
      '{workload} keeps only {limit} old revisions (revisionHistoryLimit): there may be nothing left to go back to next time.',
    'note.lock-taken-over': 'The lock was taken over from {holder}.[ Its run: {url}]',
    'note.deploys-in-flight': 'Deployments are queued or running and may undo this rollback: {runs}',
    'note.deploy-cancelled': 'The deployment run {run} was cancelled.',
    'note.quarantined': '{image} of {workload} is under quarantine: no later run goes back to it.',
    'note.pod-deleted': 'Pod {pod} was deleted[: {why}].',
    'note.restarted': '{workload} was restarted.',
    'note.leftover': '{workload} keeps fields that the target release does not set: {fields}.',
    'note.on-delete':
      '{workload} replaces a pod only when somebody deletes it (updateStrategy OnDelete). To do so: {command}',
    'note.partition': '{workload} updates only the pods from ordinal {partition} on (partition).',
    'note.reverted': '{workload} was put back to the release that it ran when the run began.',
    'note.budget-stop': 'After the time of tier {tier} nothing was begun that cannot be taken back.',
    'note.escalated': 'The team was told that the time of tier {tier} was over.',
    'note.not-escalated': 'The team could not be told that the time was over: {why}.',
    'note.forecast':
      'Forecast: {forecast} of the {budget} of tier {tier}[, restore {restoring}][, workloads {rolling}][, stable for {stable}][, earlier runs took {earlier}].',
    'note.forecast-over':
      'Forecast: {forecast}, longer than the {budget} of tier {tier}[, restore {restoring}][, workloads {rolling}][, stable for {stable}][, earlier runs took {earlier}].',
    'message.budget-over':
      '⏳ {application}: the {budget} of tier {tier} are over and the rollback in {namespace} goes on[, at {steps}]. Look at it now[, call {contact}].[ {url}]',
    'note.budget-passed': 'The run took longer than the budget of tier {tier} ({budget}).',
    'note.integrity':
      'Integrity of {backup} not proven: it was read whole and is complete, but no hash was expected of it. Give one with `backup-sha256`, or as a file of the same name with `.sha256` added.',
    'note.kept-database':
      'The database from before is kept as {name}: closed to connections, and never dropped by a run.',
    'note.not-a-disaster-backup':
      '{name} is a kept database, not a disaster backup: it lies on the same server and goes down with it.',
    'note.restarted-after-swap':
      'Restarted after the swap, so that nothing goes on reading the old database: {workloads}.',
    'note.not-restarted-after-swap':
      'Not restarted after the swap, so connections held by a pooler or on a standby may still read the old database: {workloads}. To restart: {command}',
    'note.fenced': 'Kept from writing during the swap: {what}.',
    'note.unfenced': 'Runs again as before: {what}.',
    'note.jobs-run-on':
      'Jobs that were already running were not stopped, and may have written during the swap: {jobs}.',
    'note.daemonset-not-fenced':
      '{workload} could not be kept from writing during the swap: a DaemonSet cannot be scaled to zero.',
    'note.migrations-recent': 'Newest migrations: {list}.',
    'note.secret-kept': 'What {keys} of Secret {secret} held before is kept in Secret {kept}.',
    'note.secret-recreated':
      'Secret {secret} is immutable: it was deleted and created again, with the new values and all else as it was.',
    'note.secret-put-back': 'Secret {secret} holds again what it held before this run.',
    'note.secret-owned':
      'Secret {secret} is made by {owner}, which will put its own values in again. Correct them at their source.',
    'note.rows-exported':
      'Rows given up were written to {folder}, one file a table: {rows}. They are your users’ data: keep them safe.',
    'note.order-workloads-first': 'Order: the workloads need not wait for the database ({why}).',
    'note.order-database-first': 'Order: the database first, then the workloads ({why}).',
    'note.dump-notice': 'Said while the backup was read and loaded: {text}',
    'note.leftovers':
      'Databases of earlier runs are still there and take up space: {names}. Drop those that nobody needs any more.',
    'note.quarantine-ended': '{image} of {workload} is no longer under quarantine.',
    'note.blocker': 'On the live database: {what}.[ {hint}]',
    'note.writes-since': 'Rows written since the restored database was loaded: {rows}.',
    'note.standby-reads-old':
      'Sessions on a standby that were opened before the swap go on reading the old database until they reconnect.',
    'note.prometheus-unused':
      'A Prometheus is named (`prometheus-url`) and no query (`metrics` of the config file): only whether it answers was looked at.',
    'note.next-deploy':
      '{owner} owns {workload}: its next deployment brings its own version in again. Fix that version first.',
    'note.log-errors-rose':
      '{workload} logs more errors than before the rollback: {errors} lines in {seconds} s, where the release before logged {before} in the same time. Look: {command}',
    'note.logs-not-read': 'The logs of only {read} of {of} containers could be looked at[: {why}].',
    'note.log-pattern-slow':
      'The logs were not judged: the pattern {pattern} of `logs.errors` takes too long. Write it without repetitions inside of repetitions.',
    'note.quota-tight':
      'Quota {quota} is tight ({resource}: {needed} wanted at once, {room} free): the rollout goes on with fewer new pods at a time.',
    'degraded.lock':
      'Without a lock: nothing keeps a second rollback from running at the same time.[ Missing rule: {rule}]',
    'degraded.ledger':
      'Without a ledger: this run leaves no record of its own in the cluster; the quarantine stands in annotations of the workloads.[ Missing rule: {rule}]',
    'degraded.events':
      'Without events: some causes (a volume that cannot be mounted, a failing probe) cannot be named.[ Missing rule: {rule}]',
    'degraded.logs': 'Without pod logs: they are neither checked nor kept as evidence.[ Missing rule: {rule}]',
    'degraded.unblock': 'Pods that block the rollout cannot be deleted: a person may have to.[ Missing rule: {rule}]',
    'degraded.services':
      'Services could not be looked at: why a health check fails although the pods are ready will not be named.[ Missing rule: {rule}]',
    'degraded.metrics': 'What the pods use (`kubectl top pods`) cannot be looked at.[ Missing rule: {rule}]',
    'degraded.quotas': 'Whether quotas have room for the rollout was not checked.[ Missing rule: {rule}]',
    'degraded.autoscalers': 'Autoscalers could not be looked at.[ Missing rule: {rule}]',
    'degraded.disruption-budgets': 'Disruption budgets could not be looked at.[ Missing rule: {rule}]',
    'discovery.can-go-back': '{workload} is healthy and can go back to {image}[ (from {since})].',
    'discovery.unhealthy':
      '{workload} is not healthy ({ready} of {desired} pods ready) and can go back to {image}[ (from {since})].',
    'discovery.stays': '{workload} has no other release to go back to.',
  },
  steps: {
    'freeze-rollouts': {
      title: 'Stop the deployment under way',
      promise: 'Nobody else deploys or rolls back meanwhile.',
    },
    'undo-workloads': {
      title: 'Roll the workloads back',
      promise: 'Every workload runs the target release.',
    },
    'unblock-pods': {
      title: 'Remove pods that block the rollback',
      promise: 'Only pods that are not ready and block the rollout are deleted.',
    },
    'check-pods': {
      title: 'Check the pods',
      promise:
        'Every pod runs the target release, is ready and stays ready; its logs are compared with those from before.',
    },
    'check-health': {
      title: 'Check the health of the application',
      promise: 'Every health check answers as expected, several times in a row.',
    },
    'backup-database': {
      title: 'Back up the database',
      promise: 'The live database is kept as it is: by a dump at the configured place, else as the kept database.',
    },
    'restore-database': {
      title: 'Restore the database',
      promise:
        'The right backup, loaded beside the live database and verified, has taken its place; the one before is kept.',
    },
    'rollback-migrations': {
      title: 'Roll the migrations back',
      promise: 'The newest migration that is applied is the one that the target release knows.',
    },
    'restore-secrets': {
      title: 'Restore the secrets',
      promise: 'The named keys hold the given values; all others are as they were.',
    },
    'restore-manifests': {
      title: 'Restore the configuration',
      promise: 'The kept manifests are applied.',
    },
    'disable-feature-flags': {
      title: 'Turn feature flags off',
      promise: 'The named flags are off; their old values are kept.',
    },
    'restart-workloads': {
      title: 'Restart the workloads',
      promise: 'Every pod started after the last change of what it reads.',
    },
    'clean-temporary-resources': {
      title: 'Remove temporary resources',
      promise: 'The named temporary jobs, pods and volumes are gone.',
    },
    'run-commands': {
      title: 'Run the project’s own checks',
      promise: 'Every command ends well within its time.',
    },
    'check-metrics': {
      title: 'Check the monitoring',
      promise: 'The metrics API answers for every pod, and the configured queries are within their bounds.',
    },
    'check-events': {
      title: 'Check the events',
      promise: 'No new warning speaks about the pods of the target release.',
    },
    'check-alerts': {
      title: 'Check the alerts',
      promise: "The application's alerts are silenced while the run lasts; then none fires, and the silence is gone.",
    },
    'notify-team': {
      title: 'Tell the team',
      promise: 'The team has the verdict.',
    },
    'notify-users': {
      title: 'Tell the users',
      promise: 'The users know of the interruption, if there was one.',
    },
    'record-rollback': {
      title: 'Write the rollback down',
      promise: 'What was done, when and why can be read later.',
    },
    'plan-post-mortem': {
      title: 'Plan the post-mortem',
      promise: 'An issue with timeline, evidence and due date exists.',
    },
  },
  checks: {
    access: 'Permissions',
    admission: 'Changes that the cluster accepts',
    backup: 'The right backup, proven',
    database: 'The database',
    gitops: 'Owners that would take it back',
    identity: 'The right cluster',
    plan: 'The plan',
    quota: 'Room in the quota',
    references: 'Secrets, ConfigMaps and volumes that the target reads',
    target: 'The release to go back to',
  },
  causes: {
    'invalid-image-name': {
      title: 'The image name is invalid',
      sentence: '{workload} names an image in a way that no registry understands: {image}.',
    },
    'missing-key': {
      title: 'A key is missing',
      sentence: '{workload} needs the key {key} of {object}, and it is not there.',
    },
    'command-not-found': {
      title: 'The command does not exist in the image',
      sentence: '[Container {container} of ]{workload} cannot start: {command} is not in the image.',
    },
    'out-of-memory': {
      title: 'The container runs out of memory',
      sentence:
        '[Container {container} of ]{workload} was killed for using more memory than it may (limit {limit}, restarts: {restarts}).',
    },
    'init-crash': {
      title: 'An init container fails',
      sentence:
        '[Init container {container} of ]{workload} fails, so the application never starts (exit code {exitCode}, restarts: {restarts}).',
    },
    'crash-loop': {
      title: 'The container crashes',
      sentence:
        '[Container {container} of ]{workload} ends soon after its start (exit code {exitCode}, restarts: {restarts}).',
    },
    'liveness-kill': {
      title: 'A failing probe restarts the container',
      sentence:
        'The {probe} probe of {workload} fails ({request}), so the container is restarted (restarts: {restarts}).',
    },
    'missing-secret': {
      title: 'A Secret is missing',
      sentence: '{workload} needs the Secret {name}, which does not exist.',
    },
    'missing-config-map': {
      title: 'A ConfigMap is missing',
      sentence: '{workload} needs the ConfigMap {name}, which does not exist.',
    },
    'image-not-found': {
      title: 'The image does not exist',
      sentence: '{workload} asks for an image that its registry does not have: {image}.',
    },
    'image-pull-denied': {
      title: 'The registry refuses the image',
      sentence:
        '{registry} refuses {image} for {workload}. The pull secret is missing or wrong, or the image does not exist.',
    },
    'registry-unreachable': {
      title: 'The image registry cannot be reached',
      sentence: 'The nodes cannot reach {registry} to get {image} for {workload}.',
    },
    'image-pull-failed': {
      title: 'The image cannot be pulled',
      sentence: '{image} of {workload} cannot be pulled.',
    },
    'runs-as-root': {
      title: 'The image wants to run as root',
      sentence: '{image} of {workload} runs as root, and the pod forbids that (runAsNonRoot).',
    },
    'quota-exceeded': {
      title: 'The quota is used up',
      sentence:
        'Quota {quota} has no room for the pods of {workload}: asked for {requested}, used {used}, allowed {limited}.',
    },
    'admission-denied': {
      title: 'The cluster refuses the pods',
      sentence: 'An admission rule ({by}) refuses the pods of {workload}: {why}.',
    },
    unschedulable: {
      title: 'No node takes the pod',
      sentence: 'No node takes the pods of {workload}: {why}.',
    },
    'volume-not-mounted': {
      title: 'A volume cannot be mounted',
      sentence: 'Volume {volume} of {workload} cannot be mounted.',
    },
    'stateful-set-stuck': {
      title: 'The StatefulSet waits for a broken pod',
      sentence: '{workload} does not go on, because {blocker} is not ready.',
    },
    'stuck-terminating': {
      title: 'A pod does not go away',
      sentence: 'A pod of {workload} should have been gone for {seconds} s[: {pod}].',
    },
    evicted: {
      title: 'Pods were evicted',
      sentence: 'A node evicted {pods} pods of {workload}: {why}.',
    },
    'never-ready': {
      title: 'The pod runs but never becomes ready',
      sentence: 'The readiness probe of {workload} does not pass ({request}), after {seconds} s.',
    },
    'service-missing': {
      title: 'The Service does not exist',
      sentence: 'A health check goes through {service}, which does not exist.',
    },
    'service-selector-mismatch': {
      title: 'The Service does not select the pods',
      sentence:
        '{service} selects no pod[ of {workload}]: it asks for the label {key} with the value {wanted}[, and the pods have {carried}].',
    },
    'service-port-mismatch': {
      title: 'The Service leads to a port that does not exist',
      sentence: '{from} leads to {leads}, a port that does not exist[ on {workload}][; there are: {there}].',
    },
    'service-without-endpoints': {
      title: 'Nobody answers behind the Service',
      sentence: '{service} has no ready endpoint: of the pods that it selects ({pods}), {ready} are ready.',
    },
    'name-not-resolved': {
      title: 'A name does not resolve',
      sentence: 'The runner finds no address for {host}[, which the health check {check} needs].',
    },
  },
  errors: ERROR_CODES,
  statuses: { passed: 'passed', failed: 'failed', unknown: 'unknown', skipped: 'skipped' },
  severities: { passed: 'passed', refuse: 'refused', warn: 'warning', info: 'note' },
  validation: {
    'services-restarted': 'Services restarted',
    'database-restored': 'Database restored',
    'health-checks-pass': 'Health checks pass',
    'monitoring-works': 'Monitoring works',
    'alerts-off': 'Alerts off',
    'team-notified': 'Team notified',
    'documentation-updated': 'Documentation updated',
    'post-mortem-planned': 'Post-mortem planned',
  },
  outcomes: {
    succeeded: 'succeeded',
    failed: 'failed',
    partial: 'partly done',
    'no-op': 'nothing to do',
    cancelled: 'cancelled',
    planned: 'planned',
    refused: 'refused',
  },
  tiers: { rapid: 'rapid', complete: 'complete', secure: 'secure', emergency: 'emergency' },
  headlines: {
    succeeded: 'Rolled back and verified',
    succeededUnproven: 'Rolled back, but health is not proven',
    succeededUnhealthy: 'Rolled back, but not healthy',
    noOp: 'Nothing to do: already at the target release, and healthy',
    noOpUnproven: 'Nothing to do: already at the target release, but health is not proven',
    noOpUnhealthy: 'Already at the target release, but not healthy',
    partial: 'Only partly rolled back',
    failed: 'The rollback failed',
    cancelled: 'Cancelled midway',
    cancelledUntouched: 'Cancelled: nothing was changed',
    planned: 'Plan only: nothing was changed',
    plannedRefused: 'Plan only: this rollback would be refused',
    plannedNothing: 'Plan only: there is nothing to roll back',
    discovered: 'What can be rolled back here',
    refused: 'Refused: nothing was changed',
    undone: 'The rollback was taken back',
    undoneUnproven: 'The rollback was taken back, but health is not proven',
    undoneUnhealthy: 'The rollback was taken back, but the application is not healthy',
    undoneAlready: 'Nothing to do: the rollback was taken back before',
    undoPartial: 'The rollback was only partly taken back',
    undoFailed: 'The rollback could not be taken back',
  },
  words: {
    tier: 'tier',
    took: 'took',
    of: 'of',
    overBudget: 'over budget',
    downtime: 'measured downtime',
    downtimeNone: 'none',
    downtimeNotMeasured: 'not measured (no health check is configured)',
    health: 'health',
    healthy: 'healthy',
    notHealthy: 'not healthy',
    healthUnknown: 'unknown',
    podsReadyOnly: 'pods ready, no health check configured',
    reason: 'Reason',
    doThisNext: 'Do this next',
    thenType: 'Commands, most urgent first',
    causeOfFailure: 'Why the target release does not work',
    causeOfBadRelease: 'What was wrong with the release that was left',
    evidence: 'Evidence',
    emergencyContact: 'Emergency contact',
    contacts: { devops: 'DevOps lead', database: 'database admin', security: 'security team' },
    workloads: 'Workloads',
    workload: 'Workload',
    before: 'Before',
    now: 'Now',
    target: 'Target',
    ready: 'Ready',
    state: 'State',
    revision: 'revision',
    since: 'since',
    images: 'Images',
    imagesInFull: 'Images in full',
    atTarget: 'at target',
    notAtTarget: 'not at target',
    notReady: 'not ready',
    unchanged: 'unchanged',
    wouldChange: 'would change',
    stays: 'stays',
    notReadable: 'could not be read',
    validation: 'Validation checklist',
    item: 'Item',
    object: 'About',
    status: 'Status',
    proof: 'Proof or reason',
    duration: 'Took',
    steps: 'Steps',
    step: 'Step',
    expected: 'Expected',
    observed: 'Observed',
    required: 'required',
    optional: 'optional',
    changed: 'changed something',
    preflight: 'Checks before the start',
    plan: 'Plan',
    planned: { change: 'would change', 'no-op': 'nothing to do', check: 'only looks', skipped: 'skipped' },
    planDigest: 'Digest of the plan',
    whatWouldChange: 'What would change',
    missing: 'What is missing',
    nothingMissing: 'Nothing is missing: this rollback can start.',
    noDiff: 'No difference to show.',
    candidates: 'Releases to go back to',
    candidatesHint: 'To choose one yourself, give these lines as input `to`:',
    verified: 'verified',
    neverVerified: 'never verified',
    quarantined: 'quarantined',
    current: 'runs now',
    keptEvidence: 'Logs of the release that was left',
    probes: 'Health probe',
    probe: 'Health check',
    answers: 'Answers',
    failures: 'Wrong',
    last: 'Last answer',
    firstHealthy: 'First right answer',
    right: 'right',
    wrong: 'wrong',
    notes: 'Good to know',
    run: 'This run',
    actor: 'started by',
    repository: 'repository',
    commit: 'commit',
    workflow: 'workflow',
    cluster: 'cluster',
    namespace: 'namespace',
    started: 'started',
    finished: 'finished',
    discovery: 'Workloads of the namespace',
    canGoBack: 'can go back',
    cannotGoBack: 'cannot go back',
    why: 'Why',
    paste: 'Files to paste',
    container: 'container',
    nothingTouched: 'Nothing in the cluster was touched.',
    also: 'Also',
    bring: 'To paste',
    whole: 'The run as a whole',
    cutFor: 'Shortened to fit. Left out or cut here, complete in the JSON report',
    cutLines: 'cut here to fit; the JSON report has all of it',
    noWorkloads: 'No workload was read.',
  },
  phrases: {
    workloads: (count) => (count === 1 ? '1 workload' : `${count} workloads`),
    groupAtTarget: (atTarget, total) =>
      atTarget === total
        ? `${total === 2 ? 'Both' : `All ${total}`} workloads run the target release.`
        : `${atTarget} of ${total} workloads ${atTarget === 1 ? 'runs' : 'run'} the target release.`,
    podsReady: (ready, desired) => `${ready} of ${desired} pods ready.`,
    runs: (workload, image) => `${workload} runs ${image}.`,
    stillRuns: (workload, image) => `${workload} still runs ${image}.`,
    notReadable: (count) => `${count === 1 ? '1 workload' : `${count} workloads`} could not be read at the end.`,
    wouldChange: (count, total) => `${count} of ${total === 1 ? '1 workload' : `${total} workloads`} would change.`,
    wouldStay: (count) => `${count} would stay.`,
    more: (count) => `and ${count} more`,
    healthyCollapsed: (count) => `${count === 1 ? '1 workload' : `${count} workloads`} at target and ready`,
    unchangedCollapsed: (count) => `${count === 1 ? '1 workload' : `${count} workloads`} unchanged`,
    moreInReport: (count) => `and ${count} more: see the JSON report.`,
  },
  database: enDatabase,
  page: enPage,
  troubleshooting: enTroubleshooting,
  todo: enTodo,
  records: enRecord,
  messages: enMessages,
  values: {
    quarantine: 'it was rolled away from before',
    restart: 'it is only a restart',
    health: 'health checks',
    'schema-compatible': '`schema-compatible` is set',
    'nothing-goes': 'no workload goes back',
    'same-migrations': 'the target was verified with the migrations that are live',
    'nothing-serves': 'nothing serves at the moment',
    'schema-unknown': 'it is not known that the target runs on the live schema',
  },
};
