/**
 * `npm run pictures [-- FOLDER]`: takes the pictures of the README from a real run: of the secure tier in the demo, or of what an earlier
 * `npm run demo -- --folder FOLDER` left there. Needs Chromium (CHROMIUM, else `chromium` on the path) and a font with emoji.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { en } from '../src/report/en.ts';
import { summaryPage, summarySection } from './summary-page.ts';

interface Picture {
  readonly name: string;
  readonly page: string;
  readonly width: number;
  readonly height: number;
  readonly isDark?: boolean;
}

const MOST_BYTES = 200_000;
/** Readable at the width of a page on GitHub, and small. */
const SCALE = 0.85;
const root = join(import.meta.dirname, '..');
const images = join(root, 'docs', 'images');
const browser = process.env['CHROMIUM'] || 'chromium';
const work = mkdtempSync(join(tmpdir(), 'rollback-'));

try {
  const folder = process.argv[2] ? resolve(process.argv[2]) : demo();
  const [summary, report] = ['summary.md', 'report.html'].map((name) => readFileSync(join(folder, name), 'utf8'));
  const page = (name: string, html: string) => {
    const path = join(work, `${name}.html`);
    writeFileSync(path, html);
    return path;
  };
  const section = (name: string, markdown: string) =>
    page(name, summaryPage('Job summary', [summarySection(markdown)]));
  const reportPage = page('report', report ?? '');
  mkdirSync(images, { recursive: true });
  const pictures: readonly Picture[] = [
    { name: 'summary', page: section('summary', summary ?? ''), width: 1060, height: 1060 },
    { name: 'checklist', page: section('checklist', checklistOf(summary ?? '')), width: 1060, height: 1320 },
    { name: 'timeline', page: page('timeline', onlyTimes(report ?? '')), width: 1180, height: 1320 },
    { name: 'phone', page: reportPage, width: 500, height: 1000, isDark: true },
  ];
  for (const picture of pictures) take(picture);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function demo(): string {
  const folder = join(work, 'demo');
  const args = [join(root, 'testbed', 'demo.ts'), '--tier', 'secure', '--folder', folder];
  execFileSync(process.execPath, args, { stdio: 'inherit' });
  return folder;
}

/** The part of the summary with the eight items. */
function checklistOf(markdown: string): string {
  const part = markdown.split(/^(?=### )/m).find((one) => one.startsWith(`### ${en.words.validation}`));
  if (part === undefined) throw new Error('the summary has no validation checklist');
  return part;
}

/** The HTML report with its two pictures alone: a browser without a screen does not scroll to them. */
function onlyTimes(html: string): string {
  const style =
    '<style>header, nav, section:not(#timeline, #availability), table { display: none !important; }</style>';
  return html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/i, '').replace('</head>', `${style}</head>`);
}

function take({ name, page, width, height, isDark = false }: Picture): void {
  const path = join(images, `${name}.png`);
  const args = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    `--force-device-scale-factor=${SCALE}`,
    `--user-data-dir=${join(work, 'profile')}`,
    `--window-size=${width},${height}`,
    ...(isDark ? ['--force-dark-mode', '--blink-settings=preferredColorScheme=0'] : []),
    `--screenshot=${path}`,
    `file://${page}`,
  ];
  execFileSync(browser, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 120_000 });
  const { size } = statSync(path);
  console.log(`${path}: ${Math.ceil(size / 1000)} kB`);
  if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes, more than ${MOST_BYTES}: make it smaller`);
}
