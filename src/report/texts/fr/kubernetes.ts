import type { Translations } from '../../../core/tr.ts';

export const KUBERNETES: Translations = {
  // src/adapters/kubernetes/any-objects.ts
  'the kinds of {0}': 'les types de {0}',
  'The API server has no kind {0} of {1}.': "Le serveur d'API n'a pas de type {0} dans {1}.",
  'See what it has: `kubectl api-resources`; install what brings that kind first, or leave the manifest out.':
    "Voyez ce qu'il a : `kubectl api-resources`; installez d'abord ce qui apporte ce type, ou retirez le manifeste.",
  // src/adapters/kubernetes/channel-socket.ts, channels.ts, cluster-dns.ts
  'the connection ended': "la connexion s'est terminée",
  'the connection was closed': 'la connexion a été fermée',
  'closed by us': 'connexion fermée par cette exécution',
  'ended by us': 'connexion arrêtée par cette exécution',
  'what came is no WebSocket frame': "ce qui a été reçu n'est pas une trame WebSocket",
  'closed with code {0} {1}': 'connexion fermée avec le code {0} {1}',
  'pods/{0} of pod/{1}': 'pods/{0} de pod/{1}',
  'what answers speaks no WebSocket of the Kubernetes API':
    "ce qui répond ne parle pas le WebSocket de l'API Kubernetes",
  'Add to a Role of the user: {apiGroups: [""], resources: ["pods/{0}"], verbs: ["get", "create"]}; check: `kubectl auth can-i create pods --subresource={1}`.':
    'Ajoutez à un Role de l\'utilisateur : {apiGroups: [""], resources: ["pods/{0}"], verbs: ["get", "create"]}; vérifiez : `kubectl auth can-i create pods --subresource={1}`.',
  'endpointslices of kube-system': 'endpointslices de kube-system',
  // src/adapters/kubernetes/config-map-write.ts
  'configmap/{0} is immutable and has finalizers ({1}): it cannot be deleted and created again at once.':
    'configmap/{0} est immuable et a des finalizers ({1}) : impossible de la supprimer et de la recréer aussitôt.',
  'See who holds it: `kubectl get configmap {0} -n {1} -o jsonpath={.metadata.finalizers}`.':
    'Voyez ce qui la retient : `kubectl get configmap {0} -n {1} -o jsonpath={.metadata.finalizers}`.',
  // src/adapters/kubernetes/credentials.ts, exec-policy.ts, exec.ts
  'The token file of context "{0}" cannot be read ({1}).':
    'Le fichier de jeton du contexte "{0}" ne peut pas être lu ({1}).',
  'Check that the file exists and that this runner may read it.':
    'Vérifiez que le fichier existe et que ce runner a le droit de le lire.',
  'no answer after {0} s': 'pas de réponse après {0} s',
  'The exec plugin {0} of context "{1}" is not installed on this runner.':
    'Le plugin exec {0} du contexte "{1}" n\'est pas installé sur ce runner.',
  'The exec plugin {0} of context "{1}" failed: {2}': 'Le plugin exec {0} du contexte "{1}" a échoué : {2}',
  'no reason given': 'aucune raison donnée',
  'Run it by hand on this runner: `{0}`.': 'Lancez-le à la main sur ce runner : `{0}`.',
  'it starts the program {0}, which is not allowed (allowed: {1}).':
    "il lance le programme {0}, qui n'est pas autorisé (valeurs possibles : {1}).",
  'If that program is yours, add its name to `allow-exec-plugins`; or use a token: `kubectl create token SERVICEACCOUNT`.':
    'Si ce programme est le vôtre, ajoutez son nom à `allow-exec-plugins`; ou utilisez un jeton : `kubectl create token SERVICEACCOUNT`.',
  'it starts {0} by a path that is relative or inside the workspace: not the program that the runner has installed.':
    "il lance {0} par un chemin relatif ou situé dans le workspace : ce n'est pas le programme installé sur le runner.",
  'Name the program alone, without a folder; or add its full path to `allow-exec-plugins`.':
    'Indiquez le programme seul, sans dossier; ou ajoutez son chemin complet à `allow-exec-plugins`.',
  'it starts {0} with {1} set, which can make it run other code.':
    'il lance {0} en définissant {1}, ce qui peut lui faire exécuter un autre code.',
  'Remove those variables from `users[].user.exec.env`.': 'Retirez ces variables de `users[].user.exec.env`.',
  'nothing came for {0} s': "rien n'est arrivé pendant {0} s",
  'not read to its end': "pas lu jusqu'au bout",
  // src/adapters/kubernetes/failure.ts
  '{0} in namespace "{1}"': '{0} dans le namespace "{1}"',
  'A dry run of {0} is not possible: {1}': 'Un essai à blanc (dry run) de {0} est impossible : {1}',
  'The webhook must declare `sideEffects: None`; without a dry run it is unknown whether the change would be admitted.':
    'Le webhook doit déclarer `sideEffects: None`; sans essai à blanc, on ne sait pas si le changement serait accepté.',
  'The API server refuses to {0} {1}: {2}': "Le serveur d'API refuse l'opération {0} sur {1} : {2}",
  'See what refuses it: `kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations,validatingadmissionpolicies`.':
    'Voyez ce qui la refuse : `kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations,validatingadmissionpolicies`.',
  'The API server finds {0} invalid: {1}': "Le serveur d'API juge invalide {0} : {1}",
  'Compare with what is there: `{0}`.': "Comparez avec l'existant : `{0}`.",
  'Could not {0} {1}: the API server answered {2}: {3}':
    "L'opération {0} sur {1} a échoué : le serveur d'API a répondu {2} : {3}",
  'Could not {0} {1}: the API server answered {2}': "L'opération {0} sur {1} a échoué : le serveur d'API a répondu {2}",
  'Look at the API server: `kubectl --context {0} get --raw /readyz?verbose`; then run again.':
    "Regardez le serveur d'API : `kubectl --context {0} get --raw /readyz?verbose`; puis relancez.",
  'The API server does not accept the credentials of context "{0}": they are wrong or have expired.':
    'Le serveur d\'API n\'accepte pas les identifiants du contexte "{0}" : ils sont faux ou ont expiré.',
  'Check them: `kubectl --context {0} auth whoami`; for a new token: `kubectl create token SERVICEACCOUNT --duration=1h`. Then run again: a run goes on where the last one stopped.':
    "Vérifiez-les : `kubectl --context {0} auth whoami`; pour un nouveau jeton : `kubectl create token SERVICEACCOUNT --duration=1h`. Puis relancez : une exécution reprend là où la précédente s'est arrêtée.",
  'The credentials of context "{0}" may not {1} {2} in namespace "{3}": {4}':
    'Les identifiants du contexte "{0}" n\'ont pas la permission {1} sur {2} dans le namespace "{3}" : {4}',
  'List what is allowed: `kubectl --context {0} auth can-i --list -n {1}`.':
    'Listez ce qui est permis : `kubectl --context {0} auth can-i --list -n {1}`.',
  'User "{0}" may not {1} {2} in namespace "{3}" (needed for {4}).':
    'L\'utilisateur "{0}" n\'a pas la permission {1} sur {2} dans le namespace "{3}" (nécessaire pour {4}).',
  'Add to a Role of the user: {apiGroups: ["{0}"], resources: ["{1}"], verbs: ["{2}"]}; check: `kubectl auth can-i {3} {4} -n {5} --as={6}`.':
    'Ajoutez à un Role de l\'utilisateur : {apiGroups: ["{0}"], resources: ["{1}"], verbs: ["{2}"]}; vérifiez : `kubectl auth can-i {3} {4} -n {5} --as={6}`.',
  'Cancelled while waiting for {0}.': "Annulé pendant l'attente de la réponse à : {0}.",
  'The certificate of {0} was not accepted ({1}).': "Le certificat de {0} n'a pas été accepté ({1}).",
  'The kubeconfig needs the authority of this server (certificate-authority-data): `kubectl config view --raw --minify --flatten` on a machine where kubectl reaches it.':
    "Il faut au kubeconfig l'autorité de ce serveur (certificate-authority-data) : `kubectl config view --raw --minify --flatten` sur une machine où kubectl l'atteint.",
  'No answer from {0} within {1} s ({2}) to: {3} {4}.': 'Pas de réponse de {0} en {1} s ({2}) à : {3} {4}.',
  'From this runner: `curl -sk {0}/version`. A private cluster needs a runner inside its network; then run again.':
    'Depuis ce runner : `curl -sk {0}/version`. Un cluster privé demande un runner dans son réseau; puis relancez.',
  // src/adapters/kubernetes/forwarded-connection.ts, guarded-write.ts
  'port {0} of pod/{1} (behind service/{2})': 'port {0} de pod/{1} (derrière service/{2})',
  'The port-forward to {0} broke: {1}.': "Le port-forward vers le {0} s'est rompu : {1}.",
  'See whether the pod still runs: `{0}`; then run again: a run goes on where the last one stopped.':
    "Voyez si le pod tourne encore : `{0}`; puis relancez : une exécution reprend là où la précédente s'est arrêtée.",
  'The node could not reach {0}: {1}.': "Le nœud n'a pas pu joindre le {0} : {1}.",
  'Is that the port on which the server listens? Try it: `{0}`.':
    'Est-ce bien le port sur lequel le serveur écoute ? Essayez : `{0}`.',
  '{0} in namespace "{1}" is another object than the one planned for: UID {2}, expected {3}.':
    '{0} dans le namespace "{1}" n\'est plus l\'objet prévu par le plan : UID {2}, attendu : {3}.',
  'Somebody deleted and created it again. Look at it, then plan anew: `kubectl describe {0} -n {1}`.':
    "Quelqu'un l'a supprimé puis recréé. Regardez-le, puis refaites le plan : `kubectl describe {0} -n {1}`.",
  '{0} does not exist in namespace "{1}".': '{0} n\'existe pas dans le namespace "{1}".',
  'See what is there: `kubectl get {0} -n {1}`.': 'Voyez ce qui existe : `kubectl get {0} -n {1}`.',
  // src/adapters/kubernetes/kubeconfig.ts
  'No kubeconfig: the input `kubeconfig` and the variable KUBECONFIG are empty, and this is not a pod.':
    "Pas de kubeconfig : l'entrée `kubeconfig` et la variable KUBECONFIG sont vides, et ceci n'est pas un pod.",
  'Store it as a secret and give that to the input `kubeconfig`; the YAML comes from `kubectl config view --raw --minify --flatten`.':
    "Enregistrez-le comme secret et donnez celui-ci à l'entrée `kubeconfig`; le YAML s'obtient par `kubectl config view --raw --minify --flatten`.",
  'the file that KUBECONFIG names': 'le fichier indiqué par KUBECONFIG',
  'the input `kubeconfig`': "l'entrée `kubeconfig`",
  '{0} is neither the YAML of a kubeconfig, nor base64 of it, nor a path ({1} characters).':
    "{0} n'est ni le YAML d'un kubeconfig, ni son base64, ni un chemin ({1} caractères).",
  'Store the output of `kubectl config view --raw --minify --flatten` as the secret, whole, or base64 of it.':
    'Enregistrez comme secret toute la sortie de `kubectl config view --raw --minify --flatten`, ou son base64.',
  'the file that {0} names': 'le fichier indiqué par {0}',
  '{0} cannot be read ({1}).': '{0} : lecture impossible ({1}).',
  'Check the path: `ls -l "$KUBECONFIG"`; or give the YAML itself as a secret.':
    'Vérifiez le chemin : `ls -l "$KUBECONFIG"`; ou donnez le YAML lui-même comme secret.',
  '{0}: `{1}` is not a list.': "{0} : `{1}` n'est pas une liste.",
  '{0}: an entry of `{1}` has no name.': "{0} : un élément de `{1}` n'a pas de nom.",
  'Make it anew: `kubectl config view --raw --minify --flatten`.':
    'Refaites-le : `kubectl config view --raw --minify --flatten`.',
  '{0} is not valid YAML (line {1}: {2}).': "{0} n'est pas du YAML valide (ligne {1} : {2}).",
  '{0} is not a kubeconfig (a mapping with `kind: Config`).':
    "{0} n'est pas un kubeconfig (un objet YAML avec `kind: Config`).",
  '{0} repeats itself by aliases without bound.': '{0} se répète sans fin par des alias.',
  'The kubeconfig sets no current-context. It has: {0}.':
    'Le kubeconfig ne définit pas de current-context. Contextes présents : {0}.',
  'The kubeconfig has no context "{0}". It has: {1}.':
    'Le kubeconfig n\'a pas de contexte "{0}". Contextes présents : {1}.',
  'Set the input `context` to one of them; to see them: `kubectl config get-contexts`.':
    "Donnez l'un d'eux à l'entrée `context`; pour les voir : `kubectl config get-contexts`.",
  'Context "{0}" names cluster "{1}", which is not there.':
    'Le contexte "{0}" désigne le cluster "{1}", qui n\'y est pas.',
  'Context "{0}" names user "{1}", which is not there.':
    'Le contexte "{0}" désigne l\'utilisateur "{1}", qui n\'y est pas.',
  'Cluster "{0}": its server is not a plain https address.':
    'Cluster "{0}" : son serveur n\'est pas une simple adresse https.',
  'Cluster "{0}" is reached by http: credentials and Secrets would travel in the clear.':
    'Le cluster "{0}" est joint en http : identifiants et Secrets circuleraient en clair.',
  'Use its https address, or set `allow-insecure: http`.':
    'Utilisez son adresse https, ou définissez `allow-insecure: http`.',
  'Cluster "{0}" sets insecure-skip-tls-verify: anybody on the way could read the credentials.':
    'Le cluster "{0}" définit insecure-skip-tls-verify : n\'importe qui sur le trajet pourrait lire les identifiants.',
  'Put the authority in: `kubectl config set-cluster NAME --embed-certs --certificate-authority=ca.crt`; or set `allow-insecure: skip-tls-verify`.':
    "Intégrez-y l'autorité : `kubectl config set-cluster NAME --embed-certs --certificate-authority=ca.crt`; ou définissez `allow-insecure: skip-tls-verify`.",
  'Cluster "{0}" sets proxy-url: all requests would go through a host that the kubeconfig chose.':
    'Le cluster "{0}" définit proxy-url : toutes les requêtes passeraient par un hôte choisi par le kubeconfig.',
  'Remove it, or set `allow-insecure: proxy`.': 'Retirez-le, ou définissez `allow-insecure: proxy`.',
  'User "{0}" uses an auth-provider, which Kubernetes removed in 1.26.':
    'L\'utilisateur "{0}" utilise un auth-provider, que Kubernetes a supprimé en 1.26.',
  'Use the exec plugin of your provider (`aws eks update-kubeconfig`, `gcloud container clusters get-credentials`, `kubelogin convert-kubeconfig`).':
    'Utilisez le plugin exec de votre fournisseur (`aws eks update-kubeconfig`, `gcloud container clusters get-credentials`, `kubelogin convert-kubeconfig`).',
  'User "{0}": {1}': 'Utilisateur "{0}" : {1}',
  'User "{0}" sets tokenFile: the content of a file of this runner would be sent to the server that the same kubeconfig names.':
    'L\'utilisateur "{0}" définit tokenFile : le contenu d\'un fichier de ce runner serait envoyé au serveur indiqué par ce même kubeconfig.',
  'Put the token itself in, or set `allow-insecure: tokenFile`.':
    'Mettez-y le jeton lui-même, ou définissez `allow-insecure: tokenFile`.',
  '"{0}": {1}-data is not base64 of a PEM block.': '"{0}" : {1}-data n\'est pas le base64 d\'un bloc PEM.',
  '"{0}": the file of {1} cannot be read ({2}).': '"{0}" : le fichier de {1} ne peut pas être lu ({2}).',
  'Embed it: `kubectl config view --raw --minify --flatten`; or set `allow-insecure: path`.':
    'Intégrez-le : `kubectl config view --raw --minify --flatten`; ou définissez `allow-insecure: path`.',
  '"{0}": {1} is a file outside of the workspace and the runner\'s temporary folder.':
    '"{0}" : {1} est un fichier hors du workspace et du dossier temporaire du runner.',
  // src/adapters/kubernetes/object-apply.ts, object-client.ts, own-objects.ts, ownership.ts
  '{0} was changed, created or deleted by another since it was read.':
    '{0} a été modifié, créé ou supprimé par un autre depuis sa lecture.',
  'See who wrote it: `kubectl get {0} -n {1} -o yaml --show-managed-fields`; then run again.':
    "Voyez qui l'a modifié : `kubectl get {0} -n {1} -o yaml --show-managed-fields`; puis relancez.",
  'an unknown manager': 'un gestionnaire inconnu',
  'Correct the manifest; to see the same: kubectl apply --server-side --dry-run=server -f FILE':
    'Corrigez le manifeste; pour voir la même chose : kubectl apply --server-side --dry-run=server -f FILE',
  'The answer to {0} {1} in namespace "{2}" is cut off or not of the Kubernetes API.':
    'La réponse à {0} {1} dans le namespace "{2}" est tronquée ou ne vient pas de l\'API Kubernetes.',
  'Check what answers at that address: `{0} | tail -c 200`.':
    'Vérifiez ce qui répond à cette adresse : `{0} | tail -c 200`.',
  '{0}/{1} in namespace "{2}" was changed by another since it was read, so it was not deleted.':
    '{0}/{1} dans le namespace "{2}" a été modifié par un autre depuis sa lecture : il n\'a pas été supprimé.',
  'Look at it: `kubectl get {0} {1} -n {2} -o yaml`.': 'Regardez-le : `kubectl get {0} {1} -n {2} -o yaml`.',
  '{0} at {1}': '{0} à {1}',
  // src/adapters/kubernetes/pod-file.ts
  '{0} does not name an absolute path.': "{0} n'indique pas un chemin absolu.",
  'Write pod:NAME:/path/to/file.': 'Écrivez pod:NAME:/path/to/file.',
  'Cancelled while {0} was read.': 'Annulé pendant la lecture de {0}.',
  'the stream ended after {0} bytes ({1})': "le flux s'est terminé après {0} octets ({1})",
  'the stream ended after {0} of {1} bytes ({2})': "le flux s'est terminé après {0} octets sur {1} ({2})",
  'it gave {0} of {1} bytes': '{0} octets reçus sur {1}',
  '{0} has grown from {1} to {2} bytes while it was read.': '{0} est passé de {1} à {2} octets pendant sa lecture.',
  '{0}: there is no pod "{1}" in namespace "{2}".': '{0} : il n\'y a pas de pod "{1}" dans le namespace "{2}".',
  'See which there are: `{0}`.': 'Voyez lesquels existent : `{0}`.',
  '{0}: pod "{1}" has {2} containers ({3}), and nothing says which has the file.':
    '{0} : le pod "{1}" a {2} conteneurs ({3}), et rien ne dit lequel a le fichier.',
  '{0}: pod "{1}" has {2} containers ({3}), and none is called "{4}", as its annotation says.':
    '{0} : le pod "{1}" a {2} conteneurs ({3}), et aucun ne s\'appelle "{4}", le nom que donne son annotation.',
  'Name it in the template of the pod: the annotation {0}.': 'Indiquez-le dans le modèle du pod : annotation {0}.',
  'it is no file': "ce n'est pas un fichier",
  '{0} does not exist (container "{1}").': '{0} n\'existe pas (conteneur "{1}").',
  'See what is there: `{0}`.': 'Voyez ce qui existe : `{0}`.',
  '{0} cannot be read: container "{1}" has no `{2}`.': '{0} ne peut pas être lu : le conteneur "{1}" n\'a pas `{2}`.',
  'Name a pod whose image has it and that mounts the same volume, or use `backup-command`.':
    "Indiquez un pod dont l'image l'a et qui monte le même volume, ou utilisez `backup-command`.",
  ', exit code {0}': ', code de sortie {0}',
  '{0} failed ({1}{2})': '{0} a échoué ({1}{2})',
  '{0} cannot be read: {1}.': '{0} ne peut pas être lu : {1}.',
  'Try it: `{0} | wc -c`.': 'Essayez : `{0} | wc -c`.',
  // src/adapters/kubernetes/pod-metrics.ts, port-forward.ts, reader.ts, resources.ts, scale-write.ts
  'The metrics API is registered and does not answer: {0}.':
    "L'API de métriques est enregistrée mais ne répond pas : {0}.",
  'The metrics API is registered and does not answer: {0} "{1}".':
    'L\'API de métriques est enregistrée mais ne répond pas : {0} "{1}".',
  'See why: kubectl describe apiservice v1beta1.metrics.k8s.io; most often: kubectl -n kube-system logs deployment/metrics-server --tail=20':
    'Voyez pourquoi : kubectl describe apiservice v1beta1.metrics.k8s.io; le plus souvent : kubectl -n kube-system logs deployment/metrics-server --tail=20',
  'The connection to the cluster was closed.': 'La connexion au cluster a été fermée.',
  'pods/log of pod/{0}': 'pods/log de pod/{0}',
  'The path of service/{0} has a "." or ".." part: it could reach another part of the API.':
    'Le chemin de service/{0} contient un segment "." ou ".." : il pourrait atteindre une autre partie de l\'API.',
  'Write the path out, as in `service/web:80/health`.':
    'Écrivez le chemin en entier, comme dans `service/web:80/health`.',
  'services/proxy of service/{0}': 'services/proxy de service/{0}',
  '{0} is not the name of a Kubernetes object.': "{0} n'est pas un nom d'objet Kubernetes.",
  'Use the name that `kubectl get` shows.': 'Utilisez le nom affiché par `kubectl get`.',
  '{0} cannot be scaled: a DaemonSet runs one pod a node.':
    '{0} : nombre de pods non réglable, un DaemonSet exécute un pod par nœud.',
  'Stop what it does in another way: `kubectl describe {0} -n {1}`.':
    "Arrêtez autrement ce qu'il fait : `kubectl describe {0} -n {1}`.",
  '{0} has {1} {2}, expected {3}: somebody changed it before it could be set to {4}.':
    "{0} a {1} {2}, attendu : {3} ; quelqu'un l'a modifié avant le passage à {4}.",
  'Look at it: `kubectl get {0} -n {1}`; then run again.': 'Regardez-le : `kubectl get {0} -n {1}`; puis relancez.',
  // src/adapters/kubernetes/secret-write.ts
  'secret/{0} in namespace "{1}" is immutable and has finalizers ({2}): it cannot be deleted and created again at once.':
    'secret/{0} dans le namespace "{1}" est immuable et a des finalizers ({2}) : impossible de le supprimer et de le recréer aussitôt.',
  'See who holds it: `kubectl get secret {0} -n {1} -o jsonpath={.metadata.finalizers}`.':
    'Voyez ce qui le retient : `kubectl get secret {0} -n {1} -o jsonpath={.metadata.finalizers}`.',
  'was created by another while this run replaced it':
    'a été créé par un autre pendant que cette exécution le remplaçait',
  'was changed by another since it was read': 'a été modifié par un autre depuis sa lecture',
  '{0} cannot be a key of secret/{1}: only letters, digits, "-", "_" and "." can stand in it.':
    '{0} ne peut pas être une clé de secret/{1} : seuls les lettres, les chiffres, "-", "_" et "." y sont permis.',
  'Correct the key in the section `secrets` of the config file.':
    'Corrigez la clé dans la section `secrets` du fichier de configuration.',
  'has another value of {0} than when it was read': 'a une autre valeur de {0} que lors de sa lecture',
  'was made immutable since it was read': 'a été rendu immuable depuis sa lecture',
  'secret/{0} in namespace "{1}" {2}.': 'secret/{0} dans le namespace "{1}" {2}.',
  'See who wrote it: `kubectl get secret {0} -n {1} -o yaml --show-managed-fields`; then run again.':
    "Voyez qui l'a modifié : `kubectl get secret {0} -n {1} -o yaml --show-managed-fields`; puis relancez.",
  // src/adapters/kubernetes/service-target.ts
  '{0} does not exist in namespace "{1}"': '{0} n\'existe pas dans le namespace "{1}"',
  '{0} is a name for a server outside of the cluster (ExternalName)':
    '{0} désigne un serveur hors du cluster (ExternalName)',
  'use that host': 'utilisez cet hôte',
  '{0} selects no pods (its endpoints are kept by hand), so that nothing can be forwarded to':
    "{0} ne sélectionne aucun pod (ses endpoints sont tenus à la main) : aucun port-forward n'est possible",
  'use the address there as host': 'utilisez cette adresse comme hôte',
  'none of the {0} pods behind {1} is Ready (selector {2})':
    "aucun des {0} pods derrière {1} n'est Ready (sélecteur {2})",
  'service/{0} has no TCP port {1}; it has {2}': "service/{0} n'a pas de port TCP {1} ; ports présents : {2}",
  'port {0} of service/{1} leads to the port "{2}", which pod/{3} does not have':
    'le port {0} de service/{1} mène au port "{2}", que pod/{3} n\'a pas',
  'The database cannot be reached: {0}.': 'La base est injoignable : {0}.',
  'Look: `{0}`; then run again.': 'Regardez : `{0}`; puis relancez.',
  'Look: `{0}`; {1}, then run again.': 'Regardez : `{0}`; {1}, puis relancez.',
  // src/adapters/kubernetes/template-write.ts, transport.ts, view.ts
  '{0} runs template {1}, which is neither the one planned from ({2}) nor the target ({3}): it was changed by {4}.':
    "{0} exécute le modèle {1}, qui n'est ni celui de départ du plan ({2}) ni la cible ({3}) : modifié par {4}.",
  'Look at what was deployed, then run again to plan anew: `kubectl rollout history {0}`.':
    'Regardez ce qui a été déployé, puis relancez pour refaire le plan : `kubectl rollout history {0}`.',
  'answer {0}': 'réponse {0}',
  'It is unknown whether the API server did {0} {1} in namespace "{2}" ({3}).':
    'On ne sait pas si le serveur d\'API a exécuté {0} {1} dans le namespace "{2}" ({3}).',
  'Run again: it reads what is there and goes on. To look: `{0}`.':
    "Relancez : l'exécution lit ce qui existe et continue. Pour regarder : `{0}`.",
  'The view of the namespace was closed.': 'La vue du namespace a été fermée.',
};
