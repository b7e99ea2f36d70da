import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Report } from '../src/core/report.ts';
import { type Annotation, CommandReader, readFileCommand } from './runner/commands.ts';

export type { Annotation } from './runner/commands.ts';

/** Another build to try. Sources run as they are, too: an action.yml whose `main` is src/main.ts. */
const ACTION_VARIABLE = 'TIERED_ROLLBACK_TESTBED_ACTION';

/** What a runner does between SIGINT, SIGTERM and the end when a job is cancelled. */
const SIGTERM_AFTER_MS = 7500;
const SIGKILL_AFTER_MS = 2500;

export interface StepOptions {
  /** The `with:` of the step. */
  readonly with?: Readonly<Record<string, string>>;
  /** The `env:` of the step; wins over what the runner sets. */
  readonly env?: Readonly<Record<string, string>>;
  /** The repository that was checked out; an empty folder unless told. */
  readonly workspace?: string;
  /** Where temporary files, summary and report go. Kept when told, else gone with `dispose`. */
  readonly folder?: string;
  readonly event?: { readonly name: string; readonly payload: unknown };
  /** `github.token`: empty unless told, because the API of GitHub is not part of the testbed. */
  readonly token?: string;
  /** Folder that holds `action.yml`; `TIERED_ROLLBACK_TESTBED_ACTION`, else this repository. */
  readonly action?: string;
  /** Every line of the log as GitHub shows it, as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface StepResult {
  /** Of the main entry; null when a signal ended it. */
  readonly exitCode: number | null;
  readonly postExitCode: number | null;
  /** Main and post, as GitHub shows it: commands carried out, masked values hidden. */
  readonly log: string;
  /** Every byte that main and post printed, before anything was hidden. */
  readonly raw: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly annotations: readonly Annotation[];
  readonly masks: readonly string[];
  /** The JSON report; absent when none was written. */
  readonly report?: Report;
  readonly reportText: string;
  /** The report as an HTML page. */
  readonly pageText: string;
  readonly reportPath: string;
  /** Milliseconds from the start of the main process to its end. */
  readonly durationMs: number;
  readonly folder: string;
}

/**
 * One step `uses: <this action>`, carried out as a GitHub runner does: inputs as INPUT_ variables, the files behind GITHUB_OUTPUT,
 * GITHUB_STATE and GITHUB_STEP_SUMMARY, then `post` with the state that main saved. What of the surrounding environment a runner
 * would not have is not passed on, so that no KUBECONFIG or proxy of the caller leaks in.
 */
export class Step {
  /** Of the main process. */
  readonly pid: number;
  /** Unix milliseconds just before the main process was started. */
  readonly startedAt: number;
  readonly #child: ChildProcess;
  readonly #job: Job;
  readonly #main: Promise<{ code: number | null; ms: number }>;

  private constructor(job: Job) {
    this.#job = job;
    this.startedAt = performance.timeOrigin + performance.now();
    const from = performance.now();
    this.#child = job.spawn('main', {});
    this.pid = this.#child.pid ?? 0;
    this.#main = ended(this.#child).then((code) => ({ code, ms: performance.now() - from }));
  }

  static async start(options: StepOptions = {}): Promise<Step> {
    return new Step(await prepare(options));
  }

  /** Resolves when the main process has ended, before post. */
  async mainEnded(): Promise<number | null> {
    return (await this.#main).code;
  }

  /** Resolves with the first line of the log that matches; rejects when main ends without one. */
  said(pattern: RegExp): Promise<string> {
    return this.#job.said(pattern, this.#main);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** As the button "Cancel workflow" does it: SIGINT, 7.5 s later SIGTERM, 2.5 s later the end. */
  cancel(): void {
    this.signal('SIGINT');
    const later = [
      setTimeout(() => this.signal('SIGTERM'), SIGTERM_AFTER_MS),
      setTimeout(() => this.signal('SIGKILL'), SIGTERM_AFTER_MS + SIGKILL_AFTER_MS),
    ];
    void this.#main.then(() => later.forEach(clearTimeout));
  }

  /** Waits for main, runs post, and collects everything. */
  async finish(): Promise<StepResult> {
    const { code, ms } = await this.#main;
    const state = readFileCommand(await readFile(this.#job.file('state'), 'utf8'));
    const post = this.#job.spawn('post', Object.fromEntries(Object.entries(state).map(([k, v]) => [`STATE_${k}`, v])));
    const postExitCode = await ended(post);
    return this.#job.collect(code, postExitCode, ms);
  }

  /** Removes the folder, unless the caller named it. */
  async dispose(): Promise<void> {
    if (this.#job.isOwnFolder) await rm(this.#job.folder, { recursive: true, force: true });
  }
}

/** The whole step, main and post; its folder is removed unless it was named. */
export async function runStep(options: StepOptions = {}): Promise<StepResult> {
  const step = await Step.start(options);
  try {
    return await step.finish();
  } finally {
    await step.dispose();
  }
}

interface ActionFile {
  readonly inputs?: Record<string, { default?: unknown } | null>;
  readonly runs: { readonly main: string; readonly post: string };
}

async function prepare(options: StepOptions): Promise<Job> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'tiered-rollback-runner-')));
  const action = options.action ?? (process.env[ACTION_VARIABLE] || fileURLToPath(new URL('..', import.meta.url)));
  const definition = parse(await readFile(join(action, 'action.yml'), 'utf8')) as ActionFile;
  const job = new Job(folder, options.folder === undefined, action, definition, options);
  await mkdir(job.temp, { recursive: true });
  await mkdir(job.workspace, { recursive: true });
  for (const name of ['output', 'state', 'summary.md', 'env', 'path']) await writeFile(job.file(name), '');
  await writeFile(job.file('event.json'), JSON.stringify(options.event?.payload ?? {}));
  return job;
}

class Job {
  readonly folder: string;
  readonly isOwnFolder: boolean;
  readonly #action: string;
  readonly #definition: ActionFile;
  readonly #options: StepOptions;
  readonly #commands = new CommandReader();
  readonly #raw: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();
  readonly #runId = String(Math.floor(1e9 + Math.random() * 9e9));

  constructor(folder: string, isOwnFolder: boolean, action: string, definition: ActionFile, options: StepOptions) {
    this.folder = folder;
    this.isOwnFolder = isOwnFolder;
    this.#action = action;
    this.#definition = definition;
    this.#options = options;
  }

  get temp(): string {
    return join(this.folder, 'temp');
  }

  get workspace(): string {
    return this.#options.workspace ?? join(this.folder, 'workspace');
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  spawn(entry: 'main' | 'post', state: Record<string, string>): ChildProcess {
    const child = spawn(process.execPath, [join(this.#action, this.#definition.runs[entry])], {
      cwd: this.workspace,
      env: { ...this.#environment(), ...state, ...this.#options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.#raw.push(line);
        const shown = this.#commands.read(line);
        if (shown === undefined) return;
        this.#options.onLine?.(shown);
        for (const listener of this.#listeners) listener(shown);
      });
    }
    return child;
  }

  said(pattern: RegExp, end: Promise<unknown>): Promise<string> {
    return new Promise((resolve, reject) => {
      const listener = (line: string) => {
        if (!pattern.test(line)) return;
        this.#listeners.delete(listener);
        resolve(line);
      };
      this.#listeners.add(listener);
      for (const line of this.#commands.shown) listener(line);
      void end.then(() => reject(new Error(`never said ${pattern}:\n${this.#commands.shown.join('\n')}`)));
    });
  }

  async collect(exitCode: number | null, postExitCode: number | null, durationMs: number): Promise<StepResult> {
    const [summary, output] = await Promise.all([
      readFile(this.file('summary.md'), 'utf8'),
      readFile(this.file('output'), 'utf8'),
    ]);
    const outputs = readFileCommand(output);
    const reportPath = outputs['report'] ?? '';
    const reportText = reportPath === '' ? '' : await readFile(reportPath, 'utf8');
    const pagePath = outputs['html-report'] ?? '';
    const pageText = pagePath === '' ? '' : await readFile(pagePath, 'utf8');
    return {
      exitCode,
      postExitCode,
      log: this.#commands.shown.join('\n'),
      raw: this.#raw.join('\n'),
      summary,
      outputs,
      annotations: this.#commands.annotations,
      masks: this.#commands.masks,
      ...(reportText === '' ? {} : { report: JSON.parse(reportText) as Report }),
      reportText,
      pageText,
      reportPath,
      durationMs,
      folder: this.folder,
    };
  }

  #environment(): NodeJS.ProcessEnv {
    const { PATH, HOME, TMPDIR, LANG } = process.env;
    return {
      ...Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR, LANG }).filter(([, value]) => value !== undefined)),
      ...this.#inputs(),
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTION: '__self',
      GITHUB_ACTOR: 'octocat',
      GITHUB_API_URL: 'https://api.github.com',
      GITHUB_EVENT_NAME: this.#options.event?.name ?? 'workflow_dispatch',
      GITHUB_EVENT_PATH: this.file('event.json'),
      GITHUB_JOB: 'rollback',
      GITHUB_OUTPUT: this.file('output'),
      GITHUB_STATE: this.file('state'),
      GITHUB_STEP_SUMMARY: this.file('summary.md'),
      GITHUB_ENV: this.file('env'),
      GITHUB_PATH: this.file('path'),
      GITHUB_REF: 'refs/heads/main',
      GITHUB_REPOSITORY: 'shop/app',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_RUN_ID: this.#runId,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
      GITHUB_WORKFLOW: 'rollback',
      GITHUB_WORKSPACE: this.workspace,
      RUNNER_ENVIRONMENT: 'self-hosted',
      RUNNER_OS: 'Linux',
      RUNNER_TEMP: this.temp,
    };
  }

  /** The runner's rule: `with:`, then defaults; upper case, blanks to underscores, hyphens kept. */
  #inputs(): Record<string, string> {
    const defaults = Object.entries(this.#definition.inputs ?? {}).flatMap(([name, input]) =>
      input?.default === undefined ? [] : [[name, this.#evaluate(String(input.default))] as const],
    );
    const given = { ...Object.fromEntries(defaults), ...this.#options.with };
    return Object.fromEntries(
      Object.entries(given).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
    );
  }

  #evaluate(text: string): string {
    return text.replace(/\$\{\{\s*github\.token\s*\}\}/, this.#options.token ?? '');
  }
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // `close`, not `exit`: the last lines may still be in the pipe.
    child.once('close', (code) => resolve(code));
  });
}
