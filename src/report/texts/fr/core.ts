import type { Translations } from '../../../core/tr.ts';

export const CORE: Translations = {
  '{0}.{1} s': '{0},{1} s',
  gone: 'disparu',
  none: 'aucun',
  there: 'présent',
  absent: 'absent',
  '{0}: {1}': '{0} : {1}',
  ' and ': ' et ',
  nothing: 'rien',
  cancelled: 'annulé',
  'timed out': 'délai dépassé',
  unreadable: 'illisible',
  'an unknown time': 'un moment inconnu',
  'Run again.': 'Relancez.',
  'Run again: a run goes on where the last one stopped.':
    "Relancez : une exécution reprend là où la précédente s'est arrêtée.",
  'Wait until nothing writes to it any more, then run again.': "Attendez que plus rien n'y écrive, puis relancez.",
  // diff, object-diff
  now: 'maintenant',
  after: 'après',
  '(hidden, fingerprint {0})': '(masqué, empreinte {0})',
  // discovery, discovery-files
  'What goes back together: {0}, guessed from labels and names. Check the list.':
    "Ce qui revient en arrière ensemble : {0}, deviné d'après les labels et les noms. Vérifiez la liste.",
  'What must answer after a rollback: URLs, or service/NAME:PORT/path through the API server.':
    "Ce qui doit répondre après un rollback : des URL, ou service/NAME:PORT/path par le serveur d'API.",
  'Whom to call when it does not help.': 'Qui appeler si cela ne suffit pas.',
  'Other groups of the namespace, each for a file of its own (input config):':
    'Autres groupes du namespace, chacun pour un fichier à part (entrée config) :',
  'Required: no rollback without these.': 'Obligatoire : pas de rollback sans elles.',
  'Better with: one rollback at a time.': 'Mieux avec : un seul rollback à la fois.',
  'Better with: the record of rollbacks, and what may not be chosen again.':
    'Mieux avec : le registre des rollbacks, et ce qui ne doit plus être choisi.',
  'Better with: causes that only events tell.': 'Mieux avec : les causes que seuls les événements révèlent.',
  'Better with: pod logs as evidence.': 'Mieux avec : les logs des pods comme preuves.',
  'Better with: deleting pods that are not ready and block a rollout.':
    'Mieux avec : la suppression des pods non prêts qui bloquent un déploiement.',
  'Better with: why a health check fails although the pods are ready.':
    'Mieux avec : pourquoi un contrôle de santé échoue alors que les pods sont prêts.',
  'Better with: what the pods use, as `kubectl top pods` shows it.':
    "Mieux avec : ce que consomment les pods, comme l'affiche `kubectl top pods`.",
  'Better with: room in the quotas.': 'Mieux avec : la place dans les quotas.',
  'Better with: naming autoscalers.': 'Mieux avec : les autoscalers nommés.',
  'Better with: naming disruption budgets.': 'Mieux avec : les PodDisruptionBudgets nommés.',
  'Better with: whether all that the target reads exists (names and keys are looked at, values never).':
    'Mieux avec : si tout ce que lit la cible existe (noms et clés sont regardés, jamais les valeurs).',
  'plan changes nothing': 'plan ne change rien',
  'How far': "Jusqu'où aller",
  'Shown everywhere': 'Affiché partout',
  'Replace each FULL_COMMIT_SHA by the commit of a release, and use a runner that reaches the cluster.':
    "Remplacez chaque FULL_COMMIT_SHA par le commit d'une version, et utilisez un runner qui atteint le cluster.",
  'KUBECONFIG: a secret of the environment, for the service account of rollback-role.yaml.':
    "KUBECONFIG : un secret de l'environnement, pour le service account de rollback-role.yaml.",
  "{0} is kept at its source's version by {1}, which would take a rollback back":
    '{0} est maintenu à la version de sa source par {1}, qui annulerait un rollback',
  // errors
  'Run again; running again is safe. If it stays, report it with the JSON report of this run.':
    'Relancez; relancer est sans risque. Si cela persiste, signalez-le avec le rapport JSON de cette exécution.',
  // health
  'status {0}': 'statut {0}',
  'status {0}, the text is not in the body': "statut {0}, le texte n'est pas dans la réponse",
  'status {0}, {1} is {2}': 'statut {0}, {1} vaut {2}',
  'status {0} in {1} ms': 'statut {0} en {1} ms',
  'status {0}-{1}': 'statut {0}-{1}',
  'body with "{0}"': 'réponse avec "{0}"',
  // log-pattern, metrics
  'the pattern /{0}/ takes longer than {1} ms': 'le motif /{0}/ prend plus de {1} ms',
  right: 'correct',
  wrong: 'faux',
  '{0} more samples, {1}': '{0} de plus, verdict : {1}',
  'nothing to compare with: when the bad release began is not known':
    'pas de comparaison : le début de la mauvaise version est inconnu',
  'no such sample at {0}': "pas d'échantillon correspondant à {0}",
  '≤ {0} × before the bad release': '≤ {0} × la valeur avant la mauvaise version',
  // migration-tools, migrations
  '`knex migrate:rollback` takes a whole batch back, however many that are':
    '`knex migrate:rollback` défait un lot entier, quel que soit le nombre de migrations',
  '`knex migrate:down NAME` takes that one migration back, not those after it':
    '`knex migrate:down NAME` défait cette seule migration, pas celles qui la suivent',
  '`db:migrate:undo:all` takes all migrations back; with `--to NAME` the named one too':
    '`db:migrate:undo:all` défait toutes les migrations ; avec `--to NAME`, celle indiquée aussi',
  '`db:migrate:undo --name NAME` takes that one migration back':
    '`db:migrate:undo --name NAME` défait cette seule migration',
  '`node-pg-migrate down NAME` takes that one migration back':
    '`node-pg-migrate down NAME` défait cette seule migration',
  '{0} is not among the migrations that are applied ({1})': "{0} n'est pas parmi les migrations appliquées ({1})",
  'migrations were applied in another order than that of their names ({0}), and the tool takes back the last by name':
    "les migrations ont été appliquées dans un autre ordre que celui de leurs noms ({0}), et l'outil défait la dernière par nom",
  '{0} is newer than {1}, which is the newest that is applied: that is no way back':
    "{0} est plus récente que {1}, la dernière appliquée : ce n'est pas un retour en arrière",
  'the folder of this checkout has no {0}: the way back came with the bad release, and an older commit is checked out':
    "le dossier de ce checkout n'a pas {0} : le retour en arrière est venu avec la mauvaise version, et un commit plus ancien est extrait",
  // ownership
  'or revert the release at its source; or set allow-gitops: true':
    'ou annulez la version à sa source; ou indiquez allow-gitops: true',
  'Argo CD application {0}': "l'application Argo CD {0}",
  'Stop it first: argocd app set {0} --sync-policy none; give it its policy back afterwards; {1}':
    "Arrêtez d'abord la synchronisation : argocd app set {0} --sync-policy none; rétablissez sa politique ensuite; {1}",
  'Stop it first: flux suspend {0} {1} -n {2}; resume it afterwards; {3}':
    "Suspendez d'abord : flux suspend {0} {1} -n {2}; réactivez ensuite; {3}",
  'Stop its sync first (RootSync or RepoSync {0}); {1}':
    "Arrêtez d'abord sa synchronisation (RootSync ou RepoSync {0}); {1}",
  'Change {0} {1}, which controls it; or set allow-gitops: true':
    'Modifiez {0} {1}, qui le contrôle; ou indiquez allow-gitops: true',
  'Fleet bundle {0}': 'le bundle Fleet {0}',
  "revert the release in the bundle's git repository": 'annulez la version dans le dépôt git du bundle',
  'kapp application {0}': "l'application kapp {0}",
  'deploy the good version with kapp next time': 'déployez la bonne version avec kapp la prochaine fois',
  'Helm release {0}': 'la release Helm {0}',
  'upgrade to a good chart next time': 'passez à un bon chart la prochaine fois',
  // pod-usage
  'only metrics of {0}, from before it began': 'seulement des métriques de {0}, antérieures à son démarrage',
  'no time': 'une heure inconnue',
  'metrics without CPU or memory': 'métriques sans CPU ou sans mémoire',
  'metrics of {0}/{1} pods': 'métriques de {0}/{1} pods',
  'CPU {0}, memory {1}': 'CPU {0}, mémoire {1}',
  'no metrics': 'pas de métriques',
  'CPU and memory': 'CPU et mémoire',
  // rollout
  'the controller to see the change': 'changement pas encore vu par le contrôleur',
  'the rollout is paused': 'le déploiement est en pause',
  'progress deadline exceeded': 'délai de progression dépassé',
  '{0} of {1} pods created': '{0}/{1} pods créés',
  '{0} old pods to end': 'anciens pods pas encore terminés ({0})',
  '{0} of {1} pods available': '{0}/{1} pods disponibles',
  'updateStrategy OnDelete: pods change only when they are deleted':
    "updateStrategy OnDelete : les pods ne changent que lorsqu'on les supprime",
  '{0} of {1} pods ready': '{0}/{1} pods prêts',
  ' (partition {0})': ' (partition {0})',
  '{0} of {1} pods updated{2}': '{0}/{1} pods à jour{2}',
  '{0} of {1} pods updated': '{0}/{1} pods à jour',
  // smtp-address, webhook-address
  'Expected `smtp://user:password@host:587` (STARTTLS, required) or `smtps://user:password@host:465`; for a relay without TLS in your own network `smtp://host:25?tls=none`.':
    'Attendu : `smtp://user:password@host:587` (STARTTLS, obligatoire) ou `smtps://user:password@host:465`; pour un relais sans TLS dans votre réseau, `smtp://host:25?tls=none`.',
  '`smtp-url`: {0}.': '`smtp-url` : {0}.',
  'it is not an address that begins with smtp:// or smtps://':
    "ce n'est pas une adresse qui commence par smtp:// ou smtps://",
  'it has a path, and mail servers have none': "elle a un chemin, et un serveur de messagerie n'en a pas",
  'it has a parameter other than `tls`': 'elle a un autre paramètre que `tls`',
  'the parameter `tls` can only be `none`': 'le paramètre `tls` ne peut être que `none`',
  'smtps:// is TLS, and `tls=none` denies it': "smtps:// est du TLS, et `tls=none` l'exclut",
  'with `tls=none` the password would be readable on the way':
    'avec `tls=none`, le mot de passe serait lisible en chemin',
  'user or password has a % that is not part of an encoded character':
    "l'utilisateur ou le mot de passe a un % qui ne fait pas partie d'un caractère encodé",
  'Slack shows it under "Incoming Webhooks" of the app: it begins with https://hooks.slack.com/services/. Set it as a secret of the repository.':
    'Slack la montre sous "Incoming Webhooks" de l\'app : elle commence par https://hooks.slack.com/services/. Enregistrez-la comme secret du dépôt.',
  'input slack-webhook-url: {0}; expected: an address like https://HOST/PATH':
    'entrée slack-webhook-url : {0} ; attendu : une adresse comme https://HOST/PATH',
  'is not an address that begins with https://': "n'est pas une adresse qui commence par https://",
  'has a user or a password in it, which no webhook has':
    "contient un utilisateur ou un mot de passe, ce qu'aucun webhook n'a",
  'has no path, so it is not the address of a webhook': "n'a pas de chemin, donc ce n'est pas l'adresse d'un webhook",
  'begins with http://: everybody on the way could read it and post':
    "commence par http:// : n'importe qui sur le trajet pourrait la lire et publier",
  'Use https://. For a receiver without TLS in your own network: `allow-insecure: http`.':
    'Utilisez https://. Pour un destinataire sans TLS dans votre réseau : `allow-insecure: http`.',
  // take-back
  'the ledger of this namespace records no rollback': "le registre de ce namespace n'a aucun rollback",
  'kubectl get configmap tiered-rollback-ledger -o yaml; or roll the workloads on by a deployment':
    'kubectl get configmap tiered-rollback-ledger -o yaml; ou redéployez les services',
  ', itself an undo': ', lui-même un undo',
  'run {0} cannot be taken back: {1} of {2} came after it':
    "l'exécution {0} ne peut pas être défaite : {1} du {2} est venue après",
  'the ledger records no run {0}; recorded are: {1}': "le registre n'a pas d'exécution {0} ; il a : {1}",
  'Take back the last one: `run: {0}`, or leave `run` out.': 'Défaites la dernière : `run: {0}`, ou omettez `run`.',
  '{0} runs template {1}, which is neither what {2} rolled back to ({3}) nor what ran before it ({4}): it was deployed since':
    "{0} exécute le modèle {1}, qui n'est ni celui où {2} est revenu ({3}), ni celui qui tournait avant ({4}) : il a été déployé depuis",
  'Nothing is overwritten. kubectl rollout history {0}': "Rien n'est écrasé. kubectl rollout history {0}",
  '{0}: the release that ran before {1} ({2}) is not kept any more (revisionHistoryLimit {3})':
    "{0} : la version qui tournait avant {1} ({2}) n'est plus conservée (revisionHistoryLimit {3})",
  'Deploy that release again with your deployment.': 'Redéployez cette version avec votre déploiement habituel.',
  // target
  'nothing to go back to: {0} never ran another template than the live one (or its history was pruned)':
    "aucune version vers laquelle revenir : {0} n'a jamais exécuté d'autre modèle que celui en service (ou son historique a été purgé)",
  'Deploy the last good version again, or name a release: to: kind/name=image:REF':
    'Redéployez la dernière bonne version, ou indiquez une version : to: kind/name=image:REF',
  'its live release began between {0} and {1}, so it cannot be told whether it belongs to the bad release of {2}':
    'sa version en service a commencé entre {0} et {1} : impossible de dire si elle appartient à la mauvaise version du {2}',
  'it runs a release again that it ran before: somebody may have rolled it back already':
    "il exécute à nouveau une version qu'il exécutait avant : quelqu'un a peut-être déjà fait le rollback",
  'all earlier releases are under quarantine': 'toutes les versions antérieures sont en quarantaine',
  'no earlier release is kept': "aucune version antérieure n'est conservée",
  '{0}: {1} (revisionHistoryLimit {2})': '{0} : {1} (revisionHistoryLimit {2})',
  'Name a release yourself (to: {0}=revision:N), or deploy the last good version again. kubectl rollout history {1} -n {2}':
    'Indiquez vous-même une version (to: {0}=revision:N), ou redéployez la dernière bonne version. kubectl rollout history {1} -n {2}',
  'revision {0}': 'révision {0}',
  'a revision with image {0}': "révision avec l'image {0}",
  '{0}: {1} does not exist; kept are: {2}': "{0} : {1} n'existe pas ; conservées : {2}",
  'Choose one of these: to: {0}=revision:{1}': "Choisissez l'une d'elles : to: {0}=revision:{1}",
  'Say where to go: to: {0}{1}': 'Indiquez où aller : to: {0}{1}',
  ' (or {0})': ' (ou {0})',
  // timeline
  'an unnamed manager': 'un manager sans nom',
  somebody: "quelqu'un",
};
