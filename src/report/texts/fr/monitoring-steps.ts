import type { Translations } from '../../../core/tr.ts';

export const MONITORING_STEPS: Translations = {
  // src/steps/alerts/firing.ts
  'alert {0}': 'alerte {0}',
  'fires {0}': 'active {0}',
  'does not fire': 'inactive',
  'more alerts': 'autres alertes',
  '{0} more fire': '{0} de plus actives',
  'and {0} more': 'et {0} de plus',
  'alerts with {0} fire, {1} of them, expected none (waited {2}): {3}':
    'alertes actives avec {0} : {1}, attendu : aucune (attente : {2}) : {3}',
  'since {0}': 'depuis {0}',
  // src/steps/alerts/silence.ts
  'alerts are silenced until {0} at the latest (silence {1})':
    "alertes en silence jusqu'à {0} au plus tard (silence {1})",
  'silence {0}': 'silence {0}',
  'active until {0}': "actif jusqu'à {0}",
  'ended at {0}': 'terminé à {0}',
  'Alertmanager took the request and shows it as active':
    'Alertmanager a accepté la demande et montre encore le silence comme actif',
  'ended after the run': "terminé après l'exécution",
  'Alertmanager gave no answer within {0}.': "Alertmanager n'a pas répondu en {0}.",
  'Try it from the runner: amtool --alertmanager.url URL config show':
    'Essayez depuis le runner : amtool --alertmanager.url URL config show',
  'no Alertmanager is configured': "aucun Alertmanager n'est configuré",
  'undo of a rollback of {0} by {1}': "annulation (undo) d'un rollback de {0} par {1}",
  'rollback of {0} by {1}': 'rollback de {0} par {1}',
  'silence {0}, which ends by itself at {1}': 'silence {0}, qui se termine de lui-même à {1}',
  'alerts stay silenced by {0}. {1}': 'des alertes restent en silence : {0}. {1}',
  // src/steps/check-alerts.ts
  'alerts with {0}: silenced until the run is verified, {1} at most':
    "alertes avec {0} : en silence jusqu'à la vérification de l'exécution, {1} au plus",
  'alerts with {0}': 'alertes avec {0}',
  'none fires': 'aucune active',
  'Alertmanager has no silence of this run: alerts were not silenced while it lasted':
    "Alertmanager n'a aucun silence de cette exécution : les alertes n'étaient pas en silence pendant ce temps",
  'silence of this run': 'silence de cette exécution',
  'active until the run is verified': "actif jusqu'à la vérification de l'exécution",
  // src/steps/check-events.ts
  events: 'événements',
  '{0} warnings{1}': 'avertissements : {0}{1}',
  ', and {0} that say nothing': ', et {0} sans importance',
  '0 warnings since the rollback': 'avertissements depuis le rollback : 0',
  ' (and {0} more)': ' (et {0} de plus)',
  '{0} ×{1}, {2} ago: {3}': '{0} ×{1}, il y a {2} : {3}',
  healed: 'résolu',
  harmless: 'sans gravité',
  ignored: 'ignoré',
  'healed, harmless or ignored': 'résolu, sans gravité ou ignoré',
  'no warning': 'aucun avertissement',
  // src/steps/check-pods.ts
  'pod/{0} restarted after it was ready': 'pod/{0} a redémarré après avoir été prêt',
  '{0} not ready: {1}': 'pas prêts ({0}) : {1}',
  'ready {0}/{1}, restarts {2}': 'prêts {0}/{1}, redémarrages {2}',
  'ready {0}/{1}, restarts +0{2}': 'prêts {0}/{1}, redémarrages +0{2}',
  'ready {0}/{1}': 'prêts {0}/{1}',
  // src/steps/logs/verdict.ts
  ', last: {0}': ', dernière : {0}',
  'logs of {0}': 'logs de {0}',
  '{0} error lines in {1}{2}': "{0} lignes d'erreur en {1}{2}",
  'at most {0} (as before: {1}, max-increase: {2})': 'au plus {0} (comme avant : {1}, max-increase: {2})',
  'as before: {0} (no limit)': 'comme avant : {0} (sans limite)',
  'at most as before: {0}': 'au plus comme avant : {0}',
  '{0}: {1} error lines in {2}, expected at most {3}: {4} as before, and {5} by logs.max-increase':
    "{0} : {1} lignes d'erreur en {2}, attendu : au plus {3}, soit {4} comme avant et {5} par logs.max-increase",
  'logs.errors: the pattern {0} takes too long; allowed: one without repetitions inside of repetitions':
    "logs.errors: le motif {0} prend trop de temps ; valeurs possibles : un motif sans répétition à l'intérieur d'une répétition",
  'Write the pattern in another way, or take logs.max-increase out, then run again':
    'Écrivez le motif autrement, ou retirez logs.max-increase, puis relancez',
  'logs.max-increase is configured, and the logs of only {0} of {1} containers could be looked at':
    'logs.max-increase est configuré, et seuls les logs de {0} conteneurs sur {1} ont pu être lus',
  // src/steps/metrics/pods.ts
  'the cluster has no metrics API (metrics.k8s.io/v1beta1); expected: what `kubectl top pods` asks':
    "le cluster n'a pas d'API de métriques (metrics.k8s.io/v1beta1) ; attendu : celle qu'interroge `kubectl top pods`",
  'Install metrics-server (https://github.com/kubernetes-sigs/metrics-server), or leave this out: `skip-steps: check-metrics`. To look: kubectl get apiservices v1beta1.metrics.k8s.io':
    'Installez metrics-server (https://github.com/kubernetes-sigs/metrics-server), ou omettez cette étape : `skip-steps: check-metrics`. Pour voir : kubectl get apiservices v1beta1.metrics.k8s.io',
  'not installed': 'non installée',
  'the metrics API did not answer in the time that was left for it; expected: CPU and memory of each pod':
    "l'API de métriques n'a pas répondu dans le temps qui restait ; attendu : CPU et mémoire de chaque pod",
  'Look yourself: {0}': 'Regardez vous-même : {0}',
  '{0} of {1} pods began {2} ago and have no metrics yet: {3}; expected: CPU and memory of each, which takes up to {4}':
    "{0} pods sur {1} ont démarré il y a {2} et n'ont pas encore de métriques : {3} ; attendu : CPU et mémoire de chacun, ce qui prend jusqu'à {4}",
  'the metrics API has nothing about {0} of {1} pods: {2}; expected: CPU and memory of each within {3} after its start':
    "l'API de métriques n'a rien sur {0} pods sur {1} : {2} ; attendu : CPU et mémoire de chacun au plus {3} après son démarrage",
  'Look again in a minute: {0}': 'Regardez de nouveau dans une minute : {0}',
  'Look again: {0}; kubectl -n kube-system logs deployment/metrics-server --tail=20':
    'Regardez de nouveau : {0}; kubectl -n kube-system logs deployment/metrics-server --tail=20',
  'CPU and memory of each pod': 'CPU et mémoire de chaque pod',
  // src/steps/metrics/queries.ts
  answers: 'répond',
  'Prometheus warns: {0}': 'Prometheus avertit : {0}',
  '; up to {0} after the rollout this may still be the bad release':
    " ; jusqu'à {0} après le déploiement, cela peut encore venir de la mauvaise version",
  '{0}: {1}; expected: {2}{3}': '{0} : {1} ; attendu : {2}{3}',
  'no sample': 'aucun échantillon',
  'type the query into the "Query" page of Prometheus: {0}':
    'tapez la requête dans la page "Query" de Prometheus : {0}',
  'Look where it comes from: {0}': "Voyez d'où cela vient : {0}",
  'Look again in {0}: {1}': 'Regardez de nouveau dans {0} : {1}',
  'See whether the metric exists: {0}': 'Voyez si la métrique existe : {0}',
  'A ratio needs the same labels before and after: sum over those that change with the pods (`sum by (job) (...)`); {0}':
    'Un rapport demande les mêmes labels avant et après : sommez sur ceux qui changent avec les pods (`sum by (job) (...)`); {0}',
  '{0}: there is no Prometheus to ask; expected: {1}': '{0} : aucun Prometheus à interroger ; attendu : {1}',
  'Name it: `prometheus-url: https://HOST`.': 'Indiquez-le : `prometheus-url: https://HOST`.',
  'not asked': 'non interrogé',
  '{0}: Prometheus did not answer in the time that was left for it; expected: {1}':
    "{0} : Prometheus n'a pas répondu dans le temps qui restait ; attendu : {1}",
  'Type the query into the "Query" page of Prometheus: {0}':
    'Tapez la requête dans la page "Query" de Prometheus : {0}',
  // src/steps/notify-team.ts
  'message to the team': "message à l'équipe",
  'taken: {0}': 'accepté : {0}',
  'taken by the receiver': 'accepté par le destinataire',
  // src/steps/notify-users.ts
  'mail to the users': 'e-mail aux utilisateurs',
  'taken for {0} of {1} recipients: {2}': 'accepté pour {0} destinataires sur {1} : {2}',
  'taken for {0} of {1} recipients': 'accepté pour {0} destinataires sur {1}',
  'the mail server refused {0} of {1} recipients; expected: none':
    'le serveur de messagerie a refusé {0} destinataires sur {1} ; attendu : aucun',
  'Tell them by hand, and take addresses that are gone out of `messages: users`. The log of the mail server names them':
    "Prévenez-les à la main, et retirez de `messages: users` les adresses qui n'existent plus. Le log du serveur de messagerie les nomme",
  // src/steps/plan-post-mortem.ts
  'post-mortem: {0}': 'post-mortem : {0}',
  'post-mortem': 'post-mortem',
  'one issue for this incident': 'un seul ticket pour cet incident',
  due: 'échéance',
  '{0} days after the incident began': "{0} jours après le début de l'incident",
  'labels and assignees': 'labels et personnes assignées',
  'not taken by GitHub: {0}': 'refusés par GitHub : {0}',
  'taken, where it knows them': 'acceptés, si GitHub les connaît',
  created: 'créé',
  'brought up to date': 'mis à jour',
  'up to date already': 'déjà à jour',
  'left as it is, since the part that the action writes was removed from it':
    "laissé tel quel, car la partie écrite par l'action en a été retirée",
  '; doubles closed: {0}': ' ; doublons fermés : {0}',
  'issue #{0} {1}, {2}{3}': 'ticket #{0} {1}, {2}{3}',
  // src/report/records/outside.ts
  evidence: 'preuve',
  // src/steps/record-rollback.ts
  record: 'compte rendu',
  'part of the post-mortem, {0}': 'dans le post-mortem, {0}',
  'a record of this rollback': 'un compte rendu de ce rollback',
  // src/steps/records/answer.ts
  'The record was not written: GitHub did not answer within the time that a run has for its records.':
    "Le compte rendu n'a pas été écrit : GitHub n'a pas répondu dans le temps dont une exécution dispose pour cela.",
  'Look at https://www.githubstatus.com, then run again: it makes no second record.':
    "Regardez https://www.githubstatus.com, puis relancez : cela n'en crée pas un second.",
  // src/steps/records/deployment.ts
  'The deployment was not recorded on {0}: the commit of the run is not known.':
    "Le déploiement n'a pas été consigné sur {0} : le commit de l'exécution n'est pas connu.",
  'GITHUB_SHA must be set, as the runner sets it.': 'GITHUB_SHA doit être défini, comme le fait le runner.',
  found: 'existant',
  'environment {0}': 'environnement {0}',
  'deployment {0} {1}, status {2}, commit {3} ({4})': 'déploiement {0} {1}, statut {2}, commit {3} ({4})',
  'the verdict as the status of a deployment': "le verdict comme statut d'un déploiement",
  'as the images name it': 'tel que les images le nomment',
  'of this workflow run; the images name none': "de cette exécution de workflow ; les images n'en nomment aucun",
  // src/steps/records/file.ts
  committed: 'commité',
  'committed anew': 'commité de nouveau',
  'there already': 'déjà là',
  'branch {0}': 'branche {0}',
  'the record of this rollback': 'le compte rendu de ce rollback',
};
