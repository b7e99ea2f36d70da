import type { Translations } from '../../../core/tr.ts';

export const DATABASE_STEPS: Translations = {
  // backup-database
  'database {0}: pg_dump into {1}': 'base {0} : pg_dump dans {1}',
  'read whole after it was written: {0} bytes, SHA-256 {1}': 'relu en entier après écriture : {0} octets, SHA-256 {1}',
  'a complete dump of the live database': 'un dump complet de la base en service',
  'no dump was made in {0}': "aucun dump n'a été fait dans {0}",
  'Run again (safe).': 'Relancez (sans risque).',
  'database {0}': 'base {0}',
  'OID {0}, kept on the same server: not a disaster backup':
    "OID {0}, conservée sur le même serveur : ce n'est pas une sauvegarde de secours",
  // rollback-migrations
  'newest migration of {0}': 'dernière migration de {0}',
  'not known': 'inconnue',
  'as the target release knows it': 'celle que connaît la version cible',
  'as it was before the rollback': "celle d'avant le rollback",
  'as the backup has it': 'celle du backup',
  'as the target release was verified with': 'celle avec laquelle la version cible a été vérifiée',
  'Add `tool` or `head` to database.migrations, so that the head itself is compared. By hand, where DATABASE_URL is set: {0}':
    'Ajoutez `tool` ou `head` à database.migrations, pour comparer la dernière migration elle-même. À la main, là où DATABASE_URL est défini : {0}',
  '{0}: {1} (limit {2} ms)': '{0} : {1} (limite : {2} ms)',
  'the database was not restored; its newest migration is {0}':
    "la base n'a pas été restaurée ; sa dernière migration : {0}",
  'Mend restore-database first, then run again (safe)': "Réparez d'abord restore-database, puis relancez (sans risque)",
  'the newest migration of "{0}" is {1}, expected {2} ({3})': 'dernière migration de "{0}" : {1}, attendu : {2} ({3})',
  'Look where it stands: {0}': 'Voyez où elle en est : {0}',
  'Ask the database: {0}': 'Interrogez la base : {0}',
  'nothing tells which migration of "{0}" the target release needs; the newest is {1}':
    'rien ne dit quelle migration de "{0}" il faut à la version cible ; la dernière : {1}',
  'Set `tool` or `head` in database.migrations: the head is then kept with each verified release.':
    'Définissez `tool` ou `head` dans database.migrations : la dernière migration est alors notée avec chaque version vérifiée.',
  // database
  'backup {0}: complete, {1} bytes of SQL read in {2} ms': 'backup {0} : complet, {1} octets de SQL lus en {2} ms',
  '{0} The next newest: backup-path: {1}': '{0} Le plus récent après lui : backup-path: {1}',
  'As a superuser: {0} Or take the backup with pg_dump --no-owner --no-privileges.':
    'En tant que superutilisateur : {0} Ou faites le backup avec pg_dump --no-owner --no-privileges.',
  'Install on the database server: {0}; then run again.': 'Installez sur le serveur de la base : {0}; puis relancez.',
  'the database server {0}:{1} is a standby: nothing can be restored there':
    'le serveur de la base {0}:{1} est un standby : rien ne peut y être restauré',
  'Name the primary in `database-url`.': 'Indiquez le serveur primaire dans `database-url`.',
  '{0} was made of PostgreSQL {1}; the server is {2}, which may not understand it':
    '{0} vient de PostgreSQL {1} ; le serveur est en {2} et risque de ne pas le comprendre',
  'Name a backup of PostgreSQL {0} or older, or upgrade the server first.':
    "Indiquez un backup de PostgreSQL {0} ou plus ancien, ou mettez d'abord le serveur à niveau.",
  role: 'rôle',
  roles: 'rôles',
  extension: 'extension',
  extensions: 'extensions',
  '{0} needs {1} that the server does not have: {2}{3}': 'il manque au serveur, pour {0} : {1} {2}{3}',
  '{0} has {1} of the {2} tables of "{3}": it looks like the backup of another application':
    '{0} contient {1} des {2} tables de "{3}" : on dirait le backup d\'une autre application',
  'Name the right backup with `backup-path`. If it is the right one, restore it by hand into a database of another name and compare.':
    "Indiquez le bon backup avec `backup-path`. Si c'est le bon, restaurez-le à la main dans une base d'un autre nom et comparez.",
  'database {0}: loaded in {1} ms': 'base {0} : chargée en {1} ms',
  'pg_restore could not load it in parallel ({0}); loading it in one stream':
    "pg_restore n'a pas pu le charger en parallèle ({0}) ; chargement en un seul flux",
  'the backup {0} is not the one that was planned for (SHA-256 {1})':
    "le backup {0} n'est plus celui du plan (SHA-256 {1})",
  'database "{0}" has OID {1}, planned for {2}: another one has that name now':
    'la base "{0}" a l\'OID {1}, le plan prévoyait {2} : une autre base porte ce nom maintenant',
  'Run again: it plans anew.': 'Relancez : un nouveau plan sera fait.',
  'the newest migration of "{0}" could not be read: {1}': 'la dernière migration de "{0}" n\'a pas pu être lue : {1}',
  'there is no database "{0}" on {1}:{2}': 'il n\'y a pas de base "{0}" sur {1}:{2}',
  'List them: psql -h {0} -p {1} -U {2} -l': 'Listez-les : psql -h {0} -p {1} -U {2} -l',
  '{0} of {1}': '{0} du {1}',
  'database {0}: restored already; close {1}': 'base {0} : déjà restaurée ; fermer {1}',
  'database {0}: swap in {1}, loaded from {2} already; keep the live one as {3}':
    'base {0} : échanger avec {1}, déjà chargée à partir de {2} ; conserver celle en service sous le nom {3}',
  'database {0}: restore {1} beside it, then swap; keep the live one as {2}':
    'base {0} : restaurer {1} à côté, puis échanger ; conserver celle en service sous le nom {2}',
  'database {0}: taken back already; close {1}': 'base {0} : restauration déjà défaite ; fermer {1}',
  'database {0}: give the name back to {1}; keep the restored one as {2}':
    'base {0} : rendre le nom à {1} ; conserver la base restaurée sous le nom {2}',
  'the rollback restored database "{0}" as well, and this run has no address of its server':
    'le rollback a aussi restauré la base "{0}", et cette exécution n\'a pas l\'adresse de son serveur',
  'Give it as the other run had it: `database-url`, or PGHOST and the other variables; the database before is kept as "{0}".':
    'Donnez-la comme dans l\'autre exécution : `database-url`, ou PGHOST et les autres variables; la base d\'avant est conservée sous le nom "{0}".',
  'database "{0}" has OID {1}, expected {2} (the restored one), and "{3}" has OID {4}, expected {5} (the one before): somebody renamed or dropped one of them':
    'OID de la base "{0}" : {1}, attendu : {2} (la base restaurée), et de "{3}" : {4}, attendu : {5} (celle d\'avant) ; quelqu\'un a renommé ou supprimé l\'une des deux',
  'Look at what is there: psql -c "SELECT oid, datname FROM pg_database ORDER BY 2"':
    'Regardez ce qui est là : psql -c "SELECT oid, datname FROM pg_database ORDER BY 2"',
  '{0} rows': '{0} lignes',
  'at least {0} rows': 'au moins {0} lignes',
  '{0} would give up {1} of "{2}", allowed: {3}. {4}': '{0} abandonnerait {1} de "{2}", permis : {3}. {4}',
  'the undo': "l'undo",
  'the restore': 'la restauration',
  'If that is meant: `max-data-loss: {0}`. The rows stay in the kept database, and `database: { export-rows: FOLDER }` in the config file writes them to files.':
    "Si c'est voulu : `max-data-loss: {0}`. Les lignes restent dans la base conservée, et `database: { export-rows: FOLDER }` dans le fichier de configuration les écrit dans des fichiers.",
  '{0}: {1}, expected {2}': '{0} : {1}, attendu : {2}',
  "rows differ from the backup's own count: {0}": 'les lignes diffèrent du compte fait dans le backup : {0}',
  'the check {0} answers {1}, expected true': 'le contrôle {0} répond {1}, attendu : true',
  'its newest migration is {0}; the target release was verified with {1}':
    'sa dernière migration est {0} ; la version cible a été vérifiée avec {1}',
  'the restored database "{0}" cannot take the place of "{1}": {2}. The live database serves unchanged.':
    'la base restaurée "{0}" ne peut pas prendre la place de "{1}" : {2}. La base en service sert toujours, inchangée.',
  'Look into it: psql -d {0}; or name an older backup with `backup-path`, then run again.':
    'Regardez dedans : psql -d {0}; ou indiquez un backup plus ancien avec `backup-path`, puis relancez.',
  'the databases were not swapped': "les bases n'ont pas été échangées",
  'database {0}: swapped in {1} ms': 'base {0} : échangée en {1} ms',
  '"{0}" is loaded and verified, but the time for it has passed, so it was not swapped in. "{1}" serves unchanged.':
    '"{0}" est chargée et vérifiée, mais le temps prévu est écoulé : l\'échange n\'a pas eu lieu. "{1}" sert toujours, inchangée.',
  'Run again, with a longer `timeout` or without `at-budget-end: stop`: what was loaded is taken as it is.':
    'Relancez, avec un `timeout` plus long ou sans `at-budget-end: stop` : ce qui a été chargé est repris tel quel.',
  '-- Stop what writes to {0}, then, as a superuser, connected to another database (psql -d postgres):':
    '-- Arrêtez ce qui écrit dans {0}, puis, en tant que superutilisateur connecté à une autre base (psql -d postgres) :',
  'the one before the restore': "celle d'avant la restauration",
  'restored from {0}': 'restaurée à partir de {0}',
  'database "{0}" has OID {1}, expected {2} ({3})': 'la base "{0}" a l\'OID {1}, attendu : {2} ({3})',
  'Run again (safe): what was loaded is taken as it is.':
    'Relancez (sans risque) : ce qui a été chargé est repris tel quel.',
  'the check {0} answers {1} on the live database "{2}", expected true':
    'le contrôle {0} répond {1} sur la base en service "{2}", attendu : true',
  'Take the restore back with `mode: undo`, or mend the rows that the check speaks of.':
    'Défaites la restauration avec `mode: undo`, ou corrigez les lignes dont parle le contrôle.',
  // fence, kept
  'these were scaled to zero so that nobody writes, and are still there: {0}{1}':
    "réduits à zéro pour que personne n'écrive, et toujours là : {0}{1}",
  'See what holds them: {0}; then run again (safe)': 'Voyez ce qui les retient : {0}; puis relancez (sans risque)',
  'no name is left to keep {0} under: {1} are not ours, or are needed by the rollback under way':
    "il ne reste aucun nom pour conserver {0} : {1} n'appartiennent pas à cette action, ou servent au rollback en cours",
  'Look at them: {0}': 'Regardez-les : {0}',
  // migrations
  'To leave the migrations alone: `skip-steps: rollback-migrations`.':
    'Pour ne pas toucher aux migrations : `skip-steps: rollback-migrations`.',
  'database.migrations.to names {0}, and the target release was verified with {1}: one of them is wrong':
    "database.migrations.to indique {0}, et la version cible a été vérifiée avec {1} : l'une des deux est fausse",
  'Take `to` out of database.migrations, or correct it.': 'Retirez `to` de database.migrations, ou corrigez-le.',
  'nothing tells which migration of "{0}" is the newest that the target release knows; the live one is {1}, there are {2}':
    'rien ne dit quelle est la dernière migration de "{0}" que connaît la version cible ; en service : {1}, présentes : {2}',
  'Name it in the config file: `database: { migrations: { to: {0} } }`, or restore a backup. {1}':
    'Indiquez-la dans le fichier de configuration : `database: { migrations: { to: {0} } }`, ou restaurez un backup. {1}',
  'no migration is applied to "{0}", and the target release knows {1}: that is no way back':
    'aucune migration n\'est appliquée à "{0}", et la version cible connaît {1} : ce n\'est pas un retour en arrière',
  'Restore a backup of the target release. {0}': 'Restaurez un backup de la version cible. {0}',
  'the newest migration of "{0}" is {1}, the target release knows {2}, and no command is configured that takes migrations back':
    'la dernière migration de "{0}" est {1}, la version cible connaît {2}, et aucune commande configurée ne défait des migrations',
  'Add it: `database: { migrations: { rollback: {0} } }`, or restore a backup. {1}':
    'Ajoutez-la : `database: { migrations: { rollback: {0} } }`, ou restaurez un backup. {1}',
  'database.migrations.rollback is "{0}": {1}': 'database.migrations.rollback est "{0}" : {1}',
  'Use the command that takes one back, which is run until {0} is the newest (`rollback: {1}`).':
    "Utilisez la commande qui en défait une seule, relancée jusqu'à ce que {0} soit la dernière (`rollback: {1}`).",
  'the migrations of "{0}" cannot be taken back from {1} to {2}: {3}':
    'les migrations de "{0}" ne peuvent pas être défaites de {1} à {2} : {3}',
  'Check out the commit of the bad release (actions/checkout with `ref:`), correct database.migrations, or restore a backup. {0}':
    'Récupérez le commit de la mauvaise version (actions/checkout avec `ref:`), corrigez database.migrations, ou restaurez un backup. {0}',
  'nothing shows that {0} lies behind {1} ({2}): a slip of the pen would take everything back':
    'rien ne montre que {0} précède {1} ({2}) : une faute de frappe ferait tout défaire',
  'no folder is configured': "aucun dossier n'est configuré",
  '{0} has {1}': '{0} contient : {1}',
  'Set database.migrations.directory or tool, or a command that goes to `{to}`.':
    "Définissez database.migrations.directory ou tool, ou une commande qui va jusqu'à `{to}`.",
  'the target release knows {0}, a name that cannot stand safely in the place of {to} in "{1}"':
    'la version cible connaît {0}, un nom qui ne peut pas remplacer {to} sans risque dans "{1}"',
  'Take the quotes around `{to}` out of database.migrations.rollback (the name is quoted by itself), or use a command that takes one migration back.':
    "Retirez les guillemets autour de `{to}` dans database.migrations.rollback (ils sont mis d'office), ou utilisez une commande qui défait une seule migration.",
  '{0} to take back': '{0} à défaire',
  'nothing tells how many lie between': 'rien ne dit combien il y en a entre les deux',
  'migrations: {0} -> {1}, {2}, by {3}': 'migrations : {0} -> {1}, {2}, par {3}',
  '{0} (live, not in the target)': '{0} (en service, absente de la cible)',
  'database.migrations: neither `head` nor `tool` is set, so nothing tells which migration of "{0}" is the newest':
    'database.migrations : ni `head` ni `tool` n\'est défini, rien ne dit donc quelle est la dernière migration de "{0}"',
  'Add `tool: knex` (or prisma, sequelize, node-pg-migrate), or `head:` with an SQL query that names it. To leave the migrations alone: `skip-steps: rollback-migrations`.':
    "Ajoutez `tool: knex` (ou prisma, sequelize, node-pg-migrate), ou `head:` avec une requête SQL qui l'indique. Pour ne pas toucher aux migrations : `skip-steps: rollback-migrations`.",
  'the query for the newest migration of "{0}" answered {1} characters; expected: one name':
    'la requête de la dernière migration de "{0}" a répondu {1} caractères ; attendu : un seul nom',
  'Correct database.migrations.head; it is: {0}': 'Corrigez database.migrations.head, actuellement : {0}',
  'the migrations of "{0}" cannot be read: {1}': 'les migrations de "{0}" ne peuvent pas être lues : {1}',
  'Set database.migrations.head to a query for the table that this project uses. What was asked: {0}':
    "Dans database.migrations.head, mettez une requête sur la table qu'utilise ce projet. Requête envoyée : {0}",
  'not ended in time': 'pas terminée à temps',
  'its last lines, to read; the head decides': 'ses dernières lignes, à lire ; la dernière migration fait foi',
  'the newest migration of "{0}" is {1}; the plan was made for {2}':
    'dernière migration de "{0}" : {1} ; le plan a été fait pour {2}',
  'Somebody else migrates; wait until that is done, then run again (safe).':
    "Quelqu'un d'autre est en train de migrer; attendez la fin, puis relancez (sans risque).",
  '{0}: {1}, the newest migration is {2}': '{0} : {1}, dernière migration : {2}',
  'the run was cancelled': "l'exécution a été annulée",
  'the deadline passed': 'le délai a été dépassé',
  '{0} before "{1}" was at migration {2}; it is at {3}':
    '{0} avant que "{1}" soit à la migration {2} ; elle en est à {3}',
  'Run again (safe): it goes on from there.': 'Relancez (sans risque) : la suite repart de là.',
  'did not end within {0} s': 'pas terminée en {0} s',
  'ended with {0}': 'terminée avec {0}',
  'a signal': 'un signal',
  '{0} {1}; the newest migration is {2}, expected {3}{4}': '{0} : {1} ; dernière migration : {2}, attendu : {3}{4}',
  ': {0}': ' : {0}',
  'Mend its cause, then run again (safe). By hand, where DATABASE_URL is set: {0}':
    'Corrigez la cause, puis relancez (sans risque). À la main, là où DATABASE_URL est défini : {0}',
  'the newest migration is {0}, expected {1}': 'dernière migration : {0}, attendu : {1}',
  '{0} went further than to the target (from {1})': '{0} est allée au-delà de la cible (à partir de {1})',
  'Apply migrations again until {0}, and configure a command that takes one migration back.':
    "Réappliquez les migrations jusqu'à {0}, et configurez une commande qui défait une seule migration.",
  '{0} ended with 0 and took nothing back': "{0} s'est terminée avec 0 et n'a rien défait",
  '{0} ended with 0 and did not lead to the target': "{0} s'est terminée avec 0 et n'a pas mené à la cible",
  '{0}; {1}{2}': '{0} ; {1}{2}',
};
