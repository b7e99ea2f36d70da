import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { HTML_LIMIT_BYTES } from '../../../src/report/html/fit.ts';
import { html } from '../../../src/report/html/markup.ts';
import { spoken } from '../../../src/report/html/speech.ts';
import { STYLE, STYLE_HASH } from '../../../src/report/html/style.ts';
import { renderHtml } from '../../../src/report/html.ts';
import { oneLine } from '../../../src/report/neutral.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { headlineOf } from '../../../src/report/verdict.ts';
import { REPORTS } from '../../golden/reports.ts';
import { failure, report, step, workload } from '../../golden/samples.ts';
import { expectNested, tagsOf, textOf } from './page.ts';

const bytes = (text: string) => new TextEncoder().encode(text).length;
const SAMPLES = Object.entries(REPORTS);

describe('renderHtml', () => {
  it.each(SAMPLES)('writes %s as a page that is well formed and can be found one’s way in', (_, one) => {
    const page = renderHtml(one);
    const tags = tagsOf(page);
    expectNested(tags);
    const opened = tags.filter(({ isEnd }) => !isEnd);
    const count = (name: string) => opened.filter((tag) => tag.name === name).length;
    expect(['header', 'nav', 'main', 'footer', 'h1', 'title'].map(count)).toEqual([
      1,
      1,
      1,
      1,
      1,
      // A picture has a title, too.
      1 + count('desc'),
    ]);
    expect(opened[0]).toMatchObject({ name: 'html', attributes: { lang: one.language } });

    const levels = opened.flatMap(({ name }) => /^h([1-6])$/.exec(name)?.[1] ?? []).map(Number);
    expect(levels[0]).toBe(1);
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);

    const ids = opened.flatMap(({ attributes }) => attributes['id'] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const named = opened.flatMap(({ attributes }) => [
      ...(attributes['aria-labelledby']?.split(' ') ?? []),
      ...(attributes['href']?.startsWith('#') ? [attributes['href'].slice(1)] : []),
    ]);
    expect(named.filter((id) => !ids.includes(id))).toEqual([]);
    const heads = opened.filter(({ name }) => name === 'th');
    expect(heads.every(({ attributes }) => ['col', 'row'].includes(attributes['scope'] ?? ''))).toBe(true);
    expect(count('table')).toBe(count('caption'));
  });

  it.each(SAMPLES)('needs nothing from elsewhere and runs nothing in %s', (_, one) => {
    const opened = tagsOf(renderHtml(one)).filter(({ isEnd }) => !isEnd);
    const names = new Set(opened.map(({ name }) => name));
    for (const name of ['script', 'img', 'link', 'iframe', 'object', 'form', 'input', 'base', 'image', 'use']) {
      expect(names).not.toContain(name);
    }
    const attributes = opened.flatMap((tag) => Object.entries(tag.attributes));
    expect(attributes.filter(([name]) => /^on|^(?:style|src|srcset|action|xlink:href)$/.test(name))).toEqual([]);
    const links = attributes.flatMap(([name, value]) => (name === 'href' && !value.startsWith('#') ? [value] : []));
    expect(links.every((link) => link === one.run.url)).toBe(true);
  });

  it.each(SAMPLES)('says every command, every step and every workload that the summary of %s says', (_, one) => {
    const text = textOf(renderHtml(one));
    const commands = [...renderSummary(one).matchAll(/^```(?:sh|sql|yaml)\n([\s\S]*?)\n```$/gm)];
    for (const line of commands.flatMap(([, block = '']) => block.split('\n'))) expect(text).toContain(line);
    const cells = [...renderSummary(one).matchAll(/<code>(deployment|statefulset|daemonset)\/([\w-]+)<\/code>/g)];
    for (const [, kind, name] of cells) expect(text).toContain(`${kind}/${name}`);
    for (const [, title = ''] of renderSummary(one).matchAll(/^(?:#{2,3}|<summary>)\s*([^<\n(*]+)/gm)) {
      const words = title
        .replace(/^\P{L}+/u, '')
        .trim()
        .toLowerCase();
      expect([words, text.toLowerCase().includes(words)]).toEqual([words, true]);
    }
  });

  it('has each picture beside a table, and says so to those who do not see it', () => {
    const page = renderHtml(report());
    const pictures = page.split('<svg class="picture" ').slice(1);
    expect(pictures).toHaveLength(2);
    for (const picture of pictures) {
      expect(picture).toMatch(/^width="100%" height="\d+" role="img" aria-labelledby="[\w -]+"/);
      expect(picture).toMatch(/<\/svg>\s*<table/);
      expect(picture).toContain('The table below says the same.');
    }
  });

  it('draws no picture where nothing ran', () => {
    for (const name of ['planned', 'refused', 'complete-planned', 'discovery-fr', 'refused-before-reading']) {
      expect(renderHtml(REPORTS[name] ?? report())).not.toContain('<svg');
    }
  });

  it('shows what is unknown never as good', () => {
    for (const [, one] of SAMPLES) {
      const { icon } = headlineOf(one);
      expect(renderHtml(one).includes('<header class="good">')).toBe(icon === '✅');
    }
    expect(renderHtml(report({ healthy: 'unknown' }))).toContain('<header class="unknown">');
  });

  it('compares the time of the run and of each item with the budget', () => {
    const text = textOf(renderHtml(report({ budgetMs: 30_000 })));
    expect(text).toContain('52.3\u00a0s (174%) of 30.0 s, over budget');
    expect(text).toContain('6.1\u00a0s (20%)');
  });

  it('lets no style and no script in but its own style', () => {
    expect(STYLE_HASH).toBe(`sha256-${createHash('sha256').update(STYLE).digest('base64')}`);
    const page = renderHtml(report());
    expect(page).toContain(`<style>${STYLE}</style>`);
    const policy = tagsOf(page).find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy');
    expect(policy?.attributes['content']).toBe(
      `default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'`,
    );
  });

  it('shows hostile text of every field as text', () => {
    const hostile = `"><script>alert(1)</script>'--><img src=x onerror=alert(1)> </style></title> &lt; \u0001${0}\u0001 \u202eevil`;
    const one = report({
      run: { ...report().run, reason: hostile, id: hostile, actor: hostile, url: `https://evil.example/${hostile}` },
      namespace: hostile,
      workloads: [{ ...workload('web'), ref: { kind: 'Deployment', name: hostile } }],
      steps: [
        step(hostile, { status: 'failed', failure: failure('INTERNAL', hostile, hostile), evidence: [] }),
        step('check-pods', {
          status: 'passed',
          evidence: [{ subject: hostile, observed: hostile, expected: hostile }],
        }),
      ],
      probes: [{ ...(report().probes[0] as (typeof SAMPLES)[0][1]['probes'][0]), name: hostile }],
      kept: [{ pod: hostile, container: hostile, log: [hostile] }],
      contacts: { devops: hostile },
      outcome: 'failed',
    });
    const page = renderHtml(one);
    expectNested(tagsOf(page));
    expect(page).not.toContain('<script');
    for (const unseen of ['\u0001', '\u202e']) expect(page).not.toContain(unseen);
    expect(textOf(page)).toContain(oneLine(hostile));
  });

  it('stays below its limit however much there is, and says what was cut', () => {
    const long = '<@#"\'&é'.repeat(600);
    const evidence = Array.from({ length: 50 }, () => ({ subject: long, observed: long, expected: long }));
    const log = Array.from({ length: 100 }, () => long);
    const page = renderHtml(
      report({
        outcome: 'failed',
        healthy: false,
        workloads: Array.from({ length: 2000 }, () => ({
          ...workload('web'),
          ref: { kind: 'Deployment' as const, name: long },
          before: { hash: 'a', images: Array.from({ length: 30 }, (_, index) => `${long}${index}`) },
        })),
        steps: Array.from({ length: 300 }, (_, index) =>
          step(`step-${index}`, { status: 'failed', failure: failure('INTERNAL', `${index}${long}`, long), evidence }),
        ),
        kept: Array.from({ length: 500 }, () => ({ pod: long, container: long, log })),
      }),
    );
    expect(bytes(page)).toBeLessThanOrEqual(HTML_LIMIT_BYTES);
    expectNested(tagsOf(page));
    const text = textOf(page);
    expect(text).toContain('Validation checklist');
    expect(text).toContain('cut here to fit');
    const small = renderHtml(report(), 64 * 1024);
    expect(bytes(small)).toBeLessThanOrEqual(64 * 1024);
  });
});

describe('html', () => {
  it('escapes values in text and in attributes, and leaves markup', () => {
    const inner = html`<b title="${'"a" & \'b\''}">${'<i>'}</b>`;
    expect(inner.text).toBe('<b title="&quot;a&quot; &amp; &#39;b&#39;">&lt;i&gt;</b>');
    expect(html`<p>${[inner, ' ', 1, undefined]}</p>`.text).toBe(`<p>${inner.text} 1</p>`);
  });

  it('puts values into sentences by name only', () => {
    const content = spoken((speech) => `run \`x\` on ${speech.name('<web> `y`')} \u00010\u0001 \u00019\u0001 <b>`);
    expect(html`${content}`.text).toBe(
      'run <code>x</code> on <code>&lt;web&gt; `y`</code> <code>&lt;web&gt; `y`</code> ? &lt;b&gt;',
    );
  });
});
