import { describe, expect, it } from '@jest/globals';
import { marked } from 'marked';
import { code, fenced, logLine, oneLine, prose, visible } from '../../../src/report/neutral.ts';

const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '![x](https://evil.example/x.png)',
  '[click](javascript:alert(1))',
  '<https://evil.example>',
  'https://evil.example www.evil.example mail@evil.example',
  '@team @org/team',
  '**bold** _it_ ~~gone~~ `tick` ``` ````',
  '| a | b |\n| - | - |',
  '# heading\n> quote\n- list\n1. one\n---\n===',
  '</details></summary><!-- x',
  '&lt;b&gt; &#60;b&#62;',
  '\\| \\` \\<b>',
  '$x$ $$y$$',
];

const html = (markdown: string) => marked.parse(markdown, { async: false, gfm: true });
const shown = (text: string) =>
  html(text)
    .replace(/<[^>]*>/g, '')
    .replace(/&(lt|gt|amp|quot|#39|#\d+);/g, (entity, name) => {
      const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" };
      return named[name] ?? (name.startsWith('#') ? String.fromCharCode(Number(name.slice(1))) : entity);
    })
    .trim();

describe('prose and code', () => {
  it.each(HOSTILE)('make nothing of %j but text', (text) => {
    for (const markdown of [prose(text), code(text)]) {
      const tags = [...html(markdown).matchAll(/<\/?([a-z0-9]+)/gi)].map((match) => match[1]);
      expect(new Set(tags)).toEqual(new Set(markdown.startsWith('<code>') ? ['p', 'code'] : ['p']));
      expect(shown(markdown)).toBe(oneLine(text));
    }
  });

  it.each(HOSTILE)('keep %j inside its table cell', (text) => {
    const page = html(`| a | b |\n| --- | --- |\n| ${prose(text)} | ${code(text)} |`);
    expect(page.match(/<td>/g)).toHaveLength(2);
    expect(page).not.toMatch(/<(?:a|img|script|h1|em|strong|del)\b/);
  });

  it('keep names behind an at sign from being called', () => {
    expect(prose('@org/team')).not.toMatch(/@|&#64;[a-z]/);
  });

  it('bound what they show, by characters', () => {
    expect([...oneLine('é😀'.repeat(500), 10)]).toHaveLength(10);
    expect(prose('x'.repeat(1_000_000)).length).toBeLessThan(700);
    expect(code('')).toBe('–');
  });
});

describe('visible', () => {
  it('drops terminal codes and marks what cannot be seen', () => {
    expect(visible('\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007')).toBe('red link');
    expect(visible('a\u202eb\u2066c\u200bd\u0000e\u{e0041}f\u009bg')).toBe(
      'a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg',
    );
    expect(visible('a\r\nb\rc\ud800')).toBe('a\nb\nc\ufffd');
  });
});

describe('fenced', () => {
  it('cannot be left by backticks', () => {
    for (const text of ['```\n</details>', '`````', 'a\n``````sh\nb']) {
      expect(html(fenced(text)).match(/<(\w+)/g)).toEqual(['<pre', '<code']);
    }
  });

  it('cuts lines and columns, and says so', () => {
    const block = fenced(`${'x'.repeat(50)}\n2\n3`, { maxLines: 2, maxColumns: 10, cut: 'cut here' });
    expect(block).toBe(`\`\`\`\n${'x'.repeat(9)}…\n2\n… (cut here)\n\`\`\``);
  });
});

describe('logLine', () => {
  it.each(['::error::x', '  ::stop-commands::t', '\n::add-mask::y', ':::x', '\u001b[0m::error::x'])(
    'makes no workflow command of %j',
    (text) => {
      expect(logLine(text).trimStart()).not.toMatch(/^::/);
      expect(logLine(text)).not.toContain('\n');
    },
  );

  it('makes no old workflow command anywhere in the line', () => {
    expect(logLine('a ##[group]b ##[error]')).not.toContain('##[');
  });
});
