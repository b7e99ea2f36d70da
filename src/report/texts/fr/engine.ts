import type { Translations } from '../../../core/tr.ts';

export const ENGINE: Translations = {
  // src/engine/apply.ts
  '{0} was not begun: {1} failed': "{0} n'a pas été commencé : {1} a échoué",
  'Mend {0} first, then run again (safe)': "Réparez d'abord {0}, puis relancez (sans risque)",
  '{0} was not begun: the run was cancelled': "{0} n'a pas été commencé : l'exécution a été annulée",
  // src/engine/budget.ts
  'the {0} of tier {1} are over; under way: {2}; at-budget-end: {3}':
    'les {0} du palier {1} sont écoulées ; en cours : {2} ; at-budget-end: {3}',
  'slack-webhook-url is not set': "slack-webhook-url n'est pas défini",
  // src/engine/conclude.ts
  passed: 'réussi',
  failed: 'échec',
  skipped: 'ignoré',
  'required-checks asks for {0}, which is {1}, expected: passed':
    'required-checks demande {0}, dont le statut est : {1} ; attendu : réussi',
  'Configure it, or take {0} out of required-checks': 'Configurez-le, ou retirez {0} de required-checks',
  // src/engine/forecast.ts
  'forecast: {0} of {1} ({2})': 'prévision : {0} sur {1} ({2})',
  restore: 'restauration',
  workloads: 'services',
  'earlier-runs': 'exécutions précédentes',
  // src/engine/ledger-store.ts
  'configmap/{0} is not a ledger of this action': "configmap/{0} n'est pas un registre de cette action",
  'Look at it, keep a copy, then remove it: kubectl get configmap {0} -o yaml > ledger.yaml && kubectl delete configmap {1}':
    'Regardez-la, gardez-en une copie, puis supprimez-la : kubectl get configmap {0} -o yaml > ledger.yaml && kubectl delete configmap {1}',
  'configmap/{0} was changed {1} times while this run wanted to write it':
    "configmap/{0} a été modifiée {1} fois pendant que cette exécution voulait l'écrire",
  // src/engine/lock.ts
  'lock taken over from {0} {1}': 'verrou repris à {0} {1}',
  'waiting for the rollback of {0} {1}': 'en attente du rollback de {0} {1}',
  ', reason: {0}': ', raison : {0}',
  'lease/{0} in {1} is held by run {2} {3}{4}': "lease/{0} dans {1} est détenu par l'exécution {2} {3}{4}",
  'Wait for that run, or use tier emergency, which takes the lock over. If that run is dead the lock expires after {0} s: kubectl get lease {1} -n {2} -o yaml':
    'Attendez cette exécution, ou utilisez le palier emergency, qui reprend le verrou. Si elle est morte, le verrou expire au bout de {0} s : kubectl get lease {1} -n {2} -o yaml',
  nobody: 'personne',
  'lease/{0} is now held by {1} {2}': 'lease/{0} est maintenant détenu par {1} {2}',
  'Look at that run: it goes on from what this one has done':
    'Regardez cette exécution : elle repart de ce que celle-ci a fait',
  // src/engine/record.ts
  'the ledger does not say yet that this was verified: {0}':
    'le registre ne dit pas encore que ceci a été vérifié : {0}',
  // src/engine/run.ts
  'planning again, after the rollback that was waited for':
    "nouveau plan, après l'autre rollback qu'il a fallu attendre",
  Read: 'Lecture',
  'cluster {0} ({1}), namespace {2}, {3} workloads': 'cluster {0} ({1}), namespace {2}, services : {3}',
  'version unknown': 'version inconnue',
  'namespace {0} does not exist in this cluster': "le namespace {0} n'existe pas dans ce cluster",
  'kubectl get namespaces; or the kubeconfig points at another cluster: kubectl config get-contexts':
    'kubectl get namespaces; ou le kubeconfig pointe vers un autre cluster : kubectl config get-contexts',
  Plan: 'Plan',
  'live release, {0}': 'version en service, {0}',
  Apply: 'Application',
  Verify: 'Vérification',
  Revert: 'Remise en état',
  // src/engine/situation.ts
  'the ledger of namespace {0} may not be read, so it is not known what to take back':
    'le registre du namespace {0} ne peut pas être lu (permission) : on ne sait pas quoi défaire',
  'Allow it: get, update of configmap/tiered-rollback-ledger. Check: kubectl auth can-i get configmap/tiered-rollback-ledger -n {0}':
    'Autorisez-le : get, update de configmap/tiered-rollback-ledger. Vérifiez : kubectl auth can-i get configmap/tiered-rollback-ledger -n {0}',
  'no workload in namespace {0} matches the selector {1}':
    'aucun service du namespace {0} ne correspond au sélecteur {1}',
  '; did you mean {0}?': ' ; vouliez-vous dire {0} ?',
  '{0} does not exist in namespace {1}{2}': "{0} n'existe pas dans le namespace {1}{2}",
  // src/engine/state.ts
  'the world was not read yet': "l'état du cluster n'a pas encore été lu",
  'Report this defect': 'Signalez ce défaut',
  // src/engine/tell.ts
  succeeded: 'réussi',
  partial: 'partiel',
  'no-op': 'rien à faire',
  planned: 'planifié',
  refused: 'refusé',
  true: 'oui',
  false: 'non',
  'verdict: {0}, healthy: {1}': 'verdict : {0}, application saine : {1}',
  Tell: 'Compte rendu',
  'there was no time left to tell of the verdict: a receiver before this one, or this one, did not answer':
    "il ne restait plus de temps pour annoncer le verdict : un destinataire précédent, ou celui-ci, n'a pas répondu",
  'Tell by hand what the report says': 'Annoncez à la main ce que dit le rapport',
  // src/engine/verify.ts
  'the run was cancelled before this could be verified': "l'exécution a été annulée avant que ceci puisse être vérifié",
  // src/preflight/access.ts
  'Add these rules to their Role in namespace {0}, then run again (check: {1}):\n{2}':
    'Ajoutez ces règles à leur Role dans le namespace {0}, puis relancez (vérifiez : {1}) :\n{2}',
  'the API server did not say whether the credentials may: {0}':
    "le serveur d'API n'a pas dit si les identifiants ont le droit de : {0}",
  'Ask it yourself: {0}': 'Posez-lui la question vous-même : {0}',
  // src/preflight/database.ts
  '{0} cannot be renamed: {1}': '{0} ne peut pas être renommée : {1}',
  'the restore is forecast to take {0}, and this run has {1} left; after that it does not swap any more':
    "durée prévue de la restauration : {0}, et il reste {1} à cette exécution ; passé ce délai, elle ne fait plus l'échange",
  'Give it time: `timeout: {0}m`': 'Donnez-lui du temps : `timeout: {0}m`',
  // src/preflight/gitops.ts
  "{0} is kept at its source's version by {1}, which would take the rollback back":
    '{0} est maintenu à la version de sa source par {1}, qui annulerait le rollback',
  ', and {0} more': ', et {0} de plus',
  // src/preflight/identity.ts
  'context {0}': 'contexte {0}',
  'the credentials may not read the namespace kube-system, so its UID is not known':
    "les identifiants n'ont pas le droit de lire le namespace kube-system, son UID n'est donc pas connu",
  'its namespace kube-system has UID {0}': "son namespace kube-system a l'UID {0}",
  'Allow get on the namespace kube-system, or leave expected-cluster out. Check: kubectl auth can-i get namespace/kube-system':
    'Autorisez get sur le namespace kube-system, ou retirez expected-cluster. Vérifiez : kubectl auth can-i get namespace/kube-system',
  'If this is the right cluster, set expected-cluster to what this prints: {0}':
    "Si c'est le bon cluster, mettez dans expected-cluster ce que ceci affiche : {0}",
  '{0} (context {1}) is not proven to be the cluster {2}: {3}':
    'rien ne prouve que {0} (contexte {1}) est le cluster {2} : {3}',
  // src/preflight/quota.ts
  '{0}: the target needs {1} more of {2}, {3} is free (used {4} of {5}), and no pod of the bad release ends before new ones start':
    "{0} : il faut à la cible {1} de plus de {2}, et {3} est libre (utilisé : {4} sur {5}) ; aucun pod de la mauvaise version ne s'arrête avant que de nouveaux démarrent",
  'Raise {0}, or free some of it, then run again: {1}': 'Augmentez {0}, ou libérez-en, puis relancez : {1}',
  // src/preflight/references.ts
  'key {0} of {1} {2}': 'clé {0} de {1} {2}',
  '{0}: its target reads {1}, but this run would take {2} away':
    '{0} : sa cible lit {1}, mais cette exécution supprimerait {2}',
  'Leave it where it is: skip-steps: restore-manifests; or, in a rollback, add it to the manifests. Then run again':
    'Laissez cet objet en place : skip-steps: restore-manifests; ou, dans un rollback, ajoutez-le aux manifestes. Puis relancez',
  '{0} has no key {1}': "{0} n'a pas de clé {1}",
  '{0} does not exist': "{0} n'existe pas",
  '; private images cannot be pulled without it': ' ; sans lui, les images privées ne peuvent pas être téléchargées',
  '{0}: its target reads {1}, but {2} in namespace {3}{4}': '{0} : sa cible lit {1}, mais {2} dans le namespace {3}{4}',
  'Put the key {0} back, then run again: {1}': 'Remettez la clé {0}, puis relancez : {1}',
  'Put it back, then run again: {0} --from-env-file=FILE':
    'Remettez cet objet, puis relancez : {0} --from-env-file=FILE',
  'Put it back, then run again: {0}': 'Remettez cet objet, puis relancez : {0}',
  'Restore the claim {0} from its manifest or snapshot, then run again: {1}':
    'Restaurez le PVC {0} depuis son manifeste ou un snapshot, puis relancez : {1}',
  'whether these exist, which the target reads, is unknown: {0}':
    'on ne sait pas si ces objets, que la cible lit, existent : {0}',
  'To have it checked, add these rules to the Role in namespace {0}:\n{1}':
    'Pour que ce soit vérifié, ajoutez ces règles au Role dans le namespace {0} :\n{1}',
  '{0} and {1} more': '{0} et {1} de plus',
  // src/diagnosis/evicted.ts
  'no explanation': 'aucune explication',
  // src/diagnosis/name-not-resolved.ts
  'DNS of the cluster (service/kube-dns in {0}): {1} of {2} addresses ready':
    'DNS du cluster (service/kube-dns dans {0}) : {1} adresses prêtes sur {2}',
  'namespace {0} has no Service {1}': "le namespace {0} n'a pas de Service {1}",
  '{0} is a name inside of the cluster; from outside of the cluster ask service/{1}:PORT/PATH instead':
    "{0} est un nom interne au cluster ; depuis l'extérieur, interrogez plutôt service/{1}:PORT/PATH",
  // src/diagnosis/never-ready.ts
  '{0}: not ready, running since {1}': '{0} : pas prêt, tourne depuis {1}',
  // src/diagnosis/out-of-memory.ts
  '{0}: OOMKilled, exit {1}, at {2}': '{0} : OOMKilled, code de sortie {1}, à {2}',
  // src/diagnosis/service-missing.ts
  'Services of namespace {0}: {1}': 'Services du namespace {0} : {1}',
  // src/diagnosis/service-port-mismatch.ts
  '{0}: ports {1}': '{0} : ports {1}',
  'container {0}: {1}': 'conteneur {0} : {1}',
  'says no port': 'aucun port déclaré',
  ' to {0}': ' vers {0}',
  // src/diagnosis/service-selector-mismatch.ts
  '{0}: selector {1}': '{0} : sélecteur {1}',
  'pods of {0}/{1}: labels {2}': 'pods de {0}/{1} : labels {2}',
  // src/diagnosis/service-without-endpoints.ts
  'EndpointSlices: {0} of {1} addresses ready': 'EndpointSlices : {0} adresses prêtes sur {1}',
  'not Ready': 'pas Ready',
  // src/diagnosis/stuck-terminating.ts
  '{0} on {1}: to be gone by {2}': '{0} sur {1} : aurait dû disparaître à {2}',
  'no node': 'aucun nœud',
  // src/diagnosis/volume-not-mounted.ts
  unknown: 'inconnu',
  // src/diagnosis/reading/crash-finding.ts
  '{0}: {1}, exit {2}, at {3}': '{0} : {1}, code de sortie {2}, à {3}',
  ended: 'terminé',
  // src/diagnosis/reading/events.ts
  event: 'événement',
  // src/diagnosis/reading/readiness.ts
  '{0}: {1}, exit {2}': '{0} : {1}, code de sortie {2}',
  '{0}: not ready, restarted {1} times': '{0} : pas prêt, redémarré {1} fois',
};
