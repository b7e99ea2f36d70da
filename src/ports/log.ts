/** What is told while a run goes on. Adapters neutralise workflow commands and mask secrets. */
export interface Log {
  /** Begins a phase; the lines that follow belong to it. */
  phase(title: string): void;
  info(line: string): void;
  warn(line: string): void;
  debug(line: string): void;
}
