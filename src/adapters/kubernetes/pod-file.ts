import { RollbackError } from '../../core/errors.ts';
import { kubectl } from '../../core/shell.ts';
import { tr } from '../../core/tr.ts';
import { type Ended, exec } from './exec.ts';
import type { ObjectClient } from './object-client.ts';
import { printable } from './printable.ts';

/** As `kubectl exec` honours it. */
const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';
const FILE_TYPE = 0xf000;
const REGULAR_FILE = 0x8000;
/** Where a command is not in the image, the runtime says so in its own words, or a shell would by one of these. */
const NO_COMMAND_CODES = [126, 127];
const NO_COMMAND =
  /executable file not found|not found in \$PATH|no such file or directory.*(OCI|exec)|(OCI|exec).*no such file or directory/i;

interface Place {
  readonly pod: string;
  readonly container: string;
  readonly path: string;
  /** For people: `pod:NAME:/path`. */
  readonly name: string;
}

/**
 * The bytes of a file in a pod, by `cat` in its container, without a shell. Ends without an error only when `cat` succeeded and gave as many
 * bytes as the file had before; where the image has no `stat` that knows `-c`, the success of `cat` alone decides.
 * @param path absolute
 * @throws BACKUP_NOT_FOUND, BACKUP_UNREADABLE, BACKUP_CHANGED, CLUSTER_*, CANCELLED
 */
export async function* podFile(
  client: ObjectClient,
  pod: string,
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const name = printable(`pod:${pod}:${path}`, 300);
  if (!path.startsWith('/') || path.includes('\0'))
    throw new RollbackError(
      'INPUT_INVALID',
      tr`${name} does not name an absolute path.`,
      tr`Write pod:NAME:/path/to/file.`,
    );
  const place = { pod, path, name, container: await containerOf(client, pod, name) };
  const expected = await sizeOf(client, place, signal);
  const running = await exec(client, place, ['cat', '--', path], signal);
  let bytes = 0;
  for await (const chunk of running.stdout) {
    bytes += chunk.length;
    yield chunk;
  }
  const ended = await running.ended;
  if (signal?.aborted)
    throw new RollbackError(
      'CANCELLED',
      tr`Cancelled while ${name} was read.`,
      tr`Run again: a run goes on where the last one stopped.`,
    );
  if (ended.how === 'failed') throw failureOf(client, place, ended, 'cat');
  if (ended.how === 'unknown')
    throw unreadable(
      client,
      place,
      expected === undefined
        ? tr`the stream ended after ${bytes} bytes (${printable(ended.message, 200)})`
        : tr`the stream ended after ${bytes} of ${expected} bytes (${printable(ended.message, 200)})`,
    );
  if (expected === undefined || bytes === expected) return;
  if (bytes < expected) throw unreadable(client, place, tr`it gave ${bytes} of ${expected} bytes`);
  throw new RollbackError(
    'BACKUP_CHANGED',
    tr`${name} has grown from ${expected} to ${bytes} bytes while it was read.`,
    tr`Wait until nothing writes to it any more, then run again.`,
  );
}

async function containerOf(client: ObjectClient, pod: string, name: string): Promise<string> {
  const found = await client.get('Pod', pod);
  if (!found)
    throw new RollbackError(
      'BACKUP_NOT_FOUND',
      tr`${name}: there is no pod "${printable(pod, 63)}" in namespace "${client.namespace}".`,
      tr`See which there are: \`${kubectl(client.namespace, 'get', 'pods')}\`.`,
    );
  const names = found.spec.containers.map((container) => container.name);
  const chosen = found.metadata.annotations?.[DEFAULT_CONTAINER] ?? (names.length === 1 ? names[0] : undefined);
  if (chosen !== undefined && names.includes(chosen)) return chosen;
  throw new RollbackError(
    'BACKUP_UNREADABLE',
    chosen === undefined
      ? tr`${name}: pod "${pod}" has ${names.length} containers (${names.join(', ')}), and nothing says which has the file.`
      : tr`${name}: pod "${pod}" has ${names.length} containers (${names.join(', ')}), and none is called "${printable(chosen, 63)}", as its annotation says.`,
    tr`Name it in the template of the pod: the annotation ${DEFAULT_CONTAINER}.`,
  );
}

/** Bytes of the file, links followed; undefined where the image cannot tell. @throws what is certain already: not there, not a file */
async function sizeOf(client: ObjectClient, place: Place, signal?: AbortSignal): Promise<number | undefined> {
  // GNU, busybox and toybox all know these; words would be translated.
  const running = await exec(client, place, ['stat', '-L', '-c', '%f %s', '--', place.path], signal);
  let text = '';
  for await (const chunk of running.stdout) if (text.length < 100) text += chunk.toString('latin1');
  const ended = await running.ended;
  if (ended.how === 'failed' && isMissing(ended)) throw failureOf(client, place, ended, 'stat');
  const [, mode, size] = /^([0-9a-f]+) (\d+)\s*$/.exec(text) ?? [];
  if (ended.how !== 'succeeded' || mode === undefined) return undefined;
  if ((Number.parseInt(mode, 16) & FILE_TYPE) !== REGULAR_FILE) throw unreadable(client, place, tr`it is no file`);
  return Number(size);
}

function failureOf(client: ObjectClient, place: Place, ended: Ended, command: string): RollbackError {
  if (isMissing(ended))
    return new RollbackError(
      'BACKUP_NOT_FOUND',
      tr`${place.name} does not exist (container "${place.container}").`,
      tr`See what is there: \`${inPod(client, place, 'ls', '-l', '--', place.path.replace(/\/[^/]*$/, '') || '/')}\`.`,
    );
  if (NO_COMMAND_CODES.includes(ended.exitCode ?? 0) || NO_COMMAND.test(ended.message))
    return new RollbackError(
      'BACKUP_UNREADABLE',
      tr`${place.name} cannot be read: container "${place.container}" has no \`${command}\`.`,
      tr`Name a pod whose image has it and that mounts the same volume, or use \`backup-command\`.`,
    );
  const code = ended.exitCode === undefined ? '' : tr`, exit code ${ended.exitCode}`;
  return unreadable(client, place, tr`${command} failed (${printable(ended.stderr || ended.message, 300)}${code})`);
}

/** The words of strerror(ENOENT) by the command itself, not those of a runtime that misses the command. */
const isMissing = ({ stderr }: Ended) =>
  /: No such file or directory\s*$/.test(stderr) && !/^OCI runtime/m.test(stderr);

const unreadable = (client: ObjectClient, place: Place, why: string) =>
  new RollbackError(
    'BACKUP_UNREADABLE',
    tr`${place.name} cannot be read: ${why}.`,
    tr`Try it: \`${inPod(client, place, 'cat', '--', place.path)} | wc -c\`.`,
  );

const inPod = (client: ObjectClient, { pod, container }: Place, ...words: string[]) =>
  kubectl(client.namespace, 'exec', pod, '-c', container, '--', ...words);
