import type { Translations } from '../../../core/tr.ts';

export const CONFIG: Translations = {
  // compose, deliver
  'DATABASE_URL is not set for commands: {0}': "DATABASE_URL n'est pas défini pour les commandes : {0}",
  'report: {0}': 'rapport : {0}',
  'report as a page: {0}': 'rapport en page HTML : {0}',
  // inputs
  'saw {0}; allowed: true or false': 'lu : {0} ; valeurs possibles : true ou false',
  'Correct it in the `with:` of the step.': 'Corrigez dans le `with:` du step.',
  'unknown input; did you mean "{0}"?': 'entrée inconnue ; vouliez-vous dire "{0}" ?',
  'Type {0} in the `with:` of the step.': 'Écrivez {0} dans le `with:` du step.',
  // inputs/config-file
  'saw {0}, which lies outside of the workspace; allowed: a path inside of it':
    "lu : {0}, hors du workspace ; valeurs possibles : un chemin à l'intérieur",
  'Put the file into the repository, for example as {0}.': 'Mettez le fichier dans le dépôt, par exemple comme {0}.',
  '{0} is no file; allowed: a YAML file': "{0} n'est pas un fichier ; valeurs possibles : un fichier YAML",
  'Name the file itself, for example {0}.': 'Indiquez le fichier lui-même, par exemple {0}.',
  '{0} has {1} bytes; allowed: at most {2}': '{0} fait {1} octets ; permis : {2} au plus',
  'Name the config file.': 'Indiquez le fichier de configuration.',
  '{0}: {1} cannot be read ({2})': '{0} : {1} est illisible ({2})',
  'Check it on the runner: ls -l {0}': 'Vérifiez sur le runner : ls -l {0}',
  'input config: saw {0}, which does not exist in the workspace; expected: a YAML file':
    "entrée config : lu : {0}, qui n'existe pas dans le workspace ; attendu : un fichier YAML",
  'Check the repository out before this step (`- uses: actions/checkout`), or correct the path.':
    'Faites le checkout du dépôt avant ce step (`- uses: actions/checkout`), ou corrigez le chemin.',
  // inputs/database
  'variables PGHOST, PGPORT, PGUSER, ...': 'variables PGHOST, PGPORT, PGUSER, ...',
  'variable PGSSLROOTCERT': 'variable PGSSLROOTCERT',
  'Check it on the runner: openssl x509 -noout -subject -in "$PGSSLROOTCERT"':
    'Vérifiez sur le runner : openssl x509 -noout -subject -in "$PGSSLROOTCERT"',
  'saw {0}, which cannot be read ({1})': 'lu : {0}, qui est illisible ({1})',
  'saw {0}, in which there is no certificate in PEM': 'lu : {0}, qui ne contient pas de certificat en PEM',
  'variable PGDATABASE': 'variable PGDATABASE',
  'cannot be used as the address of the database: {0}': 'inutilisable comme adresse de la base : {0}',
  // inputs/environment
  'accepts every certificate, for every connection': 'accepte tous les certificats, pour toutes les connexions',
  'loads code into this program or weakens TLS': 'charge du code dans ce programme ou affaiblit TLS',
  'prints requests with their credentials': 'affiche les requêtes avec leurs identifiants',
  'replaces the database client by another': 'remplace le client de la base par un autre',
  'changes settings of every database session': 'change les réglages de chaque session de la base',
  'connects to another database': 'connecte à une autre base',
  'connects to another host than PGHOST': 'connecte à un autre hôte que PGHOST',
  'changes the protocol of every database session': 'change le protocole de chaque session de la base',
  'connects to another server than the first': 'connecte à un autre serveur que le premier',
  'gives up TLS or its check on the way to the database': "renonce à TLS ou à sa vérification jusqu'à la base",
  'variable {0}: is set, which {1}; expected: not set': 'variable {0} : définie, ce qui {1} ; attendu : non définie',
  'Take {0} out of `env:`, or end it for this step with `env: { {1}: "" }`. If an earlier step or the runner sets it, correct it there.':
    'Retirez {0} de `env:`, ou videz-la pour ce step par `env: { {1}: "" }`. Si un step précédent ou le runner la définit, corrigez-le là.',
  // inputs/event
  'event {0}: {1}; expected: an event that only people with write access can cause':
    "événement {0} : {1} ; attendu : un événement que seules les personnes ayant le droit d'écriture peuvent provoquer",
  'Start the rollback by workflow_dispatch (gh workflow run WORKFLOW), or set `allow-untrusted-events: true` if whoever causes this event may roll production back.':
    'Lancez le rollback par workflow_dispatch (gh workflow run WORKFLOW), ou indiquez `allow-untrusted-events: true` si quiconque provoque cet événement peut faire le rollback de la production.',
  'anybody can cause it': "n'importe qui peut le provoquer",
  'its payload (GITHUB_EVENT_PATH) is not readable, so nothing shows who caused it':
    "son contenu (GITHUB_EVENT_PATH) est illisible, donc rien ne montre qui l'a provoqué",
  'the pull request comes from a fork': "la pull request vient d'un fork",
  'the workflow run that it follows ran for a fork': "l'exécution de workflow qu'il suit tournait pour un fork",
  'the workflow run that it follows was started by {0}, which anybody can cause':
    "l'exécution de workflow qu'il suit a été lancée par {0}, que n'importe qui peut provoquer",
  // inputs/named-values
  'line {0} is not NAME=VALUE': "la ligne {0} n'est pas NAME=VALUE",
  'line {0} names {1} again': 'la ligne {0} répète {1}',
  'begins with { and is no JSON': "commence par { et n'est pas du JSON",
  'its element {0} is not a name with a text': "son élément {0} n'est pas un nom avec un texte",
  '{0}; allowed: lines NAME=VALUE, or a JSON map of names and texts':
    '{0} ; valeurs possibles : des lignes NAME=VALUE, ou un objet JSON de noms et de textes',
  'Correct the secret that is passed there. A value of several lines: the JSON form.':
    'Corrigez le secret transmis là. Pour une valeur de plusieurs lignes : la forme JSON.',
  // config/backup-path
  'a file, a pattern like /backups/pre_change_*.sql, https://HOST/PATH or pod:NAME:/PATH':
    'un fichier, un motif comme /backups/pre_change_*.sql, https://HOST/PATH ou pod:NAME:/PATH',
  '{0}; for another source backup-command, for example aws s3 cp s3://BUCKET/KEY -':
    '{0} ; pour une autre source, backup-command, par exemple aws s3 cp s3://BUCKET/KEY -',
  'pod:NAME:/PATH with one whole path in the pod, no pattern':
    'pod:NAME:/PATH avec un seul chemin complet dans le pod, sans motif',
  // config/commands
  'a command in one line': 'une commande sur une ligne',
  'allowed: a command, or a map with run': 'valeurs possibles : une commande, ou un objet avec run',
  'allowed: a list of commands': 'valeurs possibles : une liste de commandes',
  'has {0} more than once; allowed: each command once': "{0} y est plus d'une fois ; permis : chaque commande une fois",
  // config/database
  'a backup': 'un backup',
  'a database': 'une base',
  'input database-url (or variable PGHOST)': 'entrée database-url (ou variable PGHOST)',
  'is missing, and {0} is configured; allowed: where the database is, and who connects':
    "manquant, alors que la configuration indique {0} ; attendu : où est la base, et qui s'y connecte",
  'Pass `database-url: ${{ secrets.DATABASE_URL }}` in the `with:` of the step (postgresql://USER:PASSWORD@HOST:5432/DATABASE), or PGHOST, PGUSER, PGPASSWORD and PGDATABASE in its `env:`. To leave the database alone: `skip-steps: {0}`.': // biome-ignore lint/suspicious/noTemplateCurlyInString: the expression is to be typed
    'Passez `database-url: ${{ secrets.DATABASE_URL }}` dans le `with:` du step (postgresql://USER:PASSWORD@HOST:5432/DATABASE), ou PGHOST, PGUSER, PGPASSWORD et PGDATABASE dans son `env:`. Pour ne pas toucher à la base : `skip-steps: {0}`.',
  'is missing, and the address names no database either; allowed: the one that serves the application':
    "manquant, et l'adresse n'indique pas de base non plus ; attendu : celle qui sert l'application",
  'Type `database: { name: NAME }` in the config file, or let `database-url` end with /NAME.':
    'Écrivez `database: { name: NAME }` dans le fichier de configuration, ou terminez `database-url` par /NAME.',
  'saw {0}, and {1} names {2}; allowed: one database': 'lu : {0}, et ailleurs {2} ({1}) ; permis : une seule base',
  'Which of the two serves the application? Correct or take out the other.':
    "Laquelle des deux sert l'application ? Corrigez ou retirez l'autre.",
  'saw {0}; allowed: at most {1} bytes': 'lu : {0} ; permis : {1} octets au plus',
  'The server cuts longer names off: type the one that it shows (psql -l).':
    "Le serveur coupe les noms plus longs : écrivez celui qu'il affiche (psql -l).",
  'stands beside {0}; allowed: one of the two': "donné deux fois (aussi : {0}) ; permis : l'un des deux",
  'Keep the one that is meant, and take the other out.': "Gardez le bon, et retirez l'autre.",
  'saw {0}; allowed: https, because a dump that is changed on its way would be restored':
    'lu : {0} ; permis : https, car un dump modifié en chemin serait restauré',
  // config/faults
  'saw the key {0}; {1}': 'clé lue : {0} ; {1}',
  'is missing; {0}': 'manquant ; {0}',
  'saw {0}; {1}': 'lu : {0} ; {1}',
  'unknown key {0}; known keys: {1}': 'clé inconnue {0} ; clés connues : {1}',
  'unknown key {0}; did you mean "{1}"?': 'clé inconnue {0} ; vouliez-vous dire "{1}" ?',
  'an empty list': 'une liste vide',
  'a list': 'une liste',
  'a map': 'un objet (clés et valeurs)',
  'an empty text': 'un texte vide',
  'input {0}': 'entrée {0}',
  // config/fields
  'allowed: {0}': 'valeurs possibles : {0}',
  'allowed: at most {0} characters': 'permis : {0} caractères au plus',
  'allowed: one line without control characters': 'permis : une ligne sans caractères de contrôle',
  'allowed: at most {0}': 'permis : {0} au plus',
  'allowed: a map with {0}': 'valeurs possibles : un objet avec {0}',
  '1 to 63 {0}': '1 à 63 caractères : {0}',
  '1 to 253 {0}': '1 à 253 caractères : {0}',
  'a time with its unit, for example 10s, 1m30s, 2h': 'une durée avec son unité, par exemple 10s, 1m30s, 2h',
  'an age with its unit, for example 12h, 2d': 'un âge avec son unité, par exemple 12h, 2d',
  'allowed: at most 24h': 'permis : 24h au plus',
  'allowed: at most {0}d': 'permis : {0}d au plus',
  'a SHA-256 in 64 hexadecimal digits, as sha256sum prints it':
    "un SHA-256 en 64 chiffres hexadécimaux, comme l'affiche sha256sum",
  'a folder': 'un dossier',
  'allowed: a folder on the runner (mount the place that outlives it)':
    "valeurs possibles : un dossier du runner (montez-y l'emplacement qui doit lui survivre)",
  'allowed: a whole number from {0} to {1}': 'valeurs possibles : un nombre entier de {0} à {1}',
  'allowed: true or false': 'valeurs possibles : true ou false',
  'not available yet; available: {0}': 'pas encore disponible ; disponibles : {0}',
  'allowed: a list of {0}': 'valeurs possibles : une liste ({0})',
  names: 'noms',
  'allowed: names in lower case, for example check-pods':
    'valeurs possibles : des noms en minuscules, par exemple check-pods',
  '{0}; or none': '{0} ; ou none',
  'programs by file name, or none': 'programmes par nom de fichier, ou none',
  'allowed: the file name of a program, for example aws, or its absolute path; or none':
    "valeurs possibles : le nom de fichier d'un programme, par exemple aws, ou son chemin absolu ; ou none",
  'allowed: none alone, or names without none': 'permis : none seul, ou des noms sans none',
  'allowed: each workload once': 'permis : chaque service une fois',
  'a label selector, for example app=shop': 'un sélecteur de labels, par exemple app=shop',
  'allowed: a label selector, for example app=shop or tier in (web, api)':
    'valeurs possibles : un sélecteur de labels, par exemple app=shop ou tier in (web, api)',
  'auto, or lines like deployment/web=revision:12 or deployment/web=image:registry.example/web:1.4':
    'auto, ou des lignes comme deployment/web=revision:12 ou deployment/web=image:registry.example/web:1.4',
  'allowed after "=": revision:N with N from 1, or image:REF with a whole image reference':
    'valeurs possibles après "=" : revision:N avec N à partir de 1, ou image:REF avec une référence d\'image complète',
  'allowed: auto alone, or lines without auto': 'permis : auto seul, ou des lignes sans auto',
  'allowed: one line for each workload': 'permis : une ligne par service',
  // config/file
  'the file has {0} characters; allowed: at most {1}': 'le fichier fait {0} caractères ; permis : {1} au plus',
  'not a map; allowed: keys with values, for example "namespace: production"':
    'pas un objet ; valeurs possibles : des clés avec leurs valeurs, par exemple "namespace: production"',
  'not readable as YAML: {0}': 'illisible comme YAML : {0}',
  'a second document begins here; allowed: one': 'un second document commence ici ; permis : un seul',
  'the key "{0}" stands twice; keep one': 'la clé "{0}" y est deux fois ; gardez-en une',
  // config/health
  'https://HOST/PATH, http://HOST/PATH or service/NAME:PORT/PATH':
    'https://HOST/PATH, http://HOST/PATH ou service/NAME:PORT/PATH',
  'allowed: a status like 200, or a range like "200-299"':
    'valeurs possibles : un statut comme 200, ou une plage comme "200-299"',
  'allowed: a range from the lower to the higher status, like "200-299"':
    'valeurs possibles : une plage du plus petit au plus grand statut, comme "200-299"',
  'allowed: text, a number, true, false or null': 'valeurs possibles : un texte, un nombre, true, false ou null',
  'a text that the answer must contain': 'un texte que la réponse doit contenir',
  'allowed: paths with their values, for example status.database: ok':
    'valeurs possibles : des chemins avec leurs valeurs, par exemple status.database: ok',
  'allowed: {0}, or a map with url': 'valeurs possibles : {0}, ou un objet avec url',
  'allowed: a list of health checks': 'valeurs possibles : une liste de contrôles de santé',
  'allowed: at most 100 health checks': 'permis : 100 contrôles de santé au plus',
  'allowed: each health check once': 'permis : chaque contrôle de santé une fois',
  'allowed: a URL without "\\" and with "@" only behind credentials':
    'valeurs possibles : une URL sans "\\", et avec "@" seulement après des identifiants',
  'allowed: service/NAME:PORT/PATH with the port as number or name':
    'valeurs possibles : service/NAME:PORT/PATH avec le port en nombre ou en nom',
  'allowed: a path without "..", blanks and "#"': 'valeurs possibles : un chemin sans "..", sans blancs et sans "#"',
  // config/logs
  'a regular expression in one line': 'une expression régulière sur une ligne',
  'allowed: a regular expression as JavaScript has it, for example ERROR|FATAL':
    'valeurs possibles : une expression régulière de JavaScript, par exemple ERROR|FATAL',
  'allowed: a pattern that does not match an empty line':
    'valeurs possibles : un motif qui ne correspond pas à une ligne vide',
  'the reason of an event, for example FailedToRetrieveImagePullSecret':
    "la raison (reason) d'un événement, par exemple FailedToRetrieveImagePullSecret",
  'allowed: a list of reasons': 'valeurs possibles : une liste de raisons (reason)',
  // config/merge
  'input {0} (or {1})': 'entrée {0} (ou {1})',
  // config/messages
  'allowed: an e-mail address alone, like ops@example.com, without a name and without quotes':
    'valeurs possibles : une adresse e-mail seule, comme ops@example.com, sans nom ni guillemets',
  'the login of a GitHub user': "le login d'un utilisateur GitHub",
  'the name of the application': "le nom de l'application",
  'allowed: a list of e-mail addresses': "valeurs possibles : une liste d'adresses e-mail",
  'allowed: at least one address': 'permis : au moins une adresse',
  'a label': 'un label',
  'allowed: a list of labels': 'valeurs possibles : une liste de labels',
  'allowed: a list of logins': 'valeurs possibles : une liste de logins',
  'the name of an environment': "le nom d'un environnement",
  'the name of a branch': "le nom d'une branche",
  'smtp-url is given': 'smtp-url est donné',
  '{0} asks for mail': 'un e-mail est demandé ({0})',
  'or take mail out by `notify-users: never`.': "ou désactivez l'e-mail par `notify-users: never`.",
  'is missing, and notify-users is always; expected: the mail server':
    'manquant, alors que notify-users vaut always ; attendu : le serveur de messagerie',
  'Type `smtp-url: ${{ secrets.SMTP_URL }}` in the `with:` of the step (`gh secret list` shows what is stored), {0}': // biome-ignore lint/suspicious/noTemplateCurlyInString: the expression is to be typed
    'Écrivez `smtp-url: ${{ secrets.SMTP_URL }}` dans le `with:` du step (`gh secret list` montre ce qui est enregistré), {0}',
  'is missing, and {0}; expected: who gets the mail': "manquant, alors que {0} ; attendu : qui reçoit l'e-mail",
  'Add `messages: { users: [users@example.com] }` to the config file, {0}':
    'Ajoutez `messages: { users: [users@example.com] }` au fichier de configuration, {0}',
  'is missing, and {0}; expected: the address of the sender':
    "manquant, alors que {0} ; attendu : l'adresse de l'expéditeur",
  'Add `messages: { from: ops@example.com }` to the config file, {0}':
    'Ajoutez `messages: { from: ops@example.com }` au fichier de configuration, {0}',
  // config/monitoring
  'https://HOST, with its path prefix where there is one': "https://HOST, avec son préfixe de chemin s'il y en a un",
  'allowed: a number': 'valeurs possibles : un nombre',
  'a name': 'un nom',
  'a PromQL query in one line': 'une requête PromQL sur une ligne',
  'allowed: a number above 0': 'valeurs possibles : un nombre supérieur à 0',
  'allowed: a query with at least one of min, max, max-ratio':
    "valeurs possibles : une requête avec au moins l'un de min, max, max-ratio",
  'allowed: a list of maps with name, query': "valeurs possibles : une liste d'objets avec name, query",
  'NAME=VALUE, NAME!=VALUE, NAME=~REGEX or NAME!~REGEX': 'NAME=VALUE, NAME!=VALUE, NAME=~REGEX ou NAME!~REGEX',
  'allowed: a list of matchers': 'valeurs possibles : une liste de matchers',
  'allowed: at least one matcher': 'permis : au moins un matcher',
  'all of them match alerts without any of these labels; expected: at least one that names a value':
    'tous correspondent à des alertes sans aucun de ces labels ; attendu : au moins un qui indique une valeur',
  'has two queries of the name {0}; allowed: each name once':
    'deux requêtes y portent le nom {0} ; permis : chaque nom une fois',
  'Call one of them something else: the report tells them apart by their names.':
    "Donnez un autre nom à l'une d'elles : le rapport les distingue par leurs noms.",
  // config/names
  'lower-case letters, digits and "-", beginning and ending with a letter or digit':
    'lettres minuscules, chiffres et "-", avec une lettre ou un chiffre au début et à la fin',
  'lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit':
    'lettres minuscules, chiffres, "-" et ".", avec une lettre ou un chiffre au début et à la fin',
  'kind/name, for example deployment/web': 'kind/name, par exemple deployment/web',
  'kind/name with the kind deployment, statefulset or daemonset (deploy, sts, ds)':
    'kind/name avec comme kind deployment, statefulset ou daemonset (deploy, sts, ds)',
  'kind/name with the name in {0}': 'kind/name avec un nom fait de {0}',
  // config/rules
  'is missing; allowed: the namespace of the application': "manquant ; attendu : le namespace de l'application",
  'Type `namespace: NAME` in the `with:` of the step or in {0} (`kubectl get namespaces` lists the names). If the file exists, check the repository out before this step.':
    'Écrivez `namespace: NAME` dans le `with:` du step ou dans {0} (`kubectl get namespaces` liste les noms). Si le fichier existe, faites le checkout du dépôt avant ce step.',
  'stands beside workloads; allowed: one of the two': "donné en même temps que workloads ; permis : l'un des deux",
  'Keep workloads or selector, not both.': 'Gardez workloads ou selector, pas les deux.',
  '{0}: neither workloads nor a selector was given; expected: what to roll back':
    "{0} : ni workloads ni selector n'est donné ; attendu : ce qui doit revenir en arrière",
  'Run this step once with `mode: plan`: it lists what is in namespace {0} and prints a ready {1}. By hand: kubectl get deployments,statefulsets,daemonsets -n {2}':
    "Exécutez ce step une fois avec `mode: plan` : il liste ce qui est dans le namespace {0} et affiche un {1} prêt à l'emploi. À la main : kubectl get deployments,statefulsets,daemonsets -n {2}",
  'saw {0}, which is not in workloads; allowed: {1}':
    "lu : {0}, qui n'est pas dans workloads ; valeurs possibles : {1}",
  'Add {0} to workloads, or take its line out.': 'Ajoutez {0} à workloads, ou retirez sa ligne.',
  'saw {0}, which only mode undo takes back': 'lu : {0}, que seul le mode undo peut défaire',
  'Add `mode: undo`, or take run out.': 'Ajoutez `mode: undo`, ou retirez run.',
  'stands beside mode undo, which goes back to what ran before the rollback':
    'donné avec le mode undo, qui revient à ce qui tournait avant le rollback',
  'Take to out. A release of your choice is reached by `mode: rollback`.':
    'Retirez to. Pour aller à une version de votre choix : `mode: rollback`.',
  'saw {0}; allowed: 1s to 24h': 'lu : {0} ; permis : de 1s à 24h',
  'Type for example `timeout: 5m`.': 'Écrivez par exemple `timeout: 5m`.',
  'saw {0}; allowed: less than the timeout, which is {1}': 'lu : {0} ; permis : moins que le timeout, qui est de {1}',
  'Type a longer `timeout` or a shorter `stable-for`.': 'Donnez un `timeout` plus long ou un `stable-for` plus court.',
  'stands beside health; allowed: one of the two': "donné en même temps que health ; permis : l'un des deux",
  'Move the URLs into health.': 'Déplacez les URL dans health.',
  'saw {0}{1}': 'lu : {0}{1}',
  '; not available yet; available: {0}': ' ; pas encore disponible ; disponibles : {0}',
  'Take {0} out.': 'Retirez {0}.',
  'Type {0}.': 'Écrivez {0}.',
  '; allowed: {0}': ' ; valeurs possibles : {0}',
  '; did you mean "{0}"? allowed: {1}': ' ; vouliez-vous dire "{0}" ? valeurs possibles : {1}',
  ', which is no step of tier {0}; allowed: {1}': ", qui n'est pas une étape du palier {0} ; valeurs possibles : {1}",
  'Take {0} out, or choose another tier.': 'Retirez {0}, ou choisissez un autre palier.',
  ', which steps asks for; allowed: one of the two': ", que steps demande ; permis : l'un des deux",
  'Take {0} out of one of them.': "Retirez {0} de l'un d'eux.",
  // config/schema
  'a path': 'un chemin',
  'the name of a context': "le nom d'un contexte",
  'the UID of the namespace kube-system, like 0c9a2f6e-4b1d-4c55-9a51-0d9f3c1f7a10':
    "l'UID du namespace kube-system, comme 0c9a2f6e-4b1d-4c55-9a51-0d9f3c1f7a10",
  'the name of a run as the output `run` and the report have it, for example 4711-1-0a1b2c':
    "le nom d'une exécution tel que dans la sortie `run` et le rapport, par exemple 4711-1-0a1b2c",
  'a reason in one line': 'une raison sur une ligne',
  'allowed: an SQL query': 'valeurs possibles : une requête SQL',
  'allowed: a list of {0}, at least one': 'valeurs possibles : une liste ({0}), au moins un élément',
  'allowed: a path inside of the workspace': "valeurs possibles : un chemin à l'intérieur du workspace",
  'the name of a migration': "le nom d'une migration",
  '{0}, at most 63 bytes': '{0}, 63 octets au plus',
  'the name of the database': 'le nom de la base',
  'SQL queries': 'requêtes SQL',
  'the name of a column': "le nom d'une colonne",
  'a key of a Secret: letters, digits, ".", "_" and "-"': 'une clé de Secret : lettres, chiffres, ".", "_" et "-"',
  'the name of an environment variable that holds the value (never the value itself)':
    "le nom d'une variable d'environnement qui contient la valeur (jamais la valeur elle-même)",
  'allowed: keys, each with the name of an environment variable':
    "valeurs possibles : des clés, chacune avec le nom d'une variable d'environnement",
  'allowed: at least one key': 'permis : au moins une clé',
  'the key of a flag': "la clé d'un drapeau",
  flags: 'drapeaux',
  'a phone number or an address': 'un numéro de téléphone ou une adresse',
  'job/NAME, pod/NAME or pvc/NAME': 'job/NAME, pod/NAME ou pvc/NAME',
  'KIND/NAME, for example ClusterRole/web-reader': 'KIND/NAME, par exemple ClusterRole/web-reader',
  'the file name of a workflow, for example deploy.yml': "le nom de fichier d'un workflow, par exemple deploy.yml",
  'file names of workflows': 'noms de fichiers de workflows',
  // config/secrets
  'saw {0} twice; allowed: each Secret once': 'lu : {0} deux fois ; permis : chaque Secret une fois',
  'Put all its keys together.': 'Mettez toutes ses clés ensemble.',
  'variable {0}: is not set or empty; expected: the value for key {1} of Secret {2}':
    'variable {0} : non définie ou vide ; attendu : la valeur de la clé {1} du Secret {2}',
  'Pass it by `env: { {0}: "${{ secrets.{1} }}" }` of the step, or as a line {2}=VALUE of the input secret-values. Is the secret stored for this environment? gh secret list --env ENVIRONMENT': // biome-ignore lint/suspicious/noTemplateCurlyInString: the expression is to be typed
    'Passez-la par `env: { {0}: "${{ secrets.{1} }}" }` du step, ou comme ligne {2}=VALUE de l\'entrée secret-values. Le secret est-il enregistré pour cet environnement ? gh secret list --env ENVIRONMENT',
  // config/sources
  'stands in the input `kubeconfig` only, from a secret; if a real one stood here, replace it in the cluster too':
    "se donne seulement par l'entrée `kubeconfig`, depuis un secret ; si un vrai kubeconfig était ici, remplacez-le aussi dans le cluster",
  'stands in the input `github-token` only, from a secret; if a real one stood here, revoke it on GitHub too':
    "se donne seulement par l'entrée `github-token`, depuis un secret ; si un vrai jeton était ici, révoquez-le aussi sur GitHub",
  'stands in the input `database-url` only, from a secret; if a real one stood here, change the password in the database too':
    "se donne seulement par l'entrée `database-url`, depuis un secret ; si une vraie URL était ici, changez aussi le mot de passe dans la base",
  'stands in the input `secret-values` only, from a secret; if real values stood here, replace them where they serve too':
    "se donne seulement par l'entrée `secret-values`, depuis un secret ; si de vraies valeurs étaient ici, remplacez-les aussi là où elles servent",
  'stands in the input `slack-webhook-url` only, from a secret; if a real one stood here, make a new webhook too':
    "se donne seulement par l'entrée `slack-webhook-url`, depuis un secret ; si une vraie URL était ici, créez aussi un nouveau webhook",
  'stands in the input `smtp-url` only, from a secret; if a real one stood here, change the password at the mail server too':
    "se donne seulement par l'entrée `smtp-url`, depuis un secret ; si une vraie URL était ici, changez aussi le mot de passe sur le serveur de messagerie",
  'stands in the input `config` only': "se donne seulement par l'entrée `config`",
  'stands in the input `allow-untrusted-events` only: this file may come from the event itself':
    "se donne seulement par l'entrée `allow-untrusted-events` : ce fichier peut venir de l'événement lui-même",
  'Correct it in {0}.': 'Corrigez dans {0}.',
};
