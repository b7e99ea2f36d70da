import { marked } from 'marked';

const STYLE = `
  body { font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; color: #1f2328; margin: 24px auto; max-width: 1012px; }
  section { border: 1px solid #d1d9e0; border-radius: 6px; padding: 16px 24px; margin: 8px 0 32px; }
  h1 { font-size: 16px; color: #59636e; } h2 { border-bottom: 1px solid #d1d9e0; padding-bottom: 6px; } h3 { margin-top: 24px; }
  table { border-collapse: collapse; display: block; overflow: auto; } th, td { border: 1px solid #d1d9e0; padding: 6px 13px; text-align: left; }
  tr:nth-child(2n) td { background: #f6f8fa; } code { font: 12px ui-monospace, "DejaVu Sans Mono", monospace; background: #818b981f; border-radius: 6px; padding: .2em .4em; }
  pre { background: #f6f8fa; border-radius: 6px; padding: 16px; overflow: auto; } pre code { background: none; padding: 0; }
  summary { cursor: pointer; } blockquote { border-left: 4px solid #d1d9e0; margin-left: 0; padding-left: 16px; color: #59636e; }
`;

/** A job summary as GitHub shows it, near enough to be looked at. */
export const summarySection = (markdown: string) => `<section>${marked.parse(markdown, { async: false })}</section>`;

export const summaryPage = (title: string, sections: readonly string[]) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style>${sections.join('\n')}</html>\n`;
