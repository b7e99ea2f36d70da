import type { Translations } from '../../../core/tr.ts';

export const BACKUP: Translations = {
  // src/adapters/backup/command.ts
  'backup-command cannot be started ({0})': "backup-command n'a pas pu démarrer ({0})",
  'backup-command ended with {0}': "backup-command s'est terminé avec {0}",
  'Run the command by hand where the runner runs; it must write the dump to its output and end with 0.':
    'Lancez la commande à la main sur la machine du runner ; elle doit écrire le dump sur sa sortie et finir avec 0.',

  // src/adapters/backup/decompress.ts
  '{0} is not {1}': "{0} n'est pas au format {1}",
  '{0} has garbage after the end of its {1} data': '{0} contient des octets parasites après la fin de ses données {1}',
  '{0} is damaged {1} data ({2})': '{0} contient des données {1} endommagées ({2})',
  'Take another backup; this file was cut off or damaged.':
    'Prenez un autre backup ; ce fichier a été coupé ou endommagé.',

  // src/adapters/backup/directory-archive.ts
  '{0} has {1}, which is no ordinary file': "{0} contient {1}, qui n'est pas un fichier ordinaire",
  'Find out who put that there; pg_dump writes only ordinary files into the folder of an archive.':
    "Trouvez qui y a mis cela; dans le dossier d'une archive, pg_dump n'écrit que des fichiers ordinaires.",

  // src/adapters/backup/download.ts
  'the address in backup-path': "l'adresse dans backup-path",
  '{0} answers 404': '{0} répond 404',
  'Look whether the backup was uploaded.': 'Vérifiez que le backup a bien été envoyé à cet endroit.',
  '{0} answers {1}': '{0} répond {1}',
  'A signed address may have expired; make a new one.':
    'Une adresse signée a peut-être expiré ; créez-en une nouvelle.',
  '{0} ended after {1} of {2} bytes': "{0} s'est arrêté après {1} octets sur {2}",
  '{0} cannot be fetched ({1})': '{0} : téléchargement impossible ({1})',
  'Look whether the runner reaches it.': 'Vérifiez que le runner peut y accéder.',
  '{0} is not https': "{0} n'est pas en https",
  'Use https, or name `http` in allow-insecure.': 'Utilisez https, ou indiquez `http` dans allow-insecure.',
  '{0} redirects to another host ({1})': '{0} redirige vers un autre hôte ({1})',
  'Name the final address itself.': "Indiquez directement l'adresse finale.",
  '{0} redirects in a circle': '{0} redirige en boucle',

  // src/adapters/backup/held-file.ts
  'it was replaced after it had been found': 'le fichier a été remplacé après avoir été trouvé',
  'it was written to while it was read': 'quelque chose y a écrit pendant la lecture',
  'unknown error': 'erreur inconnue',
  '{0} cannot be read ({1})': '{0} ne peut pas être lu ({1})',
  'Give the user of the runner the right to read it.': "Donnez à l'utilisateur du runner le droit de le lire.",

  // src/adapters/backup/index.ts
  'the output of backup-command': 'la sortie de backup-command',
  'no backup is configured': "aucun backup n'est configuré",
  'Set backup-path or backup-command.': 'Définissez backup-path ou backup-command.',
  '{0} is no file of a pod': "{0} ne désigne pas un fichier d'un pod",
  'Write it as pod:NAME:/path/in/the/pod.': 'Écrivez-le sous la forme pod:NAME:/path/in/the/pod.',
  '{0} has SHA-256 {1}; expected {2} ({3})': '{0} a le SHA-256 {1} ; attendu : {2} ({3})',
  'its .sha256 file': 'son fichier .sha256',
  'It is another file, or was damaged on its way: take another backup.':
    "C'est un autre fichier, ou il a été endommagé en route : prenez un autre backup.",
  '{0} has SHA-256 {1} now, and had {2} when it was proven':
    '{0} a maintenant le SHA-256 {1}, et avait {2} quand son intégrité a été prouvée',
  '{0} is {1}': '{0} est {1}',
  'an archive of pg_dump, compressed once more': 'une archive de pg_dump, compressée une fois de plus',
  'Unpack it first (gunzip, unzstd).': "Décompressez-le d'abord (gunzip, unzstd).",
  '{0} was written to while it was read': 'quelque chose a écrit dans {0} pendant sa lecture',

  // src/adapters/backup/magic.ts
  'a zip file': 'un fichier zip',
  'Unpack it first.': "Décompressez-le d'abord.",
  'bzip2 data': 'au format bzip2',
  'Unpack it first (bunzip2), or compress with gzip or zstd.':
    "Décompressez-le d'abord (bunzip2), ou compressez avec gzip ou zstd.",
  'xz data': 'au format xz',
  'Unpack it first (unxz), or compress with gzip or zstd.':
    "Décompressez-le d'abord (unxz), ou compressez avec gzip ou zstd.",
  'lz4 data': 'au format lz4',
  'Unpack it first (lz4 -d), or compress with gzip or zstd.':
    "Décompressez-le d'abord (lz4 -d), ou compressez avec gzip ou zstd.",
  'encrypted by openssl': 'chiffré par openssl',
  'Decrypt it with `backup-command`.': 'Déchiffrez-le avec `backup-command`.',
  'encrypted by age': 'chiffré par age',
  'encrypted by PGP': 'chiffré par PGP',
  'a SQLite database': 'une base SQLite',
  'a web page': 'une page web',
  'The address needs a login, or is not that of the file itself.':
    "L'adresse demande une authentification, ou n'est pas celle du fichier lui-même.",
  'a dump of MySQL or MariaDB': 'un dump de MySQL ou MariaDB',
  'a pointer of Git LFS': 'un pointeur Git LFS',
  'Check out with `lfs: true`.': 'Faites le checkout avec `lfs: true`.',

  // src/adapters/backup/pg-restore.ts
  'the backup is an archive, and pg_restore does not run on this runner ({0})':
    'le backup est une archive, et pg_restore ne fonctionne pas sur ce runner ({0})',
  'Install the PostgreSQL client programs, or take plain backups: pg_dump --format=plain.':
    'Installez les programmes clients de PostgreSQL, ou faites des backups en texte : pg_dump --format=plain',
  'pg_restore {0} runs code from a crafted archive (CVE-2026-116314); expected 14.25, 15.20, 16.16, 17.12, 18.7 or newer':
    "pg_restore {0} exécute le code d'une archive piégée (CVE-2026-116314) ; attendu : 14.25, 15.20, 16.16, 17.12, 18.7 ou plus récent",
  'of unknown version': 'de version inconnue',
  'Update the PostgreSQL client programs, or take plain backups: pg_dump --format=plain.':
    'Mettez à jour les programmes clients de PostgreSQL, ou faites des backups en texte : pg_dump --format=plain',
  'The archive was made by a newer pg_dump: install the client programs of that major.':
    "L'archive vient d'un pg_dump plus récent : installez les programmes clients de cette version majeure.",
  '{0} is not a complete archive: {1}': "{0} n'est pas une archive complète : {1}",
  'pg_restore ended with {0}': "pg_restore s'est terminé avec {0}",

  // src/adapters/backup/place.ts
  '{0} is a link to {1}, out of {2}': '{0} est un lien vers {1}, hors de {2}',
  'Name that file itself, if it is meant: {0}': "Indiquez directement ce fichier, si c'est bien lui : {0}",
  '{0}.sha256 has no SHA-256 of {1}': '{0}.sha256 ne contient pas de SHA-256 de {1}',
  'Write it as sha256sum does: sha256sum {0} > {1}.sha256':
    'Écrivez-le comme le fait sha256sum : sha256sum {0} > {1}.sha256',
  'nothing matches {0} ({1})': 'rien ne correspond à {0} ({1})',
  'in {0}': 'dans {0}',
  'there is no folder {0}': "le dossier {0} n'existe pas",
  'Look there on the runner: ls -l {0}. A hosted runner starts empty: fetch the backup first, or use backup-command.':
    "Regardez sur le runner : ls -l {0}. Un runner hébergé démarre vide : récupérez d'abord le backup, ou utilisez backup-command.",
  'It is taken relative to {0}. Is the backup fetched before this step?':
    'Le chemin est relatif à {0}. Le backup est-il récupéré avant cette étape ?',

  // src/adapters/backup/spool.ts
  "{0}: the runner's disk does not take it ({1})": '{0} : le disque du runner ne peut pas le recevoir ({1})',
  'Free space in RUNNER_TEMP, or use a runner with a larger disk.':
    'Libérez de la place dans RUNNER_TEMP, ou utilisez un runner avec un disque plus grand.',

  // src/adapters/backup/tar-structure.ts
  'before the end mark, after {0} members': 'avant la marque de fin, après {0} membres',
  '{0}: the header at byte {1} of the tar archive is damaged':
    "{0} : l'en-tête à l'octet {1} de l'archive tar est endommagé",
  'within member {0}': 'dans le membre {0}',
  '{0}: the tar archive ends too early: {1} (byte {2})': "{0} : l'archive tar finit trop tôt : {1} (octet {2})",
};
