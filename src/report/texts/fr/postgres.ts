import type { Translations } from '../../../core/tr.ts';

export const POSTGRES: Translations = {
  // src/adapters/postgres/blockers.ts
  'pid {0} (user {1}, application "{2}"{3})': 'pid {0} (utilisateur {1}, application "{2}"{3})',
  '"{0}" is the only database that user "{1}" may connect to, and a session cannot rename the database that it is in':
    '"{0}" est la seule base où l\'utilisateur "{1}" peut se connecter, et une session ne peut pas renommer la base où elle se trouve',
  'look for what blocks': 'chercher ce qui bloque',
  '{0}:{1} is a connection pooler, not the server itself':
    '{0}:{1} est un pooler de connexions, pas le serveur lui-même',
  'Give the address of the PostgreSQL server itself in `database-url`; the application may stay on the pooler.':
    "Donnez l'adresse du serveur PostgreSQL lui-même dans `database-url`; l'application peut rester sur le pooler.",
  'user "{0}" does not own "{1}" ("{2}" does)':
    'l\'utilisateur "{0}" n\'est pas le propriétaire de "{1}" (c\'est "{2}")',
  'user "{0}" may not create or rename databases':
    'l\'utilisateur "{0}" n\'a pas le droit de créer ou de renommer des bases',
  '"{0}" has settings of its own for role "{1}", which user "{2}" may not carry over':
    '"{0}" a des réglages propres au rôle "{1}", que l\'utilisateur "{2}" n\'a pas le droit de reporter',
  'Let the rollback connect as a user with CREATEROLE (from 16 on also with ADMIN OPTION on that role), or: ALTER ROLE {0} IN DATABASE {1} RESET ALL;':
    'Connectez le rollback avec un utilisateur qui a CREATEROLE (à partir de la 16, aussi ADMIN OPTION sur ce rôle), ou : ALTER ROLE {0} IN DATABASE {1} RESET ALL;',
  'background worker on "{0}": {1}': 'processus d\'arrière-plan (background worker) sur "{0}" : {1}',
  'It is ended by the swap; it may come back on the kept database.':
    "L'échange y met fin; il peut revenir sur la base conservée.",
  'Stop it first (pg_cron: cron.database_name; TimescaleDB: SELECT _timescaledb_functions.stop_background_workers();), or run as a superuser.':
    "Arrêtez-le d'abord (pg_cron: cron.database_name; TimescaleDB: SELECT _timescaledb_functions.stop_background_workers();), ou lancez en tant que superutilisateur.",
  'session that we may not end on "{0}": {1}':
    'session à laquelle nous n\'avons pas le droit de mettre fin sur "{0}" : {1}',
  'Let its owner close it, or as a superuser: SELECT pg_terminate_backend({0});':
    'Faites-la fermer par son propriétaire, ou en tant que superutilisateur : SELECT pg_terminate_backend({0});',
  'prepared transaction \'{0}\' of "{1}", {2} old': 'transaction préparée \'{0}\' de "{1}", ouverte depuis {2}',
  'Only its owner knows which: COMMIT PREPARED \'{0}\'; or ROLLBACK PREPARED; in "{1}".':
    'Seul son propriétaire sait laquelle choisir : COMMIT PREPARED \'{0}\'; ou ROLLBACK PREPARED; dans "{1}".',
  'logical replication slot "{0}" ({1}, {2})': 'slot de réplication logique "{0}" ({1}, {2})',
  'in use': 'utilisé',
  idle: 'inactif',
  "Its consumer must be set up anew on the restored database: stop it, then SELECT pg_drop_replication_slot('{0}');":
    "Son consommateur devra être reconfiguré sur la base restaurée : arrêtez-le, puis SELECT pg_drop_replication_slot('{0}');",
  'replication connection on "{0}": {1}': 'connexion de réplication sur "{0}" : {1}',
  'Stop the consumer (Debezium, a subscriber) first.': "Arrêtez d'abord le consommateur (Debezium, un abonné).",
  '"{0}" subscribes by "{1}"{2}': '"{0}" est abonnée par "{1}"{2}',
  ' (disabled)': ' (désactivé)',
  'In "{0}": ALTER SUBSCRIPTION {1} DISABLE; and set it up anew on the restored database.':
    'Dans "{0}" : ALTER SUBSCRIPTION {1} DISABLE; et reconfigurez l\'abonnement sur la base restaurée.',

  // src/adapters/postgres/copy-state.ts
  'copy the settings to': 'copier les réglages vers',
  'The settings of "{0}" did not all reach "{1}": {2}.':
    'Les réglages de "{0}" n\'ont pas tous été reportés sur "{1}" : {2}.',
  'Compare them: SELECT d.datname, s.* FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase;':
    'Comparez-les : SELECT d.datname, s.* FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase;',
  '{0} {1} instead of {2}': '{0} : {1} au lieu de {2}',
  rights: 'droits',
  settings: 'réglages',
  'User "{0}" may not carry over what "{1}" needs: {2}.':
    'L\'utilisateur "{0}" n\'a pas le droit de reporter ce qu\'il faut à "{1}" : {2}.',
  'As a superuser run: {0}; or remove the setting from the live database, then run again.':
    'En tant que superutilisateur, lancez : {0}; ou retirez ce réglage de la base en service, puis relancez.',

  // src/adapters/postgres/csv-file.ts
  'The rows that are given up cannot be written to {0} ({1}).':
    'Les lignes abandonnées ne peuvent pas être écrites dans {0} ({1}).',
  'Name a folder that the user of the runner may write to and that has room.':
    "Indiquez un dossier où l'utilisateur du runner peut écrire et qui a de la place.",

  // src/adapters/postgres/failure.ts
  'The certificate of the database server {0} was not accepted ({1}).':
    "Le certificat du serveur de la base {0} n'a pas été accepté ({1}).",
  'Give the authority of this server; look at what it shows: `openssl s_client -starttls postgres -connect {0}:{1} </dev/null`.':
    "Donnez l'autorité de certification de ce serveur; voyez ce qu'il présente : `openssl s_client -starttls postgres -connect {0}:{1} </dev/null`.",
  '{0} does not offer TLS, and sslmode is "{1}".': '{0} n\'offre pas de TLS, et sslmode vaut "{1}".',
  'Turn `ssl` on in the server, or set sslmode to "disable" where the network itself is trusted.':
    'Activez `ssl` sur le serveur, ou mettez sslmode à "disable" si le réseau lui-même est de confiance.',
  'the server wants a password that it would accept': "le serveur attend un mot de passe qu'il accepte",
  'No answer from the database server {0} (to {1} "{2}"): {3}.':
    'Pas de réponse du serveur de la base {0} (pour {1} "{2}") : {3}.',
  'From this runner: `pg_isready -h {0} -p {1}`. A private database needs a runner inside its network; then run again: a run goes on where the last one stopped.':
    "Depuis ce runner : `pg_isready -h {0} -p {1}`. Une base privée demande un runner dans son réseau; puis relancez : une exécution reprend là où la précédente s'est arrêtée.",
  'the database server {0}': 'le serveur de la base {0}',
  'no answer within {0} s': 'pas de réponse en {0} s',
  'the connection was lost': 'la connexion a été perdue',
  '{0} on {1}.': '{0} (sur {1}).',
  'List them: `psql -h {0} -p {1} -l`.': 'Listez-les : `psql -h {0} -p {1} -l`.',
  'User "{0}" may not {1} {2}: {3}.': 'L\'utilisateur "{0}" ne peut pas {1} {2} : {3}.',
  'As a superuser, look at the rights: `\\l+ {0}` and `\\du {1}` in psql.':
    'En tant que superutilisateur, regardez les droits : `\\l+ {0}` et `\\du {1}` dans psql.',
  'Could not {0} {1}: {2}.': "L'exécution n'a pas pu {0} {1} : {2}.",
  "See who stays: SELECT pid, usename, application_name FROM pg_stat_activity WHERE datname = '{0}';":
    "Voyez qui reste connecté : SELECT pid, usename, application_name FROM pg_stat_activity WHERE datname = '{0}';",
  'Free space on the server, or move the database to a tablespace with room; a restore needs about 2.5 times the size of the plain dump.':
    'Libérez de la place sur le serveur, ou mettez la base dans un tablespace qui en a; une restauration demande environ 2,5 fois la taille du dump en texte.',
  'Rename or drop the one that is there, once you know what it is.':
    "Renommez ou supprimez celle qui est là, une fois que vous savez ce que c'est.",
  '{0} ended or refused the session (to {1} {2}): {3}.': '{0} a fermé ou refusé la session (pour {1} {2}) : {3}.',
  'Wait until the server takes connections again, then run again: a run goes on where the last one stopped.':
    "Attendez que le serveur accepte de nouveau les connexions, puis relancez : une exécution reprend là où la précédente s'est arrêtée.",
  'Could not {0} {1}: {2} (SQLSTATE {3}).': "L'exécution n'a pas pu {0} {1} : {2} (SQLSTATE {3}).",
  'The log of the server has the details; then run again.':
    'Les détails sont dans le journal du serveur; puis relancez.',
  '{0} does not accept user "{1}" for database "{2}": {3}.':
    '{0} refuse l\'utilisateur "{1}" pour la base "{2}" : {3}.',
  'Check the user, the password (special characters of a URL as %XX) and the lines of pg_hba.conf for this runner.':
    "Vérifiez l'utilisateur, le mot de passe (dans une URL, les caractères spéciaux sous la forme %XX) et les lignes de pg_hba.conf pour ce runner.",
  'a function raised an exception': 'une fonction a levé une exception',

  // src/adapters/postgres/index.ts: what follows "pour" or "n'a pas pu", before the name of a database
  describe: 'décrire',
  'list databases like': 'lister les bases dont le nom commence par',
  'list the roles of': 'lister les rôles de',
  'list the extensions of': 'lister les extensions de',
  'count the rows of': 'compter les lignes de',
  'read the changes of': 'lire les changements de',
  query: 'interroger',
  check: 'contrôler',
  analyse: 'analyser',
  open: 'ouvrir',
  close: 'fermer',
  'GRANT pg_read_all_data TO {0}; (or SELECT on each table)':
    'GRANT pg_read_all_data TO {0}; (ou SELECT sur chaque table)',

  // src/adapters/postgres/integrity.ts
  'constraint {0} of {1} is not valid': "la contrainte {0} de {1} n'est pas valide",
  'index {0} of {1} is not valid': "l'index {0} de {1} n'est pas valide",
  highest: 'plus grande',
  lowest: 'plus petite',
  'sequence {0} will give values that column {1} of {2}.{3} already has (it is behind the {4} one)':
    'la séquence {0} va donner des valeurs que la colonne {1} de {2}.{3} contient déjà (elle est en retard sur la {4})',

  // src/adapters/postgres/load-archive-failure.ts, load-archive.ts
  ' (rows of {0})': ' (lignes de {0})',
  'Could not load "{0}"{1}: the server has no space left.':
    'Le chargement de "{0}"{1} a échoué : le serveur n\'a plus de place.',
  'pg_restore lost {0}:{1} while it loaded "{2}"{3}.': 'pg_restore a perdu {0}:{1} pendant le chargement de "{2}"{3}.',
  'the server refused it': "le serveur l'a refusé",
  'The backup could not be loaded by pg_restore{0}: {1}.': "pg_restore n'a pas pu charger le backup{0} : {1}.",
  'The live database was not touched. Load as a user that may do this (now "{0}"), or make the backup with `pg_dump --no-owner --no-privileges`.':
    'La base en service n\'a pas été touchée. Chargez avec un utilisateur qui en a le droit (ici "{0}"), ou faites le backup avec `pg_dump --no-owner --no-privileges`.',
  'The live database was not touched. Create or install on the server what the backup needs (a role, a tablespace, an extension), then run again.':
    "La base en service n'a pas été touchée. Créez ou installez sur le serveur ce qu'il faut au backup (un rôle, un tablespace, une extension), puis relancez.",
  'The live database was not touched. The log of the server has the whole message. Choose another backup (`backup-path`), or restore this one by hand into an empty database to see more.':
    "La base en service n'a pas été touchée. Le message entier est dans le journal du serveur. Choisissez un autre backup (`backup-path`), ou restaurez celui-ci à la main dans une base vide pour en voir plus.",
  load: 'charger',
  'end our sessions on': 'terminer nos sessions sur',

  // src/adapters/postgres/load.ts
  'the rows do not end': 'les lignes de données ne se terminent pas',
  'the server stored {0} rows of {1}': 'le serveur a enregistré {0} lignes sur {1}',
  'Rows came without a COPY before them.': 'Des lignes de données sont arrivées sans COPY avant elles.',
  'Report this with the JSON report of this run.': 'Signalez-le en joignant le rapport JSON de cette exécution.',
  'left out, as this server does not know it: {0}': 'omis, car inconnu de ce serveur : {0}',
  'passed over: {0}': 'ignoré : {0}',
  'a statement turned out to be another than it looked like': "une instruction n'était pas celle qu'elle semblait être",
  'the server warns: {0}': 'avertissement du serveur : {0}',
  '{0} ({1} times)': '{0} ({1} fois)',
  'The backup could not be loaded: line {0} ({1}): {2}.': "Le backup n'a pas pu être chargé : ligne {0} ({1}) : {2}.",
  'rows of {0}': 'lignes de {0}',
  'The live database was not touched. Choose another backup (`backup-path`), or load this one by hand into an empty database to see more.':
    "La base en service n'a pas été touchée. Choisissez un autre backup (`backup-path`), ou chargez celui-ci à la main dans une base vide pour en voir plus.",
  'The live database was not touched. Create on the server what the backup names and the server does not have (a role, a tablespace), then run again.':
    "La base en service n'a pas été touchée. Créez sur le serveur ce que le backup nomme et qui y manque (un rôle, un tablespace), puis relancez.",
  'The live database was not touched. Install the extension that the backup needs on the server, then run again.':
    "La base en service n'a pas été touchée. Installez sur le serveur l'extension qu'il faut au backup, puis relancez.",
  'The live database was not touched. Raise the limit of the server (`temp_file_limit`, memory) for this user, then run again.':
    "La base en service n'a pas été touchée. Augmentez la limite du serveur (`temp_file_limit`, mémoire) pour cet utilisateur, puis relancez.",
  "The server's WAL holds {0} MB, more than the {1} MB that it may while a backup is loaded.":
    "Le WAL du serveur occupe {0} Mo, plus que les {1} Mo permis pendant le chargement d'un backup.",
  'Give the WAL volume more room, or see what keeps WAL: SELECT slot_name, wal_status FROM pg_replication_slots; SELECT * FROM pg_stat_archiver;':
    'Agrandissez le volume du WAL, ou voyez ce qui retient le WAL : SELECT slot_name, wal_status FROM pg_replication_slots; SELECT * FROM pg_stat_archiver;',

  // src/adapters/postgres/names.ts
  '"{0}" cannot be the name of a database: it has {1} bytes, and 1 to {2} are possible.':
    '"{0}" ne peut pas être le nom d\'une base : sa longueur est de {1} octets ; permis : de 1 à {2}.',
  'Check the name of the database in `database-url` or in the config file.':
    'Vérifiez le nom de la base dans `database-url` ou dans le fichier de configuration.',

  // src/adapters/postgres/program.ts
  '{0} does not run on this runner: {1}.': '{0} ne fonctionne pas sur ce runner : {1}.',
  '{0} does not say which version it is: {1}': '{0} ne dit pas quelle est sa version : {1}',
  '{0} cannot be started ({1}).': "{0} n'a pas pu démarrer ({1}).",
  'Install the PostgreSQL client programs on the runner.':
    'Installez les programmes clients de PostgreSQL sur le runner.',

  // src/adapters/postgres/rows-missing.ts
  'compare the rows of': 'comparer les lignes de',

  // src/adapters/postgres/safety-dump.ts
  'Install the client programs of PostgreSQL {0} or newer on the runner, e.g. `apt-get install postgresql-client-{1}`.':
    'Installez sur le runner les programmes clients de PostgreSQL {0} ou plus récent, par exemple `apt-get install postgresql-client-{1}`.',
  'pg_dump {0} cannot dump PostgreSQL {1}: it is older than the server.':
    'pg_dump {0} ne peut pas faire le dump de PostgreSQL {1} : il est plus ancien que le serveur.',
  'pg_restore {0} cannot read what pg_dump {1} writes.': 'pg_restore {0} ne peut pas lire ce que pg_dump {1} écrit.',
  dump: 'faire le dump de',
  'it ended with {0}': "il s'est terminé avec {0}",
  'pg_dump of "{0}" waited {1} s for a table that somebody has locked.':
    'pg_dump de "{0}" a attendu {1} s une table que quelqu\'un a verrouillée.',
  "See who: SELECT pid, usename, application_name, query FROM pg_stat_activity WHERE datname = '{0}' AND pid IN (SELECT pid FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted);":
    "Voyez qui : SELECT pid, usename, application_name, query FROM pg_stat_activity WHERE datname = '{0}' AND pid IN (SELECT pid FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted);",
  'User "{0}" may not dump "{1}": {2}.': 'L\'utilisateur "{0}" n\'a pas le droit de faire le dump de "{1}" : {2}.',
  'GRANT pg_read_all_data TO {0}; (with row security also: ALTER ROLE ... BYPASSRLS)':
    'GRANT pg_read_all_data TO {0}; (avec la sécurité par ligne (RLS), aussi : ALTER ROLE ... BYPASSRLS)',
  'Install the client programs of the major of the server.':
    'Installez les programmes clients de la version majeure du serveur.',
  'pg_dump of "{0}" lost the server: {1}.': 'pg_dump de "{0}" a perdu le serveur : {1}.',
  'Look whether the server is up, then run again.': 'Vérifiez que le serveur fonctionne, puis relancez.',
  'pg_dump of "{0}" failed: {1}.': 'pg_dump de "{0}" a échoué : {1}.',
  'The log of the server has the details; a table that cannot be read may be damaged.':
    'Les détails sont dans le journal du serveur; une table qui ne peut pas être lue est peut-être endommagée.',
  'The dump that was just written to {0} cannot be read: {1}.':
    "Le dump qui vient d'être écrit dans {0} ne peut pas être lu : {1}.",
  'Look at the disk of that folder; then run again.': 'Vérifiez le disque de ce dossier; puis relancez.',
  'The folder for the safety backup cannot be written: {0} ({1}).':
    "Impossible d'écrire dans le dossier de la sauvegarde de secours : {0} ({1}).",
  'Create it where it outlives the runner (`mkdir -p`), or mount it.':
    'Créez-le là où il survit au runner (`mkdir -p`), ou montez-le.',
  'Give the user of the runner the right to write there.': "Donnez à l'utilisateur du runner le droit d'y écrire.",
  'There is no room for the safety backup: {0} ({1}).':
    "Il n'y a pas de place pour la sauvegarde de secours : {0} ({1}).",
  'Free space there, or name another folder in `safety-backup`.':
    'Libérez-y de la place, ou indiquez un autre dossier dans `safety-backup`.',

  // src/adapters/postgres/server.ts
  'connect to': 'se connecter à',
  'read the server of': 'lire les informations du serveur de',
  'end our session on': 'terminer notre session sur',
  'Cancelled (to {0} "{1}").': 'Annulé (pour {0} "{1}").',

  // src/adapters/postgres/side.ts
  create: 'créer',
  'As a superuser: ALTER ROLE {0} CREATEDB; GRANT {1} TO {2};':
    'En tant que superutilisateur : ALTER ROLE {0} CREATEDB; GRANT {1} TO {2};',
  drop: 'supprimer',
  '{0} What was loaded so far is still there, in "{1}": {2}':
    '{0} Ce qui était déjà chargé est toujours là, dans "{1}" : {2}',
  '{0} To drop it by hand: `dropdb --force {1}`.': '{0} Pour la supprimer à la main : `dropdb --force {1}`.',
  empty: 'vider',
  'Database "{0}" is not the one it was: OID {1} instead of {2}.':
    'La base "{0}" n\'est plus la même : OID {1} au lieu de {2}.',
  'Somebody created, dropped or renamed it meanwhile. Look at `\\l` in psql, then run again.':
    "Quelqu'un l'a créée, supprimée ou renommée entre-temps. Regardez `\\l` dans psql, puis relancez.",
  'look into': 'regarder dans',
  'Database "{0}" (OID {1}) is there already and is not ours{2}.':
    'La base "{0}" (OID {1}) existe déjà et n\'appartient pas à cette action{2}.',
  ' (its comment differs)': ' (son commentaire est différent)',
  'Drop it once you know what it is: `dropdb {0}`; then run again.':
    "Supprimez-la, une fois que vous savez ce que c'est : `dropdb {0}`; puis relancez.",

  // src/adapters/postgres/swap.ts
  rename: 'renommer',
  'As a superuser: ALTER ROLE {0} CREATEDB; and make it (a member of) the owner of the database.':
    'En tant que superutilisateur : ALTER ROLE {0} CREATEDB; et faites-en le propriétaire de la base (ou un membre de ce rôle).',
  'User "{0}" may connect to no other database than "{1}", and a session cannot rename the database that it is in.':
    'L\'utilisateur "{0}" ne peut se connecter à aucune autre base que "{1}", et une session ne peut pas renommer la base où elle se trouve.',
  'there was no time left': 'il ne restait plus de temps',
  ' Who stays: {0}.': ' Restent connectés : {0}.',
  '"{0}" could not be renamed: {1}.{2} It serves unchanged.':
    '"{0}" n\'a pas pu être renommée : {1}.{2} Elle sert toujours, inchangée.',
  'End them, as a superuser: SELECT pg_terminate_backend({0}); then run again: what was loaded is still there.':
    'Mettez-y fin, en tant que superutilisateur : SELECT pg_terminate_backend({0}); puis relancez : ce qui a été chargé est toujours là.',
  'See what holds it: SELECT * FROM pg_prepared_xacts WHERE database = {0}; SELECT * FROM pg_stat_activity WHERE datname = {1}; then run again.':
    'Voyez ce qui la retient : SELECT * FROM pg_prepared_xacts WHERE database = {0}; SELECT * FROM pg_stat_activity WHERE datname = {1}; puis relancez.',
  'the connection was lost, and the server undid it': 'la connexion a été perdue, et le serveur a tout annulé',
  'The restored database could not take the place of the live one: {0}.':
    "La base restaurée n'a pas pu prendre la place de celle en service : {0}.",
  'The live database serves unchanged. Run again: what was loaded is still there.':
    'La base en service sert toujours, inchangée. Relancez : ce qui a été chargé est toujours là.',
  'read the names around': 'lire les noms des bases autour de',
  '{0} does not answer, so it is not known whether "{1}" is the restored database (OID {2}) or the one before (OID {3}).':
    '{0} ne répond pas : on ne sait donc pas si "{1}" est la base restaurée (OID {2}) ou celle d\'avant (OID {3}).',
  'When it answers again, run again: it is decided by the OID. By hand: SELECT datname, oid FROM pg_database WHERE oid IN ({0}, {1});':
    "Quand il répond de nouveau, relancez : l'OID permet de trancher. À la main : SELECT datname, oid FROM pg_database WHERE oid IN ({0}, {1});",
  '"{0}", the name for the database to be kept, is taken (OID {1}).':
    '"{0}", le nom prévu pour la base conservée, est déjà pris (OID {1}).',
  'Choose another name, or rename the one that is there.': 'Choisissez un autre nom, ou renommez la base qui est là.',
};
