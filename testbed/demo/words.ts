import type { Data } from './data.ts';
import type { Configuration, Received } from './operations.ts';

/** What the demo says, in the languages of the action. */
export interface Words {
  readonly title: string;
  readonly real: readonly string[];
  readonly realRunner: string;
  readonly realDatabase: string;
  readonly starting: string;
  readonly started: (seconds: string, server: string) => string;
  readonly deployGood: string;
  readonly deployBad: string;
  readonly badExplained: readonly string[];
  readonly startingDatabase: string;
  readonly startedDatabase: (seconds: string, server: string) => string;
  readonly backUp: string;
  readonly badDatabaseExplained: readonly string[];
  readonly realOperations: readonly string[];
  readonly startingOperations: string;
  readonly startedOperations: (seconds: string) => string;
  readonly badConfigurationExplained: readonly string[];
  readonly configuration: (configuration: Configuration, firing: readonly string[]) => readonly string[];
  readonly told: string;
  readonly received: (received: Received) => readonly string[];
  readonly backups: string;
  readonly data: (data: Data) => readonly string[];
  readonly databases: (names: readonly string[], kept: string | undefined) => readonly string[];
  readonly pods: string;
  readonly answers: string;
  readonly isGreen: string;
  readonly isRed: string;
  readonly run: string;
  readonly runExplained: (inputs: string) => readonly string[];
  readonly ended: (code: number | null, seconds: string) => string;
  readonly summary: string;
  readonly files: string;
  readonly fileNames: {
    readonly report: string;
    readonly page: string;
    readonly summary: string;
    readonly log: string;
    readonly config: string;
  };
  readonly keep: (kubeconfig: string, kubectlFolder: string, url: string) => readonly string[];
  readonly keepDatabase: (url: string) => readonly string[];
  readonly keepOperations: (prometheus: string, alertmanager: string) => readonly string[];
  readonly gone: string;
  readonly failed: string;
}

const en: Words = {
  title: 'Tiered Rollback: a bad release, and the way back',
  real: [
    'Real here: the Kubernetes control plane (etcd, API server, controller manager, scheduler), the objects in it,',
    'the action itself (dist/, run by Node as a GitHub runner runs it) and the HTTP servers behind /health.',
    'Played: the nodes. No container runs; kwok and a small simulator show what a kubelet would show of each pod.',
  ],
  realRunner: 'GitHub is not part of it: the files that a runner hands to an action lie in a folder instead.',
  realDatabase: 'Real as well: the PostgreSQL server, its data, and the backups, made by pg_dump.',
  starting: 'Start a Kubernetes cluster on this machine',
  started: (seconds, server) => `${server} is ready after ${seconds} s`,
  deployGood: 'Deploy the 224solutions frontend and backend, v1: a good release',
  deployBad: 'Deploy v2: a bad release',
  badExplained: [
    'The frontend of v2 starts, replaces v1 and then answers 503: Kubernetes sees nothing wrong with it.',
    'The backend of v2 crashes at every start: its rollout hangs, and v1 goes on serving.',
  ],
  startingDatabase: 'Start a PostgreSQL server, and give the application its database',
  startedDatabase: (seconds, server) => `${server} is ready and filled after ${seconds} s`,
  backUp: 'Make the backup that the checklist asks for, before the change',
  badDatabaseExplained: [
    'Its migration renames a column, deletes 100 users with their orders and overwrites the names of all others.',
    'Its deploy overwrites two codes in the Secret. 20 more orders come in, and somebody makes one more backup: of the damage.',
  ],
  realOperations: [
    'So are metrics-server, Prometheus with an alert, Alertmanager and the mail server (STARTTLS). The runner, chat and GitHub are played:',
    'a folder with the files that a runner hands over, and two HTTP servers that keep what they get. The one that plays GitHub holds every',
    'request against the description that GitHub publishes.',
  ],
  startingOperations: 'Start what watches the application, and where people are told',
  startedOperations: (seconds) =>
    `metrics-server, Prometheus, Alertmanager, a mail server, a chat and a played GitHub are ready after ${seconds} s`,
  badConfigurationExplained: [
    'Its deploy also changes the ConfigMap app-config, and leaves a job, a pod and a volume claim lying about.',
  ],
  configuration: ({ settings, flags, leftovers }, firing) => [
    `app-config: ${pairs(settings)}`,
    `feature-flags: ${pairs(flags)}`,
    `Leftovers: ${leftovers.join(', ') || 'none'}. Alerts that fire: ${firing.join(', ') || 'none'}`,
  ],
  told: 'What arrived where people look',
  received: ({ chat, mails, issues, deployments, records, silences, firing, violations }) => [
    ...(chat.length === 0 ? ['Chat: nothing'] : chat.map((text) => `Chat: ${indented(text)}`)),
    ...(mails.length === 0
      ? ['Mail: nothing']
      : mails.map(({ subject, to }) => `Mail to ${count(to, 'recipient')}: ${subject}`)),
    ...(issues.length === 0
      ? ['GitHub issue: none']
      : issues.map(({ title, labels }) => `GitHub issue: ${title} [${labels.join(', ')}]`)),
    `GitHub deployment: ${deployments.join(', ') || 'none'}`,
    `Record in the repository: ${records.join(', ') || 'none'}`,
    `Silences in Alertmanager: ${silences.join(', ') || 'none'}. Alerts that fire: ${firing.join(', ') || 'none'}`,
    ...violations.map((violation) => `Not as GitHub describes it: ${violation}`),
  ],
  backups: 'The backups, of which only one is right:',
  data: ({ users, broken, orders, head, codes }) => [
    'The database and the Secret hold:',
    `  ${users} users, ${broken} of them BROKEN; ${orders} orders; newest migration ${head}`,
    `  ${pairs(codes)}`,
  ],
  databases: (names, kept) => [
    `Databases on the server: ${names.join(', ')}`,
    kept === undefined
      ? 'No database was kept.'
      : `${kept} is the one from before, with every row that came after the backup. \`mode: undo\` brings it back.`,
  ],
  pods: 'kubectl get pods:',
  answers: 'The application answers:',
  isGreen: 'green',
  isRed: 'RED',
  run: 'Roll back with the action',
  runExplained: (inputs) => [
    `The step is \`uses: ./\` with ${inputs}; the rest stands in .github/rollback.yml.`,
    'This is its log, as the job would show it:',
  ],
  ended: (code, seconds) => `exit code ${code}, ${seconds} s from the start of the process to its end`,
  summary: 'The job summary that the action wrote (▸ opens on GitHub)',
  files: 'All of it is kept, to look at',
  fileNames: {
    report: 'JSON report',
    page: 'report as a page',
    summary: 'job summary',
    log: 'log',
    config: 'config used',
  },
  keep: (kubeconfig, kubectlFolder, url) => [
    'The cluster stays until Ctrl-C. In another terminal:',
    `  export KUBECONFIG=${kubeconfig} PATH=${kubectlFolder}:$PATH`,
    '  kubectl -n production get deployments,pods,configmaps,leases',
    `  curl -i ${url}/health`,
  ],
  keepDatabase: (url) => [`  psql ${url}`],
  keepOperations: (prometheus, alertmanager) => [`  Prometheus: ${prometheus}`, `  Alertmanager: ${alertmanager}`],
  gone: 'The cluster is gone, nothing is left running.',
  failed: 'The demo did not end as it should: the reasons stand above.',
};

const fr: Words = {
  title: 'Tiered Rollback : une mauvaise version, et le retour en arrière',
  real: [
    "Réels ici : le plan de contrôle Kubernetes (etcd, serveur d'API, contrôleurs, ordonnanceur) et ses objets,",
    "l'action elle-même (dist/, lancée par Node comme le fait un runner GitHub) et les serveurs HTTP derrière /health.",
    "Joués : les nœuds. Aucun conteneur ne tourne ; kwok et un petit simulateur montrent ce qu'un kubelet montrerait.",
  ],
  realRunner: "GitHub n'en fait pas partie : les fichiers qu'un runner donne à une action se trouvent dans un dossier.",
  realDatabase: 'Réels aussi : le serveur PostgreSQL, ses données et les sauvegardes, faites par pg_dump.',
  starting: 'Démarrer un cluster Kubernetes sur cette machine',
  started: (seconds, server) => `${server} est prêt après ${seconds} s`,
  deployGood: 'Déployer le frontend et le backend 224solutions, v1 : une bonne version',
  deployBad: 'Déployer v2 : une mauvaise version',
  badExplained: [
    "Le frontend de v2 démarre, remplace v1, puis répond 503 : Kubernetes n'y voit rien d'anormal.",
    'Le backend de v2 plante à chaque démarrage : son déploiement reste bloqué, et v1 continue de servir.',
  ],
  startingDatabase: "Démarrer un serveur PostgreSQL et donner à l'application sa base de données",
  startedDatabase: (seconds, server) => `${server} est prêt et rempli après ${seconds} s`,
  backUp: 'Faire la sauvegarde que demande la checklist, avant le changement',
  badDatabaseExplained: [
    'Sa migration renomme une colonne, supprime 100 utilisateurs avec leurs commandes et écrase les noms de tous les autres.',
    "Son déploiement écrase deux codes du Secret. 20 commandes arrivent encore, et quelqu'un fait une sauvegarde de plus : des dégâts.",
  ],
  realOperations: [
    'Réels de même : metrics-server, Prometheus avec une alerte, Alertmanager et le serveur de courrier (STARTTLS). Joués : le runner (un',
    "dossier avec les fichiers qu'il transmet), le canal de discussion et GitHub (deux serveurs HTTP qui gardent ce qu'ils reçoivent). Celui",
    'qui joue GitHub compare chaque requête à la description que GitHub publie.',
  ],
  startingOperations: "Démarrer ce qui surveille l'application, et ce par quoi les gens sont prévenus",
  startedOperations: (seconds) =>
    `metrics-server, Prometheus, Alertmanager, un serveur de courrier, un canal de discussion et un GitHub joué sont prêts après ${seconds} s`,
  badConfigurationExplained: [
    'Son déploiement modifie aussi la ConfigMap app-config et laisse traîner un job, un pod et une demande de volume.',
  ],
  configuration: ({ settings, flags, leftovers }, firing) => [
    `app-config : ${pairs(settings)}`,
    `feature-flags : ${pairs(flags)}`,
    `Restes : ${leftovers.join(', ') || 'aucun'}. Alertes actives : ${firing.join(', ') || 'aucune'}`,
  ],
  told: 'Ce qui est arrivé là où les gens regardent',
  received: ({ chat, mails, issues, deployments, records, silences, firing, violations }) => [
    ...(chat.length === 0 ? ['Canal : rien'] : chat.map((text) => `Canal : ${indented(text)}`)),
    ...(mails.length === 0
      ? ['E-mail : aucun']
      : mails.map(({ subject, to }) => `E-mail à ${count(to, 'destinataire')} : ${subject}`)),
    ...(issues.length === 0
      ? ['Ticket GitHub : aucun']
      : issues.map(({ title, labels }) => `Ticket GitHub : ${title} [${labels.join(', ')}]`)),
    `Déploiement GitHub : ${deployments.join(', ') || 'aucun'}`,
    `Compte rendu dans le dépôt : ${records.join(', ') || 'aucun'}`,
    `Silences dans Alertmanager : ${silences.join(', ') || 'aucun'}. Alertes actives : ${firing.join(', ') || 'aucune'}`,
    ...violations.map((violation) => `Pas comme GitHub le décrit : ${violation}`),
  ],
  backups: 'Les sauvegardes, dont une seule est la bonne :',
  data: ({ users, broken, orders, head, codes }) => [
    'La base de données et le Secret contiennent :',
    `  ${users} utilisateurs, dont ${broken} BROKEN ; ${orders} commandes ; dernière migration ${head}`,
    `  ${pairs(codes)}`,
  ],
  databases: (names, kept) => [
    `Bases de données du serveur : ${names.join(', ')}`,
    kept === undefined
      ? "Aucune base n'a été gardée."
      : `${kept} est celle d'avant, avec toutes les lignes arrivées après la sauvegarde. \`mode: undo\` la remet en place.`,
  ],
  pods: 'kubectl get pods :',
  answers: "L'application répond :",
  isGreen: 'vert',
  isRed: 'ROUGE',
  run: "Revenir en arrière avec l'action",
  runExplained: (inputs) => [
    `L'étape est \`uses: ./\` avec ${inputs} ; le reste se trouve dans .github/rollback.yml.`,
    'Voici son journal, comme le job le montrerait :',
  ],
  ended: (code, seconds) => `code de sortie ${code}, ${seconds} s du démarrage du processus à sa fin`,
  summary: "Le résumé du job écrit par l'action (▸ s'ouvre sur GitHub)",
  files: 'Tout est conservé, à consulter',
  fileNames: {
    report: 'rapport JSON',
    page: 'rapport en page HTML',
    summary: 'résumé du job',
    log: 'journal',
    config: 'configuration utilisée',
  },
  keep: (kubeconfig, kubectlFolder, url) => [
    "Le cluster reste jusqu'à Ctrl-C. Dans un autre terminal :",
    `  export KUBECONFIG=${kubeconfig} PATH=${kubectlFolder}:$PATH`,
    '  kubectl -n production get deployments,pods,configmaps,leases',
    `  curl -i ${url}/health`,
  ],
  keepDatabase: (url) => [`  psql ${url}`],
  keepOperations: (prometheus, alertmanager) => [`  Prometheus : ${prometheus}`, `  Alertmanager : ${alertmanager}`],
  gone: "Le cluster n'existe plus, rien ne continue de tourner.",
  failed: "La démonstration ne s'est pas terminée comme prévu : les raisons se trouvent ci-dessus.",
};

const pairs = (values: Readonly<Record<string, string>>) =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
/** A message of several lines, under its first. */
const indented = (text: string) => text.replaceAll('\n', '\n     ');
const count = (things: readonly unknown[], name: string) => `${things.length} ${name}${things.length === 1 ? '' : 's'}`;

export const WORDS = { en, fr } as const;
export type DemoLanguage = keyof typeof WORDS;
