import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { findBinaries } from './binaries.ts';

const execute = promisify(execFile);

export interface WorkflowOptions {
  /** Files of the repository whose workflow runs, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** `owner/name` of that repository. */
  readonly repository: string;
  /** Path of the workflow in it. */
  readonly workflow: string;
  readonly event: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Other repositories, as `owner/name@ref`: the folder that stands for them. Nothing is fetched from a network. */
  readonly repositories?: Readonly<Record<string, string>>;
  /** Folders whose programs the jobs find. */
  readonly path?: readonly string[];
}

export interface JobRun {
  readonly result: string;
  /** All summaries of its steps, in order. */
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly log: string;
}

export interface WorkflowRun {
  readonly code: number | null;
  /** By the name of the job as act shows it. */
  readonly jobs: Readonly<Record<string, JobRun>>;
  /** All that act printed, before it was taken apart. */
  readonly raw: string;
}

/** A line of act's log as JSON; the fields that are read. */
interface Line {
  readonly msg?: string;
  readonly job?: string;
  readonly jobResult?: string;
  readonly command?: string;
  readonly name?: string;
  readonly arg?: string;
  readonly content?: string;
}

/** Runs one workflow by act in host mode: jobs are processes of this machine, without containers. Removes what it made. */
export async function runWorkflow(options: WorkflowOptions): Promise<WorkflowRun> {
  const { act } = await findBinaries(['act']);
  const folder = await mkdtemp(join(tmpdir(), 'tiered-rollback-act-'));
  try {
    const repository = join(folder, 'repository');
    await createRepository(repository, options);
    const secretFile = join(folder, 'secrets');
    await writeFile(secretFile, dotenv(options.secrets ?? {}), { mode: 0o600 });
    const args = [
      options.event,
      '--workflows',
      options.workflow,
      '--platform',
      'ubuntu-latest=-self-hosted',
      '--secret-file',
      secretFile,
      '--json',
      '--no-cache-server',
      '--action-cache-path',
      join(folder, 'cache'),
      ...Object.entries(options.inputs ?? {}).flatMap(([name, value]) => ['--input', `${name}=${value}`]),
      ...Object.entries(options.repositories ?? {}).flatMap(([name, path]) => [
        '--local-repository',
        `${name}=${path}`,
      ]),
    ];
    const child = spawn(act, args, {
      cwd: repository,
      env: environment(folder, options.path ?? []),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => lines.push(line));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { code, jobs: jobsOf(lines), raw: lines.join('\n') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function createRepository(folder: string, { files, repository }: WorkflowOptions): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const git = (...args: string[]) =>
    execute('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], { cwd: folder });
  await git('init', '--quiet', '--initial-branch=main');
  await git('remote', 'add', 'origin', `https://github.com/${repository}`);
  await git('add', '--all');
  await git('commit', '--quiet', '--message=first');
}

/** The jobs inherit it: nothing of the caller's own settings but the path, so that no KUBECONFIG or proxy leaks in. */
function environment(folder: string, path: readonly string[]): NodeJS.ProcessEnv {
  return {
    PATH: [...path, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    HOME: folder,
    XDG_CACHE_HOME: join(folder, 'cache'),
    TMPDIR: tmpdir(),
  } as NodeJS.ProcessEnv;
}

const dotenv = (values: Readonly<Record<string, string>>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${JSON.stringify(value).replaceAll('$', '\\$')}\n`)
    .join('');

function jobsOf(lines: readonly string[]): Record<string, JobRun> {
  const jobs: Record<string, { result: string; summary: string; outputs: Record<string, string>; log: string }> = {};
  for (const text of lines) {
    if (!text.startsWith('{')) continue;
    const line = JSON.parse(text) as Line;
    // act pads the names to one width.
    const name = line.job?.trim();
    if (name === undefined) continue;
    jobs[name] ??= { result: '', summary: '', outputs: {}, log: '' };
    const job = jobs[name] as (typeof jobs)[string];
    if (line.jobResult !== undefined) job.result = line.jobResult;
    if (line.command === 'summary') job.summary += line.content ?? '';
    if (line.command === 'set-output' && line.name !== undefined) job.outputs[line.name] = line.arg ?? '';
    job.log += `${line.msg ?? ''}\n`;
  }
  return jobs;
}
