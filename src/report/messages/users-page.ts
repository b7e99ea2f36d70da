import { html, trusted } from '../html/markup.ts';
import type { Notice, NoticeState } from './users.ts';

/** Programs that drop `<style>` show this alone; the others take the dark colours from there. Contrasts are at least 4.5 to 1. */
const LIGHT = { text: '#1f2328', muted: '#59636e', page: '#f6f8fa', card: '#ffffff', line: '#d1d9e0' } as const;
const TONES: Readonly<Record<NoticeState, { readonly text: string; readonly fill: string; readonly edge: string }>> = {
  back: { text: '#116329', fill: '#dafbe1', edge: '#2da44e' },
  over: { text: '#116329', fill: '#dafbe1', edge: '#2da44e' },
  working: { text: '#7d4e00', fill: '#fff8c5', edge: '#bf8700' },
};
const SIGNS: Readonly<Record<NoticeState, string>> = { back: '✓', over: '✓', working: '…' };

const STYLE = `:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #0d1117 !important; color: #f0f6fc !important; } .card { background: #161b22 !important; border-left-color: #3d444d !important; border-right-color: #3d444d !important; border-bottom-color: #3d444d !important; }
  .muted { color: #9da7b1 !important; } .rule { border-color: #3d444d !important; }
  .back, .over { color: #7ee787 !important; background: #12331c !important; } .working { color: #f2cc60 !important; background: #3a2a06 !important; }
}
@media (max-width: 480px) { .card { padding: 20px 16px !important; } h1 { font-size: 21px !important; } }
`;
const FONT = 'font-family: system-ui, -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif';
/** Quotes of a font's name end the attribute that the style stands in. */
const INLINE_FONT = FONT.replaceAll('"', "'");

/** The notice as a page of its own: nothing is loaded, so nobody learns who has opened it. */
export function renderNoticePage(notice: Notice): string {
  const { language, state, stateText, subject, greeting, paragraphs, signature, automatic } = notice;
  const tone = TONES[state];
  const paragraph = (text: string) => html`<p style="margin: 0 0 16px">${text}</p>\n`;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${subject}</title>
<style>${trusted(STYLE)}</style>
</head>
<body class="page" style="margin: 0; padding: 24px 12px; background: ${LIGHT.page}; color: ${LIGHT.text}; ${trusted(INLINE_FONT)}; font-size: 16px; line-height: 1.5">
<main class="card" style="max-width: 560px; margin: 0 auto; padding: 28px 32px; background: ${LIGHT.card}; border: 1px solid ${LIGHT.line}; border-top: 6px solid ${tone.edge}; border-radius: 8px; overflow-wrap: anywhere">
<p class="${state}" style="display: inline-block; margin: 0 0 12px; padding: 2px 12px; border-radius: 12px; background: ${tone.fill}; color: ${tone.text}; font-size: 14px; font-weight: 600"><span aria-hidden="true">${SIGNS[state]} </span>${stateText}</p>
<h1 style="margin: 0 0 20px; font-size: 24px; line-height: 1.25">${subject}</h1>
${[greeting, ...paragraphs].map(paragraph)}<p style="margin: 0; font-weight: 600">${signature}</p>
<p class="muted rule" style="margin: 24px 0 0; padding: 12px 0 0; border-top: 1px solid ${LIGHT.line}; color: ${LIGHT.muted}; font-size: 14px">${automatic}</p>
</main>
</body>
</html>
`.text;
}
