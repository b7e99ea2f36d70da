import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { STEPS } from '../../src/steps/index.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const [, english = '', french = ''] = read('docs/checklist.md').split(/^# /m);
const LANGUAGES = [
  ['English', english],
  ['French', french],
] as const;

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
/** Commands, one a line, those over several lines joined; of comments only what stands for a command that is missing. */
function commandsOf(block: string): string[] {
  const lines = block
    .replace(/\\\n\s*/g, '\\ ')
    .split('\n')
    .map(oneLine)
    .filter((line) => line !== '');
  const commands = lines.filter((line) => !line.startsWith('#'));
  const last = lines.findLastIndex((line) => !line.startsWith('#'));
  return [...commands, ...lines.slice(last + 1)];
}

/** Every line of the checklist that somebody would do, tick, look up, call or keep in mind. */
function linesOf(checklist: string): string[] {
  const blocks = [...checklist.matchAll(/^```bash\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => commandsOf(block));
  const text = checklist.replace(/^```bash\n[\s\S]*?^```/gm, '');
  const items = [...text.matchAll(/^(?:- \[ \]|-|\d+\.) (.+)$/gm)].flatMap(([, item = '']) => {
    const [, name, said] = /^\*\*(.+?)\*\* ?: (.+)$/.exec(item) ?? [];
    return name === undefined || said === undefined ? [item] : [name, said];
  });
  return [...blocks, ...items];
}

/** Cells of the tables' rows, without the formatting. */
const rowsOf = (page: string) =>
  [...page.matchAll(/^\| (.+) \|$/gm)]
    .map(([, row = '']) => row.split(' | '))
    .filter(([first = '']) => !/^(Line|Ligne|---)$/.test(first));

describe('docs/checklist.md', () => {
  const lines = linesOf(read('__tests__/fixtures/checklist/224solutions.fr.md'));

  it('is held to the whole checklist', () => {
    expect(lines.length).toBeGreaterThan(60);
    for (const some of [
      'kubectl get pods -n production -w',
      'Post-mortem planifié',
      'Secrets manquants',
      'DevOps Lead',
    ])
      expect(lines).toContain(some);
  });

  it.each(LANGUAGES)('has each line, in %s', (_language, page) => {
    const named = rowsOf(page)
      .map(([line = '']) => line.replaceAll('\\|', '|'))
      .join('\n');
    expect(lines.filter((line) => !named.includes(line))).toEqual([]);
  });

  it.each(LANGUAGES)('names steps and tests that there are, in %s', (_language, page) => {
    const ids = STEPS.map(({ meta }) => meta.id);
    const rows = rowsOf(page);
    const named = rows.flatMap((row) => (row.length === 4 ? [...(row[1] ?? '').matchAll(/`([a-z-]+)`/g)] : []));
    const steps = named.map(([, id = '']) => id).filter((id) => id !== 'contacts');
    expect(steps.filter((id) => !ids.includes(id))).toEqual([]);
    expect(ids.filter((id) => !steps.includes(id))).toEqual([]);
    for (const row of rows) {
      const tests = [...(row.at(-1) ?? '').matchAll(/`([\w/-]+\.test\.ts)`/g)].map(([, path = '']) => path);
      expect([row[0], tests.length > 0]).toEqual([row[0], true]);
      expect(tests.filter((path) => !existsSync(join(root, '__tests__', path)))).toEqual([]);
    }
  });

  it('says the same in both languages', () => {
    const facts = (page: string) => rowsOf(page).map((row) => [row[0], row.at(-1)]);
    expect(facts(french)).toEqual(facts(english));
  });
});
