import { randomBytes } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import * as core from '@actions/core';
import type { Log } from '../ports/log.ts';

/** Control characters (ANSI, carriage returns) and bidirectional overrides, which can hide or forge lines of a log. */
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}]/gu;
const MAX_LINE = 2000;

/**
 * The job's log. What is printed may come from pods and from the database: workflow commands are switched off around every line
 * (`::stop-commands::` with a random token), so that no text can set a mask, an output or an error.
 */
export function createActionsLog(redact: (text: string) => string): Log {
  let isOpen = false;
  const print = (line: string) => {
    const clean = redact(line)
      .replace(/\r?\n/g, ' ⏎ ')
      .replace(INVISIBLE, '')
      .slice(0, MAX_LINE * 10);
    if (!/^\s*::|##\[/.test(clean)) return process.stdout.write(`${clean}\n`);
    const token = randomBytes(16).toString('hex');
    return process.stdout.write(`::stop-commands::${token}\n${clean}\n::${token}::\n`);
  };
  return {
    phase(title) {
      if (isOpen) core.endGroup();
      isOpen = title !== '';
      if (isOpen) core.startGroup(title);
    },
    info: print,
    warn: (line) => print(`! ${line}`),
    debug: (line) => {
      if (core.isDebug()) print(`  ${line}`);
    },
  };
}

export function maskSecrets(values: readonly string[]): void {
  for (const value of values) core.setSecret(value);
}

/** Outputs of the step. The toolkit writes them with a random delimiter, which cannot be contained in a value. */
export function setOutputs(outputs: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
}

/** Appends to the job summary; false where there is none (outside of GitHub). `core.summary` would throw there. */
export async function writeSummary(path: string | undefined, markdown: string): Promise<boolean> {
  if (!path) return false;
  await appendFile(path, markdown);
  return true;
}

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
}

/** Named one by one: `core[level]` would keep all of the toolkit in the bundle, its HTTP client included. */
const SAY = { error: core.error, warning: core.warning, notice: core.notice } as const;

export function annotate(annotations: readonly Annotation[]): void {
  for (const { level, title, message } of annotations)
    SAY[level](message.replace(INVISIBLE, ''), { title: title.replace(INVISIBLE, '') });
}

export function saveState(name: string, value: string): void {
  core.saveState(name, value);
}

export function getState(name: string): string {
  return core.getState(name);
}
