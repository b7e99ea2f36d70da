import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCommands } from '../../../src/adapters/commands.ts';
import { waitFor } from '../../../testbed/condition.ts';

const PATH = process.env['PATH'] ?? '';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commands-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const commands = (more: Partial<Parameters<typeof createCommands>[0]> = {}) =>
  createCommands({ workspace: folder, environment: { PATH }, neutral: (text) => text, ...more });
const within = (timeoutMs = 20_000, signal = new AbortController().signal) => ({ timeoutMs, signal });

/** A zombie that nobody has reaped yet has ended as well. */
async function isAlive(pid: string): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return state !== '' && !/\) Z /.test(state);
}

async function pidIn(name: string): Promise<string> {
  return waitFor('the pid', async () => (await readFile(join(folder, name), 'utf8')).trim() || undefined, {
    timeoutMs: 10_000,
  });
}

describe('a command of the project', () => {
  it('runs in the workspace; both its outputs come in the order in which they were written', async () => {
    const result = await commands().run('pwd; echo one; echo two >&2; echo three', within());
    expect(result).toMatchObject({ exitCode: 0, timedOut: false, lines: [folder, 'one', 'two', 'three'] });
  });

  it.each([
    ['its own exit code', 'exit 7', 7],
    ['one part of a pipe', 'false | cat', 1],
    ['a variable that is not set', 'echo "$NOT_SET"', 1],
    ['a program that does not exist', 'no-such-program', 127],
    ['a line that bash cannot read', 'if', 2],
  ])('fails by %s', async (_what, command, exitCode) => {
    expect(await commands().run(command, within())).toMatchObject({ exitCode, timedOut: false });
  });

  it('that ends by a signal has no exit code', async () => {
    expect(await commands().run('kill -9 $$', within())).toMatchObject({ exitCode: undefined, timedOut: false });
  });

  it('that cannot be started says so', async () => {
    const result = await commands({ workspace: join(folder, 'nowhere') }).run('true', within());
    expect(result).toMatchObject({ exitCode: undefined, lines: ['bash cannot be started (ENOENT)'] });
  });
});

describe('the end of a command', () => {
  it('comes with the timeout, for its grandchildren too, also where they do not want to', async () => {
    const stubborn = `(trap '' TERM; echo $BASHPID > stubborn; while true; do sleep 0.1; done) & (sleep 600 & echo $! > sleeper; wait) & echo begun; wait`;
    const result = await commands().run(stubborn, within(1000));
    expect(result).toMatchObject({ exitCode: undefined, timedOut: true, lines: ['begun'] });
    for (const name of ['stubborn', 'sleeper']) {
      const pid = await pidIn(name);
      await waitFor(`${name} to end`, async () => !(await isAlive(pid)), { timeoutMs: 10_000 });
    }
  });

  it('comes with an abort, and leaves time to tidy up', async () => {
    const abort = new AbortController();
    const running = commands().run(
      `trap 'echo tidied; exit 3' TERM; echo $$ > waiting; while true; do sleep 0.1; done`,
      within(60_000, abort.signal),
    );
    await pidIn('waiting');
    abort.abort();
    expect(await running).toMatchObject({
      exitCode: undefined,
      timedOut: false,
      lines: expect.arrayContaining(['tidied']),
    });
  });

  it('is at once where the run was cancelled before', async () => {
    const result = await commands().run('echo begun > never', within(1000, AbortSignal.abort()));
    expect(result.exitCode).toBeUndefined();
    expect(await commands().names('.')).not.toContain('never');
  });

  it('leaves nothing behind: what it put into the background ends with it', async () => {
    const result = await commands().run('sleep 600 & echo $! > background; echo done', within());
    expect(result).toMatchObject({ exitCode: 0, timedOut: false, lines: ['done'] });
    const pid = await pidIn('background');
    await waitFor('it to end', async () => !(await isAlive(pid)), { timeoutMs: 10_000 });
  });
});

describe('what a command writes', () => {
  it('is kept for its last fifty lines, and cut where a line is long', async () => {
    const { lines } = await commands().run(
      'seq 1 100000; head -c 5000000 /dev/zero | tr "\\0" x; echo; echo; echo',
      within(),
    );
    expect(lines).toHaveLength(50);
    expect(lines.at(-2)).toBe('100000');
    expect(lines.at(-1)).toBe(`${'x'.repeat(999)}…`);
  });

  it('is as a screen would show it, without control characters', async () => {
    const { lines } = await commands().run(
      `printf '10%%\\r50%%\\rdone\\r\\n\\033[31mred\\033[0m \\033]0;title\\007bell\\007\\n\\342\\200\\256reversed\\n\\377\\n'`,
      within(),
    );
    expect(lines).toEqual(['done', 'red bell\ufffd', '\ufffdreversed', '\ufffd']);
  });

  it('has no secrets, also where colours stand inside of one', async () => {
    const neutral = (text: string) => text.replaceAll('hunter2', '***');
    const { lines } = await commands({ neutral }).run(
      `printf 'hunter2\\nhun\\033[1mter2\\n::add-mask::hunter2\\n'`,
      within(),
    );
    expect(lines).toEqual(['***', '***', '::add-mask::***']);
  });
});

describe('the environment of a command', () => {
  const runner = {
    PATH,
    HOME: '/home/runner',
    PGPASSWORD: 'theirs',
    CODE: 'of a Secret',
    INPUT_KUBECONFIG: 'x',
    'INPUT_DATABASE-URL': 'x',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
    ACTIONS_RUNTIME_TOKEN: 'x',
    GITHUB_TOKEN: 'x',
    GITHUB_OUTPUT: '/output',
    GITHUB_ENV: '/env',
    STATE_isPost: 'true',
    GITHUB_SHA: 'abc',
  };
  const names = (lines: readonly string[]) => lines.map((line) => line.replace(/=.*/, ''));

  it('is the runner’s own, without the inputs and credentials of this action', async () => {
    const { lines } = await commands({ environment: runner, withhold: ['CODE'] }).look('env | sort', within());
    expect(names(lines).filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name))).toEqual([
      'GITHUB_SHA',
      'HOME',
      'PATH',
      'PGPASSWORD',
    ]);
  });

  it('has the address of the database where it is asked for, and what the caller gives', async () => {
    const all = commands({
      environment: runner,
      databaseEnvironment: async () => ({ DATABASE_URL: 'postgresql://x' }),
    });
    const show = `echo "\${DATABASE_URL-none} \${MORE-none}"`;
    expect((await all.run(show, within())).lines).toEqual(['none none']);
    expect((await all.run(show, { ...within(), withDatabase: true, environment: { MORE: '1' } })).lines).toEqual([
      'postgresql://x 1',
    ]);
  });
});

describe('a folder of the workspace', () => {
  it('is listed; one that is not there or lies outside is not', async () => {
    await mkdir(join(folder, 'migrations'), { recursive: true });
    await writeFile(join(folder, 'migrations', '1_a.sql'), '');
    await symlink('/etc', join(folder, 'way-out'));
    expect(await commands().names('migrations')).toEqual(['1_a.sql']);
    for (const name of ['nowhere', '..', '/etc', 'way-out']) expect(await commands().names(name)).toBeUndefined();
  });
});
