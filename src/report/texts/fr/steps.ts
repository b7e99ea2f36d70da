import type { Translations } from '../../../core/tr.ts';

export const STEPS: Translations = {
  // undo-workloads, unblock, unblock-pods
  '{0}: at its target, to be resumed': '{0} : sur sa cible, à reprendre',
  '{0}: at its target, to be freed from a pod that it waits for':
    "{0} : sur sa cible, à débloquer d'un pod que le contrôleur attend",
  ' (revision {0})': ' (révision {0})',
  '{0}: {1}{2}{3}': '{0} : {1}{2}{3}',
  ', resumed': ', repris',
  'same images ({0}), other template': 'mêmes images ({0}), autre modèle de pod',
  '{0} waits for it (kubernetes#67250)': "{0} l'attend (kubernetes#67250)",
  'deleted pod {0}: {1}': 'pod {0} supprimé : {1}',
  '{0}: restart by a rollout (at its target, but not healthy)':
    '{0} : redémarrage par un déploiement (sur sa cible, mais pas sain)',
  'pod/{0}: end it now (stuck in termination)': "pod/{0} : à arrêter maintenant (il n'arrive pas à se terminer)",
  'it was stuck in termination': "il n'arrivait pas à se terminer",
  'pods in the way': 'pods qui bloquent',
  'pod/{0} does not end although its grace period is over':
    'pod/{0} ne se termine pas, alors que son délai de grâce est écoulé',
  'Look at its node and finalizers: kubectl get pod {0} -n {1} -o yaml':
    'Regardez son nœud et ses finalizers : kubectl get pod {0} -n {1} -o yaml',
  // freeze-rollouts, rollout-watch, put-back, missing-part
  'cancel workflow run "{0}" {1}': 'annuler l\'exécution de workflow "{0}" {1}',
  'pause {0}, until the database is restored': "mettre {0} en pause jusqu'à ce que la base soit restaurée",
  'workflow run {0} could not be cancelled: the token needs "actions: write"':
    'l\'exécution de workflow {0} n\'a pas pu être annulée : il faut "actions: write" au jeton',
  'holder {0}': 'détenteur {0}',
  '{0} was deleted while the rollback ran': '{0} a été supprimé pendant le rollback',
  'kubectl get {0} -n {1}; deploy it again': 'kubectl get {0} -n {1}; redéployez-le',
  '{0} was changed by {1} after the rollback wrote it: it asks for {2}':
    "{0} a été modifié par {1} après l'écriture du rollback : il demande {2}",
  'Stop what deploys it, then run the rollback again (safe): kubectl get {0} -n {1} -o yaml --show-managed-fields':
    'Arrêtez ce qui le déploie, puis relancez le rollback (sans risque) : kubectl get {0} -n {1} -o yaml --show-managed-fields',
  '{0} cannot start': '{0} ne peut pas démarrer',
  'Delete its pods one by one, each after the last is ready: kubectl delete pod POD -n {0}':
    'Supprimez ses pods un par un, chacun une fois le précédent prêt : kubectl delete pod POD -n {0}',
  'the cluster to show the change': 'changement pas encore visible dans le cluster',
  '{0} was not complete after {1}: waiting for {2}': "{0} n'était pas complet après {1} ; en attente : {2}",
  'kubectl describe {0} -n {1}; running again is safe and goes on waiting':
    "kubectl describe {0} -n {1}; relancer est sans risque et reprend l'attente",
  'pod {0}': 'pod {0}',
  'container {0}': 'conteneur {0}',
  'template {0}': 'modèle {0}',
  'template {0}, ready {1}/{2}': 'modèle {0}, prêts {1}/{2}',
  '{0} was put back to the release that it ran before, but is not complete':
    "{0} a été remis sur la version qu'il exécutait avant, mais n'est pas complet",
  'the credentials lack in namespace {0}: {1}': 'il manque aux identifiants, dans le namespace {0} : {1}',
  'Add this to their Role in namespace {0}, then run again:\n{1}':
    'Ajoutez ceci à leur Role dans le namespace {0}, puis relancez :\n{1}',
  // check-health, run-commands
  'no answer yet': 'pas encore de réponse',
  'an answer': 'une réponse',
  'GET {0}: {1}, expected {2} (waited {3})': 'GET {0} : {1}, attendu : {2} (attente : {3})',
  'no answer': 'pas de réponse',
  'kubectl get endpointslices -n {0}; look at the logs of the pods behind {1}':
    'kubectl get endpointslices -n {0}; regardez les logs des pods derrière {1}',
  'exit code 0 within {0}': 'code de sortie 0 en {0} au plus',
  'Give the run more time (`timeout`, now {0}), or run it by hand on the runner, in the workspace: {1}':
    "Donnez plus de temps à l'exécution (`timeout`, actuellement {0}), ou lancez la commande à la main sur le runner, dans le workspace : {1}",
  'not started': 'pas lancée',
  'not started, as the time of the run was over; expected: {0}':
    "pas lancée, car le temps de l'exécution était écoulé ; attendu : {0}",
  '; it said: {0}': ' ; sortie : {0}',
  '{0}{1}; expected: {2}{3}': '{0}{1} ; attendu : {2}{3}',
  ', which was all that was left of the time of the run': ", tout ce qui restait du temps de l'exécution",
  'Run it by hand on the runner, in the workspace{0}: {1}':
    'Lancez-la à la main sur le runner, dans le workspace{0} : {1}',
  'did not end within {0}': 'pas terminée en {0}',
  'ended by a signal': 'arrêtée par un signal',
  'exit code {0}': 'code de sortie {0}',
  ', with DATABASE_URL set': ', avec DATABASE_URL défini',
  // restore-manifests, manifests
  'as in {0}': 'comme dans {0}',
  'as before the rollback': 'comme avant le rollback',
  different: 'différent',
  'not as the manifests say: {0}. Somebody wrote to them since, or an admission webhook changes them':
    "pas conformes aux manifestes : {0}. Quelqu'un les a modifiés depuis, ou un webhook d'admission les change",
  'See who wrote it: {0}; then run again (safe)': "Voyez qui l'a modifié : {0}; puis relancez (sans risque)",
  '{0} was changed since the plan was made': '{0} a été modifié depuis le plan',
  'See who wrote it, then run again: {0}': "Voyez qui l'a modifié, puis relancez : {0}",
  '; taking over what {0} set': ' ; en reprenant ce que {0} a fixé',
  '{0}: does not exist; create it': "{0} : n'existe pas ; à créer",
  '{0}: apply as {1}{2}{3}': '{0} : à appliquer en tant que {1}{2}{3}',
  '{0}: put back as it was{1}': '{0} : à remettre comme avant{1}',
  '{0}: delete it, the rollback had created it': "{0} : à supprimer, le rollback l'avait créé",
  '{0} stands in {1}, too': '{0} est aussi dans {1}',
  'Keep one of the two.': "Gardez l'un des deux.",
  'the API server has no kind {0} of {1}': "le serveur d'API n'a pas de kind {0} de {1}",
  'See what it has: kubectl api-resources; install what brings that kind first, or take the manifest out.':
    "Voyez ce qu'il connaît : kubectl api-resources; installez d'abord ce qui apporte ce kind, ou retirez le manifeste.",
  '{0} is of namespace {1}; this run has {2}': '{0} est du namespace {1} ; cette exécution a {2}',
  'Take it out, or roll that namespace back in a run of its own.':
    'Retirez-le, ou faites le rollback de ce namespace dans une exécution à part.',
  '{0} is of no namespace: it concerns the whole cluster': "{0} n'est d'aucun namespace : il concerne tout le cluster",
  'Take it out, or allow it by name in the config file: allow-cluster-scoped: [{0}/{1}]':
    'Retirez-le, ou autorisez-le par son nom dans le fichier de configuration : allow-cluster-scoped: [{0}/{1}]',
  'what {0}{1} are now has {2} bytes; at most {3} can be kept in a run, and nothing is replaced that is not kept':
    "l'état actuel de {0}{1} fait {2} octets ; au plus {3} peuvent être conservés par exécution, et rien n'est remplacé sans être conservé",
  'Restore the manifests in two runs, of half of the files each; or keep them yourself first ({0}) and take the large ones out.':
    "Restaurez les manifestes en deux exécutions, chacune avec la moitié des fichiers ; ou conservez-les d'abord vous-même ({0}) et retirez les gros.",
  objects: 'des objets',
  'secret/{0}, which was to keep what is replaced, was changed by another meanwhile; nothing was replaced':
    "secret/{0}, qui devait conserver ce qui est remplacé, a été modifié par un autre entre-temps ; rien n'a été remplacé",
  'Another rollback is under way: wait for it, then run again (safe)':
    'Un autre rollback est en cours : attendez sa fin, puis relancez (sans risque)',
  'what {0} was before is no longer kept in secret/{1}': "l'état précédent de {0} n'est plus conservé dans secret/{1}",
  'Deploy it again. See what is kept: {0}': 'Redéployez-le. Voyez ce qui est conservé : {0}',
  'Take the field out of the manifest (clusterIP, clusterIPs and ipFamilies are given by the server)':
    'Retirez le champ du manifeste (clusterIP, clusterIPs et ipFamilies sont donnés par le serveur)',
  'A Job is never changed: take it out of the manifests, or delete it and run again':
    'Un Job ne change jamais : retirez-le des manifestes, ou supprimez-le et relancez',
  'A claim can only grow: take it out of the manifests; what another volume needs is a claim of another name':
    "Un PVC ne peut que grandir : retirez-le des manifestes ; pour un autre volume, il faut un PVC d'un autre nom",
  'It is immutable: give the ConfigMap another name, or take it out of the manifests':
    'Elle est immuable : donnez un autre nom à la ConfigMap, ou retirez-la des manifestes',
  'It is immutable: name its keys under `secrets`, or take it out of the manifests':
    'Il est immuable : indiquez ses clés sous `secrets`, ou retirez-le des manifestes',
  'Take the field out of the manifest, or delete the object and run again':
    "Retirez le champ du manifeste, ou supprimez l'objet et relancez",
  'Correct the manifest': 'Corrigez le manifeste',
  'manifests: {0}: {1} differs in a field that cannot be changed. {2}':
    'manifests: {0}: {1} diffère par un champ non modifiable. {2}',
  'manifests: {0}: {1} cannot be applied. {2}': 'manifests: {0}: {1} ne peut pas être appliqué. {2}',
  '{0}. Compare: {1}': '{0}. Comparez : {1}',
  'It is immutable, or of another type, or not valid as it is.':
    "Il est immuable, d'un autre type, ou pas valide tel quel.",
  '{0} is made by {1} {2}, which would put its own version back':
    '{0} est produit par {1} {2}, qui y remettrait sa propre version',
  'Change {0} {1} instead, or take {2} out of the manifests; or set allow-gitops: true':
    'Modifiez plutôt {0} {1}, ou retirez {2} des manifestes ; ou indiquez allow-gitops: true',
  '{0} is deployed by {1}, which would put its own version back at once':
    '{0} est déployé par {1}, qui remettrait aussitôt sa propre version',
  'Stop it first, or revert the release at its source; or set allow-gitops: true':
    "Arrêtez-le d'abord, ou annulez la version à sa source ; ou indiquez allow-gitops: true",
  '{0}: fields that the manifest changes are set by {1}, which is no deploy tool that is known':
    '{0} : des champs que le manifeste modifie sont fixés par {1}, qui ne figure pas parmi les outils de déploiement connus',
  'Take these fields out of the manifest, or stop who sets them. See: {0}':
    'Retirez ces champs du manifeste, ou arrêtez ce qui les fixe. Voyez : {0}',
  '{0} is neither what the rollback made of it nor what it was before: it was changed since':
    "{0} n'est ni ce que le rollback en a fait, ni ce qu'il était avant : il a été modifié depuis",
  '{0} is neither what the rollback made of it nor what it was before: it was deleted since':
    "{0} n'est ni ce que le rollback en a fait, ni ce qu'il était avant : il a été supprimé depuis",
  'Nothing is overwritten. See who wrote it: {0}; or leave this step out: skip-steps: restore-manifests':
    "Rien n'est écrasé. Voyez qui l'a modifié : {0}; ou omettez cette étape : skip-steps: restore-manifests",
  'Nothing is overwritten. Deploy it again, or leave this step out: skip-steps: restore-manifests':
    "Rien n'est écrasé. Redéployez-le, ou omettez cette étape : skip-steps: restore-manifests",
  // restore-secrets, secrets
  '{0}/{1}: restart, it started before its Secret was set':
    '{0}/{1} : redémarrage, il a démarré avant que son Secret soit fixé',
  ' (absent)': ' (absent)',
  'not as they must be: {0}': 'pas comme ils doivent être : {0}',
  'secret/{0}, key {1} was changed since the plan was made: now {2}, planned from {3}':
    'secret/{0}, clé {1}, a été modifié depuis le plan : maintenant {2}, prévu à partir de {3}',
  'secret/{0}: put back {1}': 'secret/{0} : remettre {1}',
  'secret/{0}: set {1}': 'secret/{0} : fixer {1}',
  'secret/{0}: put back {1} (it is immutable: deleted and created again)':
    'secret/{0} : remettre {1} (immuable : supprimé puis recréé)',
  'secret/{0}: set {1} (it is immutable: deleted and created again)':
    'secret/{0} : fixer {1} (immuable : supprimé puis recréé)',
  'secret/{0}: does not exist; create it (type Opaque) with {1}':
    "secret/{0} : n'existe pas ; à créer (type Opaque) avec {1}",
  'secret/{0}: does not exist; create it again from the copy that was kept of it, with {1}':
    "secret/{0} : n'existe pas ; à recréer depuis la copie conservée, avec {1}",
  'secret/{0}: delete it, the rollback had created it': "secret/{0} : à supprimer, le rollback l'avait créé",
  'fingerprint {0}': 'empreinte {0}',
  'what {0} hold now has {1} bytes; at most {2} can be kept, and nothing is replaced that is not kept':
    "le contenu actuel de {0} fait {1} octets ; au plus {2} peuvent être conservés, et rien n'est remplacé sans être conservé",
  'Restore large ones in a run of their own: leave the others out of `secrets`. See their sizes: {0}':
    'Restaurez les gros dans une exécution à part : omettez les autres dans `secrets`. Voyez leurs tailles : {0}',
  'old values': "d'anciennes valeurs",
  'secret/{0}, which was to keep the old values, was changed by another meanwhile; no Secret was touched':
    "secret/{0}, qui devait conserver les anciennes valeurs, a été modifié par un autre entre-temps ; aucun Secret n'a été touché",
  'what secret/{0} held before ({1}) is no longer kept in secret/{2}':
    "ce que secret/{0} contenait avant ({1}) n'est plus conservé dans secret/{2}",
  'Set the keys by a deployment. See what is kept: {0}':
    'Fixez les clés par un déploiement. Voyez ce qui est conservé : {0}',
  'secret/{0} is immutable, was deleted to be created again, and could not be created: {1}':
    "secret/{0} est immuable, a été supprimé pour être recréé, et n'a pas pu être recréé : {1}",
  'What it held is kept in secret/{0}. Put it back: {1}; or run again: it is created from that copy.':
    "Ce qu'il contenait est conservé dans secret/{0}. Remettez-le : {1}; ou relancez : il est recréé depuis cette copie.",
  'secret/{0} was created by another since the plan was made, with other content':
    'secret/{0} a été créé par un autre depuis le plan, avec un autre contenu',
  'Look at it, then run again: {0}': 'Regardez, puis relancez : {0}',
  'secret/{0}, key {1}: the environment variable {2} is not set, or empty':
    "secret/{0}, clé {1} : la variable d'environnement {2} est non définie, ou vide",
  'Pass it in the step: `env: { {0}: ${{ secrets.{1} }} }`, and check that a secret of that name exists in the environment or the repository': // biome-ignore lint/suspicious/noTemplateCurlyInString: the expression is to be typed
    "Passez-la dans le step : `env: { {0}: ${{ secrets.{1} }} }`, et vérifiez qu'un secret de ce nom existe dans l'environnement ou le dépôt",
  'secret/{0}, key {1} holds neither what the rollback set nor what it held before: it was changed since':
    "secret/{0}, clé {1}, ne contient ni ce que le rollback a fixé, ni ce qu'il contenait avant : il a été modifié depuis",
  'Nothing is overwritten. See who wrote it: {0}; or leave this step out: skip-steps: restore-secrets':
    "Rien n'est écrasé. Voyez qui l'a modifié : {0}; ou omettez cette étape : skip-steps: restore-secrets",
  // disable-feature-flags, flags
  'configmap/{0}: not as they must be: {1}': 'configmap/{0} : pas comme ils doivent être : {1}',
  ' (it is immutable: deleted and created again)': ' (immuable : supprimée puis recréée)',
  ' (created again from the copy that was kept of it)': ' (recréée depuis la copie conservée)',
  'not there': 'absent',
  removed: 'retiré',
  'configmap/{0}, flag {1} was changed since the plan was made: now {2}':
    'configmap/{0}, drapeau {1}, a été modifié depuis le plan : maintenant {2}',
  'configmap/{0} is not there, although the manifests bring it':
    "configmap/{0} n'est pas là, alors que les manifestes l'apportent",
  'configmap/{0}, which is to hold the feature flags, does not exist in namespace {1}':
    "configmap/{0}, qui doit contenir les drapeaux, n'existe pas dans le namespace {1}",
  'See which ones are there: {0}; then correct `feature-flags` in the config file':
    'Voyez lesquelles sont là : {0}; puis corrigez `feature-flags` dans le fichier de configuration',
  'configmap/{0}, flag {1} is {2}; the rollback had set it to "false": it was changed since':
    'configmap/{0}, drapeau {1} : maintenant {2} ; le rollback l\'avait mis à "false" : il a été modifié depuis',
  'Nothing is overwritten. See who wrote it: {0}; or leave this step out: skip-steps: disable-feature-flags':
    "Rien n'est écrasé. Voyez qui l'a modifié : {0}; ou omettez cette étape : skip-steps: disable-feature-flags",
  // restart-workloads
  'it reads {0}': 'il lit {0}',
  'it started before what it reads was changed': "il a démarré avant le changement de ce qu'il lit",
  '{0}: restart by a rollout, {1}': '{0} : redémarrage par un déploiement, {1}',
  '{0}: no restart of its own, the rollback gives it new pods':
    '{0} : pas de redémarrage à part, le rollback lui donne de nouveaux pods',
  'pods from before the change of what they read: {0}': "pods d'avant le changement de ce qu'ils lisent : {0}",
  'Restart them: {0}': 'Redémarrez-les : {0}',
  // clean-temporary-resources, temporary
  '{0}: not deleted, as the time for what cannot be taken back has passed':
    '{0} : pas supprimé, car le temps prévu pour ce qui ne se défait pas est écoulé',
  'Run again (safe); only what is left is done then.': 'Relancez (sans risque) ; seul ce qui reste sera fait.',
  '{0}: delete, its pods first': "{0} : à supprimer, ses pods d'abord",
  '{0}: delete': '{0} : à supprimer',
  '{0}: delete; no volume is bound to it': "{0} : à supprimer ; aucun volume n'y est lié",
  '{0}: delete; its data{1} on volume {2} is lost, unless the volume is one that is retained':
    '{0} : à supprimer ; ses données{1} sur le volume {2} sont perdues, sauf si le volume est conservé (Retain)',
  'being deleted since {0}, held by {1}': 'en cours de suppression depuis {0}, retenu par {1}',
  'being deleted since {0}': 'en cours de suppression depuis {0}',
  'It was created again. See by whom: {0}': 'Il a été recréé. Voyez par qui : {0}',
  'A pod still uses it. Which one: {0}': "Un pod l'utilise encore. Lequel : {0}",
  'Its grace period is not over, or its node does not answer. Look: {0}':
    "Son délai de grâce n'est pas écoulé, ou son nœud ne répond pas. Regardez : {0}",
  'See that the controller of {0} runs; it takes its finalizer away when it is done. Look: {1}':
    'Vérifiez que le contrôleur de {0} tourne ; il retire son finalizer quand il a fini. Regardez : {1}',
  '{0} is made by {1} {2}, which would make another one': '{0} est produit par {1} {2}, qui en ferait un autre',
  'Name what makes it instead (job/{0} where it is a Job), or leave it out. Look: {1}':
    "Indiquez plutôt ce qui le produit (job/{0} si c'est un Job), ou omettez-le. Regardez : {1}",
  'Leave it out of `temporary-resources`. Look: {0}': 'Retirez-le de `temporary-resources`. Regardez : {0}',
  '{0} is used by pod/{1}': '{0} est utilisé par pod/{1}',
  '{0} belongs to {1} {2}': '{0} appartient à {1} {2}',
  '{0} is part of {1}': '{0} fait partie de {1}',
};
