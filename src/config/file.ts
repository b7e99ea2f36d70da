import {
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLParseError,
  type YAMLWarning,
} from 'yaml';
import { tr } from '../core/tr.ts';

/** One fault of the file before its values are looked at. */
export interface FileFault {
  /** Offset in the text. */
  readonly at: number;
  readonly message: string;
}

export interface ParsedFile {
  readonly values: Readonly<Record<string, unknown>>;
  readonly faults: readonly FileFault[];
  /** `line:column` of the value at this path, or of its key; of the nearest place above when there is none. */
  position(path: readonly PropertyKey[], what: 'key' | 'value'): string;
  /** `line:column` of an offset. */
  positionOf(offset: number): string;
}

/** A config file is a page; more is a mistake or an attack. */
const LARGEST = 256 * 1024;
/** Aliases are counted by what they expand to: a few nested ones can fill the memory ("billion laughs"). */
const MOST_ALIASES = 50;

/** Reads YAML 1.2 core: no tags of its own, no merge keys, no second document, no key twice. Never throws. */
export function parseFile(text: string): ParsedFile {
  const lines = new LineCounter();
  const positionOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const broken = (message: string): ParsedFile => ({
    values: {},
    faults: [{ at: 0, message }],
    position: () => '1:1',
    positionOf: () => '1:1',
  });
  if (text.length > LARGEST) return broken(tr`the file has ${text.length} characters; allowed: at most ${LARGEST}`);
  try {
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      merge: false,
      resolveKnownTags: false,
      strict: true,
      uniqueKeys: true,
      prettyErrors: false,
      logLevel: 'error',
      lineCounter: lines,
    });
    const faults = [...document.errors, ...document.warnings].map((fault) => ({
      at: fault.pos[0],
      message: explain(fault, text),
    }));
    const position = (path: readonly PropertyKey[], what: 'key' | 'value') =>
      positionOf(offsetOf(document.contents as Node | null, path, what));
    if (faults.length > 0) return { values: {}, faults, position, positionOf };
    if (document.contents === null) return { values: {}, faults, position, positionOf };
    if (!isMap(document.contents)) {
      const message = tr`not a map; allowed: keys with values, for example "namespace: production"`;
      return { values: {}, faults: [{ at: document.contents.range?.[0] ?? 0, message }], position, positionOf };
    }
    return { values: document.toJS({ maxAliasCount: MOST_ALIASES }), faults, position, positionOf };
  } catch (error) {
    // `toJS` throws on too many aliases, and the parser runs out of stack on thousands of nested brackets.
    const tooDeep = error instanceof RangeError;
    return broken(
      tooDeep
        ? tr`nested too deeply`
        : tr`not readable as YAML: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function explain({ code, message, pos }: YAMLParseError | YAMLWarning, text: string): string {
  if (code === 'MULTIPLE_DOCS') return tr`a second document begins here; allowed: one`;
  if (code !== 'DUPLICATE_KEY') return tr`not readable as YAML: ${message}`;
  const key = /^[^\s:]{1,80}/.exec(text.slice(pos[0]))?.[0] ?? '';
  return tr`the key "${key}" stands twice; keep one`;
}

function offsetOf(root: Node | null, path: readonly PropertyKey[], what: 'key' | 'value'): number {
  let node: unknown = root;
  let found = root?.range?.[0] ?? 0;
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(
        (candidate) => isScalar(candidate.key) && String(candidate.key.value) === String(step),
      );
      const next = pair && (last && what === 'key' ? pair.key : (pair.value ?? pair.key));
      if (!isPair(pair) || !isNode(next)) return found;
      node = next;
    } else {
      const items = (node as { items?: unknown[] } | null)?.items;
      node = typeof step === 'number' ? items?.[step] : undefined;
      if (!isNode(node)) return found;
    }
    found = (node as Node).range?.[0] ?? found;
  }
  return found;
}
