/** What a GitHub runner makes of the lines that an action prints (docs.github.com, "Workflow commands for GitHub Actions"). */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
}

// A colon inside a property is written %3A.
const COMMAND = /^\s*::([A-Za-z-]+)(?: ([^:]*))?::(.*)$/;
const LEVELS: readonly string[] = ['error', 'warning', 'notice'];

/** Reads an action's output line by line: carries commands out, hides masked values from then on, keeps what a person would see. */
export class CommandReader {
  readonly annotations: Annotation[] = [];
  readonly masks: string[] = [];
  /** The log as GitHub shows it. */
  readonly shown: string[] = [];
  #resumeToken: string | undefined;

  /** @returns the line as shown, or undefined for a command that shows nothing. */
  read(line: string): string | undefined {
    const shown = this.#carryOut(line);
    if (shown === undefined) return undefined;
    const masked = this.masks.reduce((text, mask) => text.replaceAll(mask, '***'), shown);
    this.shown.push(masked);
    return masked;
  }

  #carryOut(line: string): string | undefined {
    if (this.#resumeToken !== undefined) {
      if (line.trim() !== `::${this.#resumeToken}::`) return line;
      this.#resumeToken = undefined;
      return undefined;
    }
    const [, name = '', properties = '', data = ''] = COMMAND.exec(line) ?? [];
    if (name === '') return line;
    if (name === 'stop-commands') {
      this.#resumeToken = data.trim();
      return undefined;
    }
    if (name === 'add-mask') {
      // The runner hides each line of a value of several lines, too.
      for (const part of [unescapeData(data), ...unescapeData(data).split(/\r?\n/)])
        if (part.trim() !== '' && !this.masks.includes(part)) this.masks.push(part);
      return undefined;
    }
    if (LEVELS.includes(name)) {
      const title = /(?:^|,)title=([^,]*)/.exec(properties)?.[1] ?? '';
      const message = unescapeData(data);
      this.annotations.push({ level: name as Annotation['level'], title: unescapeProperty(title), message });
      return `${name === 'error' ? 'Error' : name === 'warning' ? 'Warning' : 'Notice'}: ${message}`;
    }
    if (name === 'group') return `▼ ${unescapeData(data)}`;
    return undefined;
  }
}

/** A file command (GITHUB_OUTPUT, GITHUB_STATE): `name=value` lines, or `name<<DELIMITER`, lines, `DELIMITER`. */
export function readFileCommand(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const [, name, delimiter] = /^([^=]+?)<<(.+)$/.exec(line) ?? [];
    if (name !== undefined && delimiter !== undefined) {
      const end = lines.indexOf(delimiter, at + 1);
      if (end < 0) throw new Error(`the runner would fail: no end "${delimiter}" for ${name}`);
      values[name] = lines.slice(at + 1, end).join('\n');
      at = end;
    } else if (line.includes('=')) {
      values[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
    } else if (line !== '') {
      throw new Error(`the runner would fail: no name=value in "${line}"`);
    }
  }
  return values;
}

const unescapeData = (text: string) => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
const unescapeProperty = (text: string) => unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ','));
