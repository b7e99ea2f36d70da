import type { Translations } from '../../../core/tr.ts';

export const DUMPS: Translations = {
  // src/core/database/address.ts
  'it names no user': "aucun utilisateur n'y est indiqué",
  '{0}, or PGUSER.': '{0}, ou PGUSER.',
  'it names no database': "aucune base n'y est indiquée",
  '{0}, or PGDATABASE.': '{0}, ou PGDATABASE.',
  'it names several hosts': 'plusieurs hôtes y sont indiqués',
  'Name the primary alone.': 'Indiquez seulement le serveur primaire.',
  'its port is not a port': "le port n'est pas valide",
  'The usual one is 5432.': "D'habitude, c'est 5432.",
  'sslmode "{0}" is unknown': 'sslmode "{0}" est inconnu',
  'Known: {0}.': 'Valeurs possibles : {0}.',
  'its host names no Service of the namespace': "l'hôte n'y désigne aucun Service du namespace",
  'Write it as service/NAME:PORT, the port as a number.':
    'Écrivez-le sous la forme service/NAME:PORT, le port en chiffres.',
  'it is no URL of a PostgreSQL database': "ce n'est pas l'URL d'une base PostgreSQL",
  '{0}; special characters of the password as %XX.': '{0}; les caractères spéciaux du mot de passe sous la forme %XX.',
  'its parameter {0} is not supported': "le paramètre {0} n'est pas pris en charge",
  'Supported: {0}.': 'Pris en charge : {0}.',
  'it holds a % that is no escape': "un % y est présent sans être une séquence d'échappement",
  'Write % as %25.': 'Écrivez % sous la forme %25.',
  'The address of the database cannot be used: ': "L'adresse de la base est inutilisable : ",

  // src/core/database/backup-choice.ts
  'there is no backup': "il n'y a aucun backup",
  'Look at backup-path, or set backup-command.': 'Vérifiez backup-path, ou définissez backup-command.',
  'made {0}, after the bad release of {1}': 'fait le {0}, après la mauvaise version du {1}',
  'its time {0} lies in the future': 'daté du futur ({0})',
  'no backup predates the bad release: {0}': "aucun backup n'est antérieur à la mauvaise version : {0}",
  'no backup predates the bad release of {0}: {1}': "aucun backup n'est antérieur à la mauvaise version du {0} : {1}",
  'Name an older backup with backup-path. If one of these was made before the release and only copied later, restore its time: touch -d TIME FILE':
    "Indiquez un backup plus ancien avec backup-path. Si l'un de ceux-ci a été fait avant la version et seulement copié après, rétablissez sa date : touch -d TIME FILE",
  'the age of {0} is not known, and max-backup-age is set':
    "l'âge de {0} n'est pas connu, et max-backup-age est défini",
  'Name a place that tells when the backup was made, or leave max-backup-age out.':
    'Indiquez un emplacement qui dit quand le backup a été fait, ou retirez max-backup-age.',
  '{0} is {1} old; at most {2} are allowed: {3}': "{0} date d'il y a {1} ; l'âge permis est de {2} au plus : {3}",
  'Raise max-backup-age, if that much data may be given up, or name another backup.':
    'Augmentez max-backup-age, si autant de données peuvent être abandonnées, ou indiquez un autre backup.',
  'older than {0}': 'plus ancien que {0}',
  'it is not known when these were made: {0}': 'on ne sait pas quand ceux-ci ont été faits : {0}',
  'several backups are equally new: {0}': 'plusieurs backups sont aussi récents : {0}',
  'Name one: backup-path: {0}': 'Indiquez-en un : backup-path: {0}',
  '{0} has {1} in its name, and was written {2}: which of the two is true is not known':
    '{0} a {1} dans son nom, et a été écrit le {2} : on ne sait pas laquelle des deux dates est vraie',
  'If the name is right: touch -d {0} FILE. If the time is right, give the file another name.':
    'Si le nom est juste : touch -d {0} FILE. Si la date du fichier est juste, donnez-lui un autre nom.',
  '{0} names a time after the bad release of {1}': '{0} porte une date postérieure à la mauvaise version du {1}',
  'Name an older backup with backup-path.': 'Indiquez un backup plus ancien avec backup-path.',
  'time unknown': 'date inconnue',
  ' and {0} more': ' et {0} de plus',
  '{0} d': '{0} j',

  // src/core/database/dump-faults.ts
  'Take another backup.': 'Prenez un autre backup.',
  'Take a backup of one database without -C (--create): pg_dump DATABASE > FILE.':
    "Faites un backup d'une seule base, sans -C (--create) : pg_dump DATABASE > FILE.",
  'the file is empty': 'le fichier est vide',
  'the file begins with a byte-order mark: something rewrote it after pg_dump':
    "le fichier commence par une marque d'ordre des octets (BOM) : quelque chose l'a réécrit après pg_dump",
  'Let pg_dump write the file itself (pg_dump -f FILE), not the redirection of PowerShell.':
    'Laissez pg_dump écrire lui-même le fichier (pg_dump -f FILE), et non la redirection de PowerShell.',
  'lines end in CR LF: the file went through a text conversion, which also changes texts in the rows':
    'les lignes finissent par CR LF : le fichier a subi une conversion de texte, qui modifie aussi les textes des lignes de données',
  'Take the file again in binary mode, or let pg_dump write it itself (pg_dump -f FILE).':
    "Transférez de nouveau le fichier en mode binaire, ou laissez pg_dump l'écrire lui-même (pg_dump -f FILE).",
  'a zero byte stands in the text': 'le texte contient un octet nul',
  'what stands there is not SQL': "ce qui s'y trouve n'est pas du SQL",
  'the statement is not valid UTF-8': "l'instruction n'est pas de l'UTF-8 valide",
  'the statement is longer than any that is loaded (64 MiB)':
    "l'instruction dépasse la plus longue qui puisse être chargée (64 Mio)",
  'A quote may be left open there; if the statement is meant so, dump without --inserts.':
    "Un guillemet y est peut-être resté ouvert; si l'instruction est bien voulue ainsi, faites le dump sans --inserts.",
  'a row begins like the end of the rows': 'une ligne de données commence comme la fin des données',
  'Take another backup. pg_dump writes no such row.': "Prenez un autre backup. pg_dump n'écrit pas de telle ligne.",
  'the text does not begin as pg_dump begins one ("-- PostgreSQL database dump")':
    'le texte ne commence pas comme un dump de pg_dump ("-- PostgreSQL database dump")',
  'Name a file that pg_dump wrote.': 'Indiquez un fichier écrit par pg_dump.',
  'the statement has letters in another encoding than UTF-8':
    "l'instruction contient des lettres dans un autre encodage que UTF-8",
  'Take the backup again: pg_dump --encoding=UTF8.': 'Refaites le backup : pg_dump --encoding=UTF8.',
  'COPY FROM stdin has options, which pg_dump does not write':
    "COPY FROM stdin a des options, ce que pg_dump n'écrit pas",
  'Take the backup with pg_dump.': 'Faites le backup avec pg_dump.',
  'this is a dump of a whole server (pg_dumpall)': "c'est le dump d'un serveur entier (pg_dumpall)",
  'it goes over to another database: the dump was made with --create, or of a whole server':
    "il passe à une autre base : le dump a été fait avec --create, ou c'est celui d'un serveur entier",
  'more follows after the end of the dump': 'il y a une suite après la fin du dump',
  'One file must hold one dump of one database; take them apart.':
    "Un fichier doit contenir un seul dump d'une seule base; séparez-les.",
  'a second dump follows after the first': 'un second dump suit le premier',
  'the text ends too early: {0}': 'le texte finit trop tôt : {0}',
  'Take another backup; this one was cut off.': 'Prenez un autre backup; celui-ci a été coupé.',
  '{0} stands the psql command {1}, which no dump of one database needs':
    "{0} se trouve la commande psql {1}, dont le dump d'une seule base n'a jamais besoin",
  'Do not use this file before somebody has found out who wrote that line.':
    "N'utilisez pas ce fichier avant qu'on ait trouvé qui a écrit cette ligne.",
  'it changes standard_conforming_strings, and with it where strings end':
    "l'instruction change standard_conforming_strings, et donc l'endroit où finissent les chaînes",
  "Take the backup again: PGOPTIONS='-c standard_conforming_strings=on' pg_dump ...":
    "Refaites le backup : PGOPTIONS='-c standard_conforming_strings=on' pg_dump ...",
  'it sets the encoding in an unusual way, in which the text cannot be read safely':
    "l'instruction fixe l'encodage d'une façon inhabituelle, avec laquelle le texte ne peut pas être lu de façon sûre",
  'it sets the encoding {0}, in which the text cannot be read safely':
    "l'instruction fixe l'encodage {0}, dans lequel le texte ne peut pas être lu de façon sûre",

  // src/core/database/dump-lexer.ts
  'in the rows of {0}, after {1} complete rows': 'dans les lignes de {0}, après {1} lignes complètes',
  'within the statement of line {0}': "dans l'instruction de la ligne {0}",
  'within {0} of the statement of line {1}': "dans {0} de l'instruction de la ligne {1}",
  'the line "PostgreSQL database dump complete" is missing':
    'la ligne "PostgreSQL database dump complete" est manquante',
  'its last line, \\unrestrict, is missing': 'sa dernière ligne, \\unrestrict, est manquante',
  'within a line that begins with a backslash': 'dans une ligne qui commence par une barre oblique inverse',
  'from line {0}': 'à partir de la ligne {0}',
  'in line {0}': 'à la ligne {0}',
  '{0}: {1} (line {2}, byte {3})': '{0} : {1} (ligne {2}, octet {3})',

  // src/core/database/dump-proof.ts
  'line {0}: {1}': 'ligne {0} : {1}',
  '{0} has {1} statement(s) that reach beyond the database: {2}{3}':
    '{0} contient {1} instruction(s) qui agissent au-delà de la base : {2}{3}',
  '; and {0} more': '; et {0} de plus',
  'Read these lines. If they are meant so, allow them with `allow-unsafe-dump: true`, and load with a login that is no superuser.':
    "Lisez ces lignes. Si elles sont voulues, autorisez-les avec `allow-unsafe-dump: true`, et chargez avec un compte qui n'est pas superutilisateur.",
  '{0} holds rows and creates no table (pg_dump --data-only)':
    '{0} contient des lignes et ne crée aucune table (pg_dump --data-only)',
  '{0} creates no table ({1} statements)': '{0} ne crée aucune table ({1} instructions)',
  'Name the backup of the whole database (pg_dump without -a).':
    'Indiquez le backup de la base entière (pg_dump sans -a).',
  '{0} creates {1} table(s) and holds the rows of none (pg_dump --schema-only)':
    "{0} crée {1} table(s) et ne contient les lignes d'aucune (pg_dump --schema-only)",
  'Name the backup of the whole database (pg_dump without -s).':
    'Indiquez le backup de la base entière (pg_dump sans -s).',
  '{0}: line {1} has {2} DATABASE: the dump was made with --create, or of a whole server':
    "{0} : la ligne {1} contient {2} DATABASE : le dump a été fait avec --create, ou c'est celui d'un serveur entier",
  'Take the backup again without -C (--create): pg_dump DATABASE > FILE.':
    'Refaites le backup sans -C (--create) : pg_dump DATABASE > FILE.',

  // src/core/database/dump-states.ts
  'a comment': 'un commentaire',
  'a string': 'une chaîne',
  'a quoted name': 'un nom entre guillemets',
  'a dollar-quoted text': 'un texte entre dollars ($$)',

  // src/core/database/dump-unsafe.ts
  '{0}, which pg_dump never writes': "{0}, que pg_dump n'écrit jamais",
  'DO (a block of code that runs at once)': 'DO (un bloc de code exécuté aussitôt)',
  'LOAD of a library': "LOAD d'une bibliothèque",
  'SELECT {0}, which pg_dump never writes': "SELECT {0}, que pg_dump n'écrit jamais",
  'a role of the server': 'un rôle du serveur',
  'a folder of the server': 'un dossier du serveur',
  'a connection to another server': 'une connexion à un autre serveur',
  'credentials for another server': 'des identifiants pour un autre serveur',
  'access to data outside of the database': 'un accès à des données hors de la base',
  'a table that lives elsewhere': 'une table qui se trouve ailleurs',
  'code that runs at each change of the schema': 'du code exécuté à chaque changement du schéma',
  'native code': 'du code natif',
  'a language of functions': 'un langage de fonctions',
  'CREATE TYPE {0} with native code': 'CREATE TYPE {0} avec du code natif',
  'CREATE {0} {1} in language {2}': 'CREATE {0} {1} en langage {2}',
  '{0} of the role {1}': '{0} du rôle {1}',
  '{0} on a parameter of the server': '{0} sur un paramètre du serveur',
  'COPY {0} a file of the server': 'COPY {0} un fichier du serveur',
  'COPY in a form that pg_dump never writes': "COPY sous une forme que pg_dump n'écrit jamais",
  'INSERT INTO {0} of computed values, which pg_dump never writes':
    "INSERT INTO {0} de valeurs calculées, que pg_dump n'écrit jamais",
  'a call of {0}': 'un appel de {0}',

  // src/core/database/price.ts
  '{0} ({1} now, {2} after, {3} given up)': '{0} ({1} maintenant, {2} ensuite, {3} abandonnées)',
  'and {0} more tables': 'et {0} autres tables',
};
