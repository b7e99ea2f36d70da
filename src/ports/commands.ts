/** What became of a command of the project. */
export interface CommandResult {
  /** Undefined when a signal or the timeout ended it. */
  readonly exitCode: number | undefined;
  readonly timedOut: boolean;
  /** Last lines of standard output and error, in the order in which they came; bounded, neutral and without secrets. */
  readonly lines: readonly string[];
  readonly durationMs: number;
}

export interface CommandOptions {
  /** Milliseconds; then all its processes are ended. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** On top of the runner's own variables, without those that hold inputs of this action. */
  readonly environment?: Readonly<Record<string, string>>;
  /** With DATABASE_URL and the variables of libpq for the application's database. May throw DATABASE_* where it cannot be reached. */
  readonly withDatabase?: boolean;
}

/** Commands of the project that only look, by what the config file says of them (`status`). */
export interface CommandReader {
  /** Runs it by `bash -euo pipefail -c`, in the workspace. Never throws for what the command does. */
  look(command: string, options: CommandOptions): Promise<CommandResult>;
  /** Names in a folder of the workspace, in no order, at most 20,000; undefined where there is no such folder, or it lies outside. */
  names(folder: string): Promise<readonly string[] | undefined>;
}

/** Commands of the project that change something. */
export interface CommandWriter {
  run(command: string, options: CommandOptions): Promise<CommandResult>;
}
