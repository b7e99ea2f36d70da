import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocketServer } from 'ws';
import { type Cluster, connectCluster } from '../../../../src/adapters/kubernetes/index.ts';
import type { RollbackError } from '../../../../src/core/errors.ts';

/** How a node answers one command: what k8s.io/cri-streaming (remotecommand/exec.go) writes on the channels. */
interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  /** Absent: the stream ends without one. */
  readonly status?: object;
  readonly cut?: boolean;
}

const SUCCESS = { metadata: {}, status: 'Success' };
const exit = (code: number) => ({
  metadata: {},
  status: 'Failure',
  message: `command terminated with non-zero exit code: command terminated with exit code ${code}`,
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
});
/** As containerd with runc says it. */
const noSuchCommand = (name: string) => ({
  metadata: {},
  status: 'Failure',
  message: `Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "1f": OCI runtime exec failed: exec failed: unable to start container process: exec: "${name}": executable file not found in $PATH: unknown`,
  reason: 'InternalError',
  details: { causes: [{ message: 'error executing command in container' }] },
  code: 500,
});

/** Ends what a test started, also where it started several. */
const started: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of started.splice(0)) await end();
});

/** An API server with one pod whose node is of before 1.30: it speaks v4 alone. */
async function podThat(answers: { stat: Answer; cat: Answer }, asked: string[][] = []): Promise<Cluster> {
  const accepting = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('v4.channel.k8s.io') ? 'v4.channel.k8s.io' : false),
  });
  const server: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ metadata: { name: 'db', uid: '1' }, spec: { containers: [{ name: 'postgres' }] } }));
  });
  server.on('upgrade', (request, socket, head) => {
    const command = new URL(request.url ?? '', 'http://server').searchParams.getAll('command');
    asked.push(command);
    accepting.handleUpgrade(request, socket, head, (peer) => {
      const answer = answers[command[0] as 'stat' | 'cat'];
      const say = (channel: number, text: string) =>
        peer.send(Buffer.from(String.fromCharCode(channel) + text, 'latin1'));
      say(1, '');
      if (answer.stdout) say(1, answer.stdout);
      if (answer.stderr) say(2, answer.stderr);
      if (answer.status) say(3, JSON.stringify(answer.status));
      if (answer.cut) setImmediate(() => socket.end());
      else peer.close(1000);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cluster = await connectCluster(
    {
      context: 'test',
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      skipTlsVerify: false,
      credential: { type: 'token', token: 't' },
      impersonation: {},
      secrets: [],
    },
    'shop',
    { userAgent: 'test' },
  );
  started.push(async () => {
    await cluster.close();
    server.closeAllConnections();
    server.close();
  });
  return cluster;
}

async function read(one: Cluster): Promise<string> {
  let text = '';
  for await (const chunk of one.podFile('db', '/b/dump.sql')) text += Buffer.from(chunk).toString('latin1');
  return text;
}

async function failure(one: Cluster): Promise<RollbackError> {
  return read(one).then(
    () => {
      throw new Error('it was expected to fail');
    },
    (error) => error,
  );
}

const file = (bytes: number): Answer => ({ stdout: `81a4 ${bytes}\n`, status: SUCCESS });
const content = { stdout: 'CREATE TABLE', status: SUCCESS };

describe('a file of a pod, as a node tells of it', () => {
  it('is whole when cat succeeded and gave what stat announced', async () => {
    const asked: string[][] = [];
    expect(await read(await podThat({ stat: file(12), cat: content }, asked))).toBe('CREATE TABLE');
    expect(asked).toEqual([
      ['stat', '-L', '-c', '%f %s', '--', '/b/dump.sql'],
      ['cat', '--', '/b/dump.sql'],
    ]);
  });

  it('needs no stat in the image', async () => {
    expect(await read(await podThat({ stat: { status: noSuchCommand('stat') }, cat: content }))).toBe('CREATE TABLE');
    const unknown: Answer = { stderr: 'stat: unrecognized option: c\n', status: exit(1) };
    expect(await read(await podThat({ stat: unknown, cat: content }))).toBe('CREATE TABLE');
  });

  it.each<[string, { stat: Answer; cat: Answer }, string, RegExp]>([
    [
      'fewer bytes than it has',
      { stat: file(13), cat: content },
      'BACKUP_UNREADABLE',
      /pod:db:\/b\/dump\.sql cannot be read: it gave 12 of 13 bytes/,
    ],
    ['more bytes than it had', { stat: file(11), cat: content }, 'BACKUP_CHANGED', /has grown from 11 to 12 bytes/],
    [
      'a stream that ends without a status',
      { stat: file(12), cat: { stdout: 'CREATE TABLE' } },
      'BACKUP_UNREADABLE',
      /the stream ended after 12 of 12 bytes/,
    ],
    [
      'a connection that is cut',
      { stat: { status: noSuchCommand('stat') }, cat: { stdout: 'CREATE', cut: true } },
      'BACKUP_UNREADABLE',
      /the stream ended after 6 bytes/,
    ],
    [
      'an exit code behind a whole file',
      { stat: file(12), cat: { stdout: 'CREATE TABLE', stderr: 'cat: read error: I/O error\n', status: exit(1) } },
      'BACKUP_UNREADABLE',
      /cat failed \(cat: read error: I\/O error, exit code 1\)/,
    ],
    [
      'no such file',
      {
        stat: { stderr: "stat: cannot statx '/b/dump.sql': No such file or directory\n", status: exit(1) },
        cat: content,
      },
      'BACKUP_NOT_FOUND',
      /does not exist \(container "postgres"\)/,
    ],
    [
      'no such file, and no stat',
      {
        stat: { status: noSuchCommand('stat') },
        cat: { stderr: "cat: can't open '/b/dump.sql': No such file or directory\n", status: exit(1) },
      },
      'BACKUP_NOT_FOUND',
      /does not exist/,
    ],
    [
      'no cat',
      { stat: { status: noSuchCommand('stat') }, cat: { status: noSuchCommand('cat') } },
      'BACKUP_UNREADABLE',
      /container "postgres" has no `cat`/,
    ],
    [
      'no cat, as a shell-less runtime says by its exit code',
      { stat: { status: exit(127) }, cat: { status: exit(127) } },
      'BACKUP_UNREADABLE',
      /has no `cat`/,
    ],
    [
      'no right to read it',
      { stat: file(12), cat: { stderr: 'cat: /b/dump.sql: Permission denied\n', status: exit(1) } },
      'BACKUP_UNREADABLE',
      /Permission denied, exit code 1/,
    ],
    [
      'a directory',
      { stat: { stdout: '41ed 4096\n', status: SUCCESS }, cat: content },
      'BACKUP_UNREADABLE',
      /it is no file/,
    ],
  ])('%s', async (_name, answers, code, message) => {
    const error = await failure(await podThat(answers));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
