import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAst } from 'rolldown/parseAst';
import { textKey } from '../src/core/tr.ts';

/** One place in the source that says something to people. */
export interface Place {
  /** `src/steps/check-pods.ts:12`. */
  readonly where: string;
  readonly text: string;
}

export interface SourceTexts {
  /** Every text in `tr`, as its key. */
  readonly told: readonly Place[];
  /** Those that are read before the language is known. */
  readonly tooEarly: readonly Place[];
  /** What looks like a sentence for people and is not in `tr`. */
  readonly untold: readonly Place[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

/** Properties whose value is read by people. */
const SAID = new Set(['message', 'hint', 'observed', 'expected', 'subject', 'what', 'why', 'left']);
/** Calls whose arguments are. */
const SAYS = new Set(['RollbackError', 'info', 'warn', 'phase']);
const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'PropertyDefinition',
]);
/** Two words in a row; what is in backquotes or begins with a program is to be typed, in any language. */
const SENTENCE = /[a-zà-ÿ]{2,} [a-zà-ÿ]{2,}/i;
const TYPED = /^(?:kubectl|helm|amtool|gh|git|curl|psql|pg_dump|pg_restore|npm|SELECT|GRANT|ALTER|nslookup)\b/;

/** Reads all sources under `folder`. Renderers have their words in their catalogues: of them only what is in `tr`. */
export function sourceTexts(root: string, folder = 'src'): SourceTexts {
  const found = { told: [] as Place[], tooEarly: [] as Place[], untold: [] as Place[] };
  for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
    const path = join(root, folder, name);
    if (!name.endsWith('.ts') || path.endsWith('/core/tr.ts')) continue;
    const hasWordsItself = path.includes('/src/report/');
    const code = readFileSync(path, 'utf8');
    const place = (node: Node, text: string): Place => ({
      where: `${relative(root, path)}:${code.slice(0, node.start).split('\n').length}`,
      text,
    });
    visit(parseAst(code, { lang: 'ts' }) as unknown as Node, { isInFunction: false, isSaid: false });

    function visit(node: Node, { isInFunction, isSaid }: { isInFunction: boolean; isSaid: boolean }): void {
      const inside = { isInFunction: isInFunction || FUNCTIONS.has(node.type), isSaid: isSaid || isSink(node) };
      if (node.type === 'TaggedTemplateExpression' && (node['tag'] as Node)['name'] === 'tr') {
        const quasi = node['quasi'] as Node;
        const one = place(node, keyOf(quasi));
        found.told.push(one);
        if (!isInFunction) found.tooEarly.push(one);
        for (const value of quasi['expressions'] as Node[]) visit(value, inside);
        return;
      }
      if (node.type.startsWith('TS') && node.type.endsWith('Type')) return;
      const text =
        node.type === 'TemplateLiteral' ? keyOf(node) : node.type === 'Literal' ? String(node['value']) : undefined;
      if (
        !hasWordsItself &&
        inside.isSaid &&
        text !== undefined &&
        SENTENCE.test(text.replace(/`[^`]*`|\{\d+\}/g, '')) &&
        !TYPED.test(text)
      )
        found.untold.push(place(node, text));
      for (const [key, child] of Object.entries(node)) {
        if (key === 'typeAnnotation') continue;
        for (const one of Array.isArray(child) ? child : [child]) if (isNode(one)) visit(one, inside);
      }
    }
  }
  return found;
}

function isSink(node: Node): boolean {
  if (node.type === 'Property') return SAID.has(String((node['key'] as Node)['name'] ?? ''));
  if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return false;
  const callee = node['callee'] as Node;
  return SAYS.has(String(callee['name'] ?? (callee['property'] as Node | undefined)?.['name'] ?? ''));
}

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string';

const keyOf = (template: Node): string =>
  textKey((template['quasis'] as { readonly value: { readonly cooked: string } }[]).map(({ value }) => value.cooked));
