import { readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, resolve, sep } from 'node:path';
import { parseDocument } from 'yaml';
import { type ErrorCode, RollbackError, RollbackErrors } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import type { ClusterAccess, Credential } from './access.ts';
import { execPluginOf } from './exec-policy.ts';
import { inClusterAccess } from './in-cluster.ts';
import { secretFormsOf } from './secret-forms.ts';

/** What a kubeconfig may ask for only when `allow-insecure` names it. */
export type InsecureChoice = 'tokenFile' | 'path' | 'skip-tls-verify' | 'proxy' | 'http';

export interface KubeconfigInput {
  /** YAML, base64 of YAML, or a path. */
  readonly text?: string | undefined;
  /** The variable KUBECONFIG: paths, joined as the system joins paths. */
  readonly env?: string | undefined;
  readonly context?: string | undefined;
  readonly workspace: string;
  /** RUNNER_TEMP. */
  readonly temp: string;
  readonly allowInsecure: readonly InsecureChoice[];
  /** Base names, or absolute paths. */
  readonly allowExecPlugins: readonly string[];
  /** Folder of the service account, when we run in a pod and nothing else was given; `''` refuses it. */
  readonly serviceAccount?: string | undefined;
  /** `KUBERNETES_SERVICE_HOST` and `_PORT`. */
  readonly serviceHost?: string | undefined;
  readonly servicePort?: string | undefined;
}

type Dictionary = Readonly<Record<string, unknown>>;

interface Source {
  readonly text: string;
  /** Relative paths inside the kubeconfig start here. */
  readonly folder: string;
  /** How messages name it; never a part of its content. */
  readonly name: string;
}

interface Named {
  readonly name: string;
  readonly value: Dictionary;
  readonly folder: string;
}

/**
 * Finds the kubeconfig, proves that it asks for nothing dangerous and returns the chosen context with every file read.
 * A kubeconfig is code: it starts programs and names files that are sent to the server it names. So it is parsed here, and only what
 * was understood and allowed goes on.
 * @throws RollbackErrors with every fault found (KUBECONFIG_INVALID, KUBECONFIG_UNSAFE, CONTEXT_NOT_FOUND), each with its fix.
 */
export async function readKubeconfig(input: KubeconfigInput): Promise<ClusterAccess> {
  const sources = sourcesOf(input);
  if (sources.length === 0) {
    const access = inClusterAccess(input);
    if (access) return access;
    throw single(
      'KUBECONFIG_INVALID',
      tr`No kubeconfig: the input \`kubeconfig\` and the variable KUBECONFIG are empty, and this is not a pod.`,
      tr`Store it as a secret and give that to the input \`kubeconfig\`; the YAML comes from \`kubectl config view --raw --minify --flatten\`.`,
    );
  }
  const config = merge(sources);
  return accessOf(config, input);
}

function sourcesOf(input: KubeconfigInput): Source[] {
  const text = input.text?.trim();
  if (text) return [fromText(text, input)];
  return (input.env ?? '')
    .split(delimiter)
    .filter((path) => path !== '')
    .map((path) => fromFile(resolve(input.workspace, path), tr`the file that KUBECONFIG names`));
}

function fromText(text: string, input: KubeconfigInput): Source {
  const name = tr`the input \`kubeconfig\``;
  if (/\n|^\{/.test(text) && /clusters|apiVersion|contexts/.test(text)) return { text, folder: input.workspace, name };
  // A path has characters that base64 lacks or is short; base64 of a kubeconfig always decodes to text with these words.
  if (/^[A-Za-z0-9+/=\s]+$/.test(text)) {
    const decoded = Buffer.from(text, 'base64').toString('utf8');
    if (/clusters|apiVersion|contexts/.test(decoded)) return { text: decoded, folder: input.workspace, name };
  }
  if (text.length > 4096 || text.includes('\n')) {
    throw single(
      'KUBECONFIG_INVALID',
      tr`${name} is neither the YAML of a kubeconfig, nor base64 of it, nor a path (${text.length} characters).`,
      tr`Store the output of \`kubectl config view --raw --minify --flatten\` as the secret, whole, or base64 of it.`,
    );
  }
  return fromFile(resolve(input.workspace, text), tr`the file that ${name} names`);
}

function fromFile(path: string, name: string): Source {
  try {
    return { text: readFileSync(path, 'utf8'), folder: dirname(path), name };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? tr`unreadable`;
    // The path itself stays unsaid: a mistyped secret would stand there.
    throw single(
      'KUBECONFIG_INVALID',
      tr`${name} cannot be read (${reason}).`,
      tr`Check the path: \`ls -l "$KUBECONFIG"\`; or give the YAML itself as a secret.`,
    );
  }
}

interface Merged {
  readonly clusters: readonly Named[];
  readonly users: readonly Named[];
  readonly contexts: readonly Named[];
  readonly currentContext: string;
  readonly name: string;
}

/** As kubectl merges them: the first to set a name wins. */
function merge(sources: readonly Source[]): Merged {
  const merged = { clusters: [] as Named[], users: [] as Named[], contexts: [] as Named[], currentContext: '' };
  for (const source of sources) {
    const root = parse(source);
    merged.currentContext ||= text(root['current-context']) ?? '';
    for (const [list, part] of [
      ['clusters', 'cluster'],
      ['users', 'user'],
      ['contexts', 'context'],
    ] as const) {
      const items = root[list] ?? [];
      if (!Array.isArray(items))
        throw single('KUBECONFIG_INVALID', tr`${source.name}: \`${list}\` is not a list.`, remake());
      for (const item of items) {
        const name = text(dictionary(item)?.['name']);
        const value = dictionary(dictionary(item)?.[part]) ?? {};
        if (name === undefined) {
          throw single('KUBECONFIG_INVALID', tr`${source.name}: an entry of \`${list}\` has no name.`, remake());
        }
        if (!merged[list].some((known) => known.name === name)) {
          merged[list].push({ name, value, folder: source.folder });
        }
      }
    }
  }
  return { ...merged, name: sources[0]?.name ?? '' };
}

const remake = () => tr`Make it anew: \`kubectl config view --raw --minify --flatten\`.`;

function parse(source: Source): Dictionary {
  // The core schema knows no tags that build objects; aliases are bounded, so that a small file cannot fill the memory.
  const document = parseDocument(source.text, { schema: 'core', prettyErrors: false });
  const fault = document.errors[0];
  if (fault) {
    const line = source.text.slice(0, fault.pos[0]).split('\n').length;
    throw single('KUBECONFIG_INVALID', tr`${source.name} is not valid YAML (line ${line}: ${fault.code}).`, remake());
  }
  const root = dictionary(plain(document, source));
  if (!root || (root['kind'] !== undefined && root['kind'] !== 'Config')) {
    throw single(
      'KUBECONFIG_INVALID',
      tr`${source.name} is not a kubeconfig (a mapping with \`kind: Config\`).`,
      remake(),
    );
  }
  return root;
}

function plain(document: ReturnType<typeof parseDocument>, source: Source): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 });
  } catch {
    throw single('KUBECONFIG_INVALID', tr`${source.name} repeats itself by aliases without bound.`, remake());
  }
}

/** Collects faults, so that one run names them all. */
class Faults {
  readonly #found: RollbackError[] = [];

  add(code: ErrorCode, message: string, hint: string): void {
    this.#found.push(new RollbackError(code, message, hint));
  }

  throwIfAny(): void {
    const [first, ...rest] = this.#found;
    if (first) throw new RollbackErrors([first, ...rest]);
  }
}

function accessOf(config: Merged, input: KubeconfigInput): ClusterAccess {
  const wanted = input.context || config.currentContext;
  const known = config.contexts.map((context) => context.name);
  const context = config.contexts.find((candidate) => candidate.name === wanted);
  if (!context) {
    throw single(
      'CONTEXT_NOT_FOUND',
      wanted === ''
        ? tr`The kubeconfig sets no current-context. It has: ${known.join(', ') || tr`none`}.`
        : tr`The kubeconfig has no context "${wanted}". It has: ${known.join(', ') || tr`none`}.`,
      tr`Set the input \`context\` to one of them; to see them: \`kubectl config get-contexts\`.`,
    );
  }
  const faults = new Faults();
  const clusterName = text(context.value['cluster']) ?? '';
  const userName = text(context.value['user']) ?? '';
  const cluster = config.clusters.find((candidate) => candidate.name === clusterName);
  const user = config.users.find((candidate) => candidate.name === userName);
  if (!cluster)
    faults.add(
      'KUBECONFIG_INVALID',
      tr`Context "${wanted}" names cluster "${clusterName}", which is not there.`,
      remake(),
    );
  if (userName !== '' && !user) {
    faults.add('KUBECONFIG_INVALID', tr`Context "${wanted}" names user "${userName}", which is not there.`, remake());
  }
  const server = cluster ? serverOf(cluster, input, faults) : '';
  const ca = cluster && material(cluster, 'certificate-authority', input, faults);
  const cert = user && material(user, 'client-certificate', input, faults);
  const key = user && material(user, 'client-key', input, faults);
  const credential: Credential = user ? credentialOf(user, input, faults) : { type: 'none' };
  const impersonation = user ? impersonationOf(user.value) : {};
  faults.throwIfAny();
  const namespace = text(context.value['namespace']);
  const tlsServerName = cluster && text(cluster.value['tls-server-name']);
  const proxyUrl = cluster && text(cluster.value['proxy-url']);
  return {
    context: context.name,
    server,
    ...(namespace ? { namespace } : {}),
    ...(ca ? { ca } : {}),
    ...(tlsServerName ? { tlsServerName } : {}),
    skipTlsVerify: cluster?.value['insecure-skip-tls-verify'] === true,
    ...(proxyUrl ? { proxyUrl } : {}),
    ...(cert && key ? { clientCertificate: { cert, key } } : {}),
    credential,
    impersonation,
    // Of every user, not only of the chosen one: all of the file may end up in somebody's error message.
    secrets: secretFormsOf([...config.users.map(({ value }) => value), key, proxyUrl && passwordOf(proxyUrl)]),
  };
}

function serverOf(cluster: Named, input: KubeconfigInput, faults: Faults): string {
  const server = text(cluster.value['server']) ?? '';
  const url = URL.parse(server);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '' || url.hash !== '') {
    faults.add('KUBECONFIG_INVALID', tr`Cluster "${cluster.name}": its server is not a plain https address.`, remake());
    return '';
  }
  const allows = (choice: InsecureChoice) => input.allowInsecure.includes(choice);
  if (url.protocol === 'http:' && !allows('http')) {
    faults.add(
      'KUBECONFIG_UNSAFE',
      tr`Cluster "${cluster.name}" is reached by http: credentials and Secrets would travel in the clear.`,
      tr`Use its https address, or set \`allow-insecure: http\`.`,
    );
  }
  if (cluster.value['insecure-skip-tls-verify'] === true && !allows('skip-tls-verify')) {
    faults.add(
      'KUBECONFIG_UNSAFE',
      tr`Cluster "${cluster.name}" sets insecure-skip-tls-verify: anybody on the way could read the credentials.`,
      tr`Put the authority in: \`kubectl config set-cluster NAME --embed-certs --certificate-authority=ca.crt\`; or set \`allow-insecure: skip-tls-verify\`.`,
    );
  }
  if (text(cluster.value['proxy-url']) && !allows('proxy')) {
    faults.add(
      'KUBECONFIG_UNSAFE',
      tr`Cluster "${cluster.name}" sets proxy-url: all requests would go through a host that the kubeconfig chose.`,
      tr`Remove it, or set \`allow-insecure: proxy\`.`,
    );
  }
  return url.href.replace(/\/$/, '');
}

function credentialOf(user: Named, input: KubeconfigInput, faults: Faults): Credential {
  const { value } = user;
  if (value['auth-provider'] !== undefined) {
    faults.add(
      'KUBECONFIG_UNSAFE',
      tr`User "${user.name}" uses an auth-provider, which Kubernetes removed in 1.26.`,
      tr`Use the exec plugin of your provider (\`aws eks update-kubeconfig\`, \`gcloud container clusters get-credentials\`, \`kubelogin convert-kubeconfig\`).`,
    );
  }
  if (value['exec'] !== undefined) {
    const plugin = execPluginOf(dictionary(value['exec']) ?? {}, input);
    if ('fault' in plugin) {
      faults.add('KUBECONFIG_UNSAFE', tr`User "${user.name}": ${plugin.fault}`, plugin.fix);
      return { type: 'none' };
    }
    return { type: 'exec', plugin };
  }
  // As in client-go, a token file wins over a token that stands beside it.
  const tokenFile = text(value['tokenFile']);
  if (tokenFile) {
    const path = resolve(user.folder, tokenFile);
    if (!input.allowInsecure.includes('tokenFile')) {
      faults.add(
        'KUBECONFIG_UNSAFE',
        tr`User "${user.name}" sets tokenFile: the content of a file of this runner would be sent to the server that the same kubeconfig names.`,
        tr`Put the token itself in, or set \`allow-insecure: tokenFile\`.`,
      );
    } else if (confined(path, input)) return { type: 'tokenFile', path };
    else faults.add('KUBECONFIG_UNSAFE', outside(user, 'tokenFile'), outsideFix());
    return { type: 'none' };
  }
  const token = text(value['token']);
  if (token) return { type: 'token', token: token.trim() };
  const username = text(value['username']);
  if (username) return { type: 'basic', username, password: text(value['password']) ?? '' };
  return { type: 'none' };
}

/** PEM from `NAME-data` (base64) or from the file `NAME`. */
function material(entry: Named, name: string, input: KubeconfigInput, faults: Faults): string | undefined {
  const data = text(entry.value[`${name}-data`]);
  if (data) {
    const pem = Buffer.from(data, 'base64').toString('utf8');
    if (!pem.includes('-----BEGIN ')) {
      faults.add('KUBECONFIG_INVALID', tr`"${entry.name}": ${name}-data is not base64 of a PEM block.`, remake());
    }
    return pem;
  }
  const file = text(entry.value[name]);
  if (!file) return undefined;
  const path = resolve(entry.folder, file);
  if (!confined(path, input)) {
    faults.add('KUBECONFIG_UNSAFE', outside(entry, name), outsideFix());
    return undefined;
  }
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? tr`unreadable`;
    faults.add('KUBECONFIG_INVALID', tr`"${entry.name}": the file of ${name} cannot be read (${reason}).`, remake());
    return undefined;
  }
}

const outsideFix = () =>
  tr`Embed it: \`kubectl config view --raw --minify --flatten\`; or set \`allow-insecure: path\`.`;

function outside(entry: Named, name: string): string {
  return tr`"${entry.name}": ${name} is a file outside of the workspace and the runner's temporary folder.`;
}

/** True when the file, links followed, lies in the workspace or in RUNNER_TEMP, or `path` is allowed. */
function confined(path: string, input: KubeconfigInput): boolean {
  if (input.allowInsecure.includes('path')) return true;
  const real = realPath(path);
  return [input.workspace, input.temp]
    .filter((folder) => isAbsolute(folder))
    .some((folder) => real.startsWith(realPath(folder) + sep) && (!exists(real) || statSync(real).isFile()));
}

/** Where a file is missing its folder decides, so that a missing file is told as missing, not as outside. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : resolve(realPath(parent), path.slice(parent.length).replace(/^[/\\]/, ''));
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function impersonationOf(user: Dictionary): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = {};
  const as = text(user['as']);
  if (as) headers['impersonate-user'] = as;
  const uid = text(user['as-uid']);
  if (uid) headers['impersonate-uid'] = uid;
  const groups = user['as-groups'];
  if (Array.isArray(groups) && groups.length > 0) headers['impersonate-group'] = groups.map(String);
  for (const [key, values] of Object.entries(dictionary(user['as-user-extra']) ?? {})) {
    if (Array.isArray(values)) headers[`impersonate-extra-${encodeURIComponent(key)}`] = values.map(String);
  }
  return headers;
}

function passwordOf(proxyUrl: string): string | undefined {
  return URL.parse(proxyUrl)?.password || undefined;
}

function single(code: ErrorCode, message: string, hint: string): RollbackErrors {
  return new RollbackErrors([new RollbackError(code, message, hint)]);
}

function dictionary(value: unknown): Dictionary | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Dictionary) : undefined;
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? value : undefined;
}
