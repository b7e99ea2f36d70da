import type { Translations } from '../../../core/tr.ts';

export const ADAPTERS: Translations = {
  // src/adapters/alertmanager.ts
  'JSON of another form than that of API v2': "du JSON d'une autre forme que celle de l'API v2",
  'The silence {0} is not one of this run: it was made by "{1}". It was not touched.':
    'Le silence {0} n\'est pas de cette exécution : il a été créé par "{1}". Il n\'a pas été touché.',
  'To look at it: `amtool silence query --id {0}`.': 'Pour le voir : `amtool silence query --id {0}`.',
  'there is no silence {0} any more that could be extended': "il n'y a plus de silence {0} à prolonger",

  // src/adapters/commands.ts
  'not started: the run was cancelled': "pas lancée : l'exécution a été annulée",
  'bash cannot be started ({0})': "bash n'a pas pu démarrer ({0})",

  // src/adapters/endpoint.ts
  'The address of {0} is not a URL that begins with http:// or https://.':
    "L'adresse de {0} n'est pas une URL qui commence par http:// ou https://.",
  'Give the address as a browser takes it, with the path prefix if there is one, e.g. https://monitoring.example.com/{0}.':
    "Donnez l'adresse comme dans un navigateur, avec le préfixe de chemin s'il y en a un, par exemple https://monitoring.example.com/{0}.",
  'the credentials are not accepted ({0})': 'identifiants refusés ({0})',
  'it redirects ({0}), which is not followed: a login, or another address':
    "redirection ({0}), qui n'est pas suivie : une page de connexion, ou une autre adresse",
  'an HTML page instead of JSON ({0}): a login, or a path prefix that the address lacks':
    "une page HTML au lieu de JSON ({0}) : une page de connexion, ou un préfixe de chemin manquant dans l'adresse",
  'it answered {0}': 'réponse {0}',
  'it answered {0} "{1}"': 'réponse {0} "{1}"',

  // src/adapters/http-exchange.ts
  'The run was cancelled.': "L'exécution a été annulée.",
  'Run again; running again is safe.': 'Relancez (sans risque).',
  'the answer is longer than {0} bytes': 'la réponse dépasse {0} octets',

  // src/adapters/http.ts
  'no answer within {0} ms': 'pas de réponse en {0} ms',
  'connection refused': 'connexion refusée',
  'the name does not resolve ({0})': 'le nom ne se résout pas ({0})',
  'connection reset': 'connexion coupée (reset)',
  'no connection in time': 'pas de connexion dans le temps prévu',
  'the certificate is not accepted ({0})': "le certificat n'est pas accepté ({0})",
  'no answer ({0})': 'pas de réponse ({0})',

  // src/adapters/manifests.ts
  '{0} has no file that ends with {1}': '{0} ne contient aucun fichier qui finit par {1}',
  'Name the folder that holds the manifests; folders in it are not looked into.':
    'Indiquez le dossier qui contient les manifestes ; ses sous-dossiers ne sont pas lus.',
  '{0} with it there are more than {1} bytes of manifests':
    '{0} : avec ce fichier, les manifestes dépassent {1} octets',
  'Name only the files of this application.': 'Indiquez seulement les fichiers de cette application.',
  '{0} has {1} objects; allowed: at most {2}': '{0} contient {1} objets ; permis : {2} au plus',
  '{0} has {1} files; allowed: at most {2}': '{0} contient {1} fichiers ; permis : {2} au plus',
  '{0} does not exist in the workspace': "{0} n'existe pas dans le workspace",
  'Check out the repository first (actions/checkout), then look: ls -l {0}':
    "Faites d'abord le checkout du dépôt (actions/checkout), puis regardez : ls -l {0}",
  '{0} leads out of the workspace': '{0} mène hors du workspace',
  'Put the manifests themselves there, not a link to them.': 'Mettez-y les manifestes eux-mêmes, pas un lien.',
  '{0}, document {1}': '{0}, document {1}',
  '{0} is not readable as YAML: {1}': "{0} n'est pas lisible comme YAML : {1}",
  'Correct it there. Merge keys, tags and doubled keys are not taken.':
    'Corrigez-le à cet endroit. Les clés de fusion (<<), les tags et les clés en double ne sont pas acceptés.',
  '{0} has {1} aliases; allowed: at most {2}': '{0} contient {1} alias ; permis : {2} au plus',
  'Write the values out.': 'Écrivez les valeurs en toutes lettres.',
  '{0} is no map': "{0} n'est pas un objet (map)",
  'A manifest begins with apiVersion and kind.': 'Un manifeste commence par apiVersion et kind.',
  '{0}, item {1}': '{0}, élément {1}',
  '{0} has no {1}': "{0} n'a pas de {1}",
  'A manifest names its object by apiVersion, kind and metadata.name (generateName makes a new one each time).':
    'Un manifeste désigne son objet par apiVersion, kind et metadata.name (generateName en crée un nouveau à chaque fois).',
  'nested too deeply': "trop de niveaux d'imbrication",
  'Correct it there.': 'Corrigez-le à cet endroit.',

  // src/adapters/monitoring.ts
  '{0} at {1} gave no usable answer: {2}.': "{0} ({1}) n'a pas donné de réponse exploitable : {2}.",
  "Try it from the runner: `curl -sS '{0}{1}'`, with the same credentials.":
    "Essayez depuis le runner : `curl -sS '{0}{1}'`, avec les mêmes identifiants.",

  // src/adapters/program-version.ts
  'it said nothing within {0} s': "il n'a rien dit en {0} s",

  // src/adapters/prometheus.ts
  'JSON of another form than that of /api/v1/query': "du JSON d'une autre forme que celle de /api/v1/query",
  'its result is a histogram': 'son résultat est un histogramme',
  'its result is a {0}, where a vector or a scalar was expected':
    'son résultat est de type {0} ; attendu : vector ou scalar',
  'The metrics query `{0}` cannot be used: {1}.': 'La requête de métriques `{0}` est inutilisable : {1}.',
  'Type it into the "Query" page of Prometheus, mend it there, and put it into the config file.':
    'Saisissez-la dans la page "Query" de Prometheus, corrigez-la, puis reportez-la dans le fichier de configuration.',

  // src/adapters/signals.ts
  'Run again: it goes on from what the cluster shows': "Relancez : l'exécution reprend d'après l'état du cluster",
  'the run was cancelled ({0})': "l'exécution a été annulée ({0})",

  // src/adapters/slack.ts
  'The webhook of the chat is not a URL.': "Le webhook du chat n'est pas une URL.",
  'Slack shows it under "Incoming Webhooks" of the app: it begins with https://. Set it as a secret of the repository.':
    'Slack l\'affiche dans "Incoming Webhooks" de l\'application : il commence par https://. Définissez-le comme secret du dépôt.',
  '{0}; it may have arrived': '{0} ; il est peut-être arrivé',
  'it answered {0} with an HTML page': 'réponse {0} avec une page HTML',
  'it redirects ({0}), which is not followed': "redirection ({0}), qui n'est pas suivie",
  'it answered {0} {1}': 'réponse {0} {1}',
  'The message to the chat was not delivered: {0}.': "Le message n'a pas été remis au chat : {0}.",
  'Tell the team by hand. To try the webhook: `curl -d \'{"text":"test"}\' -H \'content-type: application/json\' "$SLACK_WEBHOOK_URL"`.':
    'Prévenez l\'équipe à la main. Pour essayer le webhook : `curl -d \'{"text":"test"}\' -H \'content-type: application/json\' "$SLACK_WEBHOOK_URL"`.',

  // src/adapters/smtp.ts
  'The sender of the mail is not a mail address {0}.': "L'expéditeur du mail n'est pas une adresse mail {0}.",
  'A recipient of the mail is not a mail address {0}.': "Un destinataire du mail n'est pas une adresse mail {0}.",
  'all {0} recipients were refused': 'les {0} destinataires ont tous été refusés',
  'no answer in time': 'pas de réponse dans le temps prévu',
  'the server answered {0}: user or password is not accepted':
    'le serveur a répondu {0} : utilisateur ou mot de passe refusé',
  'the server answered {0}': 'le serveur a répondu {0}',
  "the server's certificate is for another name": 'le certificat du serveur est pour un autre nom',
  "the server's certificate is not accepted": "le certificat du serveur n'est pas accepté",
  'the server offers no TLS (STARTTLS), which is required':
    "le serveur n'offre pas de TLS (STARTTLS), qui est obligatoire",
  'the server does not speak TLS on this port: port 587 is smtp://, port 465 is smtps://':
    'le serveur ne parle pas TLS sur ce port : le port 587 est smtp://, le port 465 est smtps://',
  'the name does not resolve': 'le nom ne se résout pas',
  'user or password is not accepted': 'utilisateur ou mot de passe refusé',
  'no usable answer ({0})': 'pas de réponse exploitable ({0})',
  'no usable answer': 'pas de réponse exploitable',
  'The mail has no recipient.': "Le mail n'a pas de destinataire.",
  '(number {0} of {1})': '(numéro {0} sur {1})',
  'Give addresses alone, as `ops@example.com`, one per entry, without names and without quotes.':
    'Donnez seulement des adresses, comme `ops@example.com`, une par entrée, sans noms ni guillemets.',
  '{0} Before that it was taken for {1} of {2} recipients.':
    '{0} Avant cela, il a été accepté pour {1} destinataires sur {2}.',
  'The mail was not delivered by {0}:{1}: {2}.': "Le mail n'a pas été remis par {0}:{1} : {2}.",
  'Tell the users by hand. To look at the server: `openssl s_client -connect {0}:{1}{2}`.':
    'Prévenez les utilisateurs à la main. Pour examiner le serveur : `openssl s_client -connect {0}:{1}{2}`.',

  // src/adapters/github
  'it answered {0}, "{1}"': 'réponse {0}, "{1}"',
  'the answer is not one of GitHub': 'la réponse ne vient pas de GitHub',
  '{0} is there and is no file': "{0} existe et n'est pas un fichier",
  'the issue was made and is not shown': "l'issue a été créée et n'apparaît pas",
  'there is no token': "il n'y a pas de jeton",
  'the repository is not known': "le dépôt n'est pas connu",
  'The post-mortem was not looked for': "Le post-mortem n'a pas été cherché",
  'The post-mortem was not written': "Le post-mortem n'a pas été écrit",
  'The deployment was not recorded': "Le déploiement n'a pas été enregistré",
  'The record of the rollback was not committed': "Le compte rendu du rollback n'a pas été commité",
  '{0}: {1}.': '{0} : {1}.',
  '{0}: GitHub refused, {1}.': '{0} : GitHub a refusé, {1}.',
  'Give `github-token` a token that is valid; left out, it is that of the job (`github.token`).':
    "Donnez à `github-token` un jeton valide ; s'il est omis, c'est celui du job (`github.token`).",
  'Switch issues on in the settings of the repository, or leave the post-mortem out.':
    'Activez les issues dans les paramètres du dépôt, ou omettez le post-mortem.',
  'Make the branch, then run again; running again is safe: git push origin HEAD:refs/heads/BRANCH':
    'Créez la branche, puis relancez ; relancer est sans risque : git push origin HEAD:refs/heads/BRANCH',
  'Name a branch that may be pushed to, or let the token bypass the rule.':
    'Indiquez une branche où le push est permis, ou autorisez le jeton à contourner la règle.',
  'Name a commit that was pushed to this repository.': 'Indiquez un commit présent dans ce dépôt (déjà poussé).',
  'Run again later; running again is safe, and makes no second record.':
    'Relancez plus tard ; relancer est sans risque, et ne crée pas de doublon.',
  'Correct what the message names, then run again; running again makes no second record.':
    'Corrigez ce que le message indique, puis relancez ; relancer ne crée pas de doublon.',
  '{0}: the token lacks "{1}" ({2}).': '{0} : il manque "{1}" au jeton ({2}).',
  'Add this to the job, beside the permissions that it has (other tokens: the same permission), then run again:\npermissions:\n  {0}':
    "Ajoutez ceci au job, à côté des permissions qu'il a déjà (autre jeton : la même permission), puis relancez :\npermissions:\n  {0}",
};
