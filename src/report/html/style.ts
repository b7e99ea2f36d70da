/**
 * The look of the page: system fonts, light and dark by the reader's choice, cards instead of tables on narrow screens, black on white on
 * paper. Colours keep a contrast of 4.5 to 1 and more against what they stand on.
 */
export const STYLE = `
:root { color-scheme: light dark; --text: #1f2328; --muted: #57606a; --page: #ffffff; --card: #f6f8fa; --line: #d0d7de; --link: #0550ae; --good: #116329; --good-fill: #2da44e; --good-page: #dafbe1; --bad: #a40e26; --bad-fill: #cf222e; --bad-page: #ffebe9; --warn: #7d4e00; --warn-page: #fff8c5; --unknown: #5a32a3; --unknown-fill: #8250df; --unknown-page: #fbefff; --none-page: #eaeef2; --none-fill: #8c959f; }
@media screen and (prefers-color-scheme: dark) { :root { --text: #f0f6fc; --muted: #9da7b1; --page: #0d1117; --card: #161b22; --line: #3d444d; --link: #79b8ff; --good: #7ee787; --good-fill: #3fb950; --good-page: #12331c; --bad: #ffa198; --bad-fill: #f85149; --bad-page: #43151a; --warn: #f2cc60; --warn-page: #3a2a06; --unknown: #d2a8ff; --unknown-fill: #a371f7; --unknown-page: #2b1f47; --none-page: #262c36; --none-fill: #7d8590; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 16px; }
body { margin: 0 auto; max-width: 1080px; padding: 0 24px 48px; color: var(--text); background: var(--page); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; overflow-wrap: anywhere; }
.unseen, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { position: absolute; top: 8px; left: 8px; padding: 8px 16px; background: var(--page); border: 2px solid var(--link); }
a { color: var(--link); } :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
header { margin-top: 32px; padding: 20px 24px; background: var(--card); border: 1px solid var(--line); border-left: 8px solid var(--none-fill); border-radius: 8px; }
header.good { border-left-color: var(--good-fill); } header.bad { border-left-color: var(--bad-fill); } header.unknown { border-left-color: var(--unknown-fill); }
.eyebrow { margin: 0; color: var(--muted); font-size: 14px; } h1 { margin: 4px 0 8px; font-size: 28px; line-height: 1.25; } .truth { margin: 0 0 16px; font-size: 18px; }
h2 { margin: 40px 0 12px; padding-bottom: 6px; border-bottom: 1px solid var(--line); font-size: 21px; } h3 { margin: 24px 0 8px; font-size: 17px; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px 24px; margin: 0; } dl.facts.rows { grid-template-columns: 1fr; gap: 0; border: 1px solid var(--line); border-radius: 8px; }
dt { color: var(--muted); font-size: 14px; } dd { margin: 0; font-weight: 600; } .rows > div { display: grid; grid-template-columns: 180px 1fr; gap: 0 16px; padding: 8px 12px; border-top: 1px solid var(--line); } .rows > div:first-child { border-top: 0; } .rows dd { font-weight: 400; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 20px 0 0; padding: 0; list-style: none; font-size: 15px; } nav a { display: inline-block; padding: 4px 0; } ul { padding-left: 24px; } li { margin: 4px 0; }
code { padding: 1px 5px; background: var(--none-page); border-radius: 4px; font: 14px/1.45 ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace; }
pre { margin: 8px 0 16px; padding: 12px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; white-space: pre-wrap; } pre code { padding: 0; background: none; } pre.command { border-left: 4px solid var(--link); }
table { width: 100%; margin: 12px 0 16px; border-collapse: collapse; font-size: 15px; } th, td { padding: 8px 12px; border: 1px solid var(--line); text-align: left; vertical-align: top; } thead th { background: var(--card); overflow-wrap: normal; } tbody th { min-width: 150px; } tbody th { font-weight: 600; } td:empty::after { content: "–"; }
.badge { display: inline-block; padding: 0 8px; border: 1px solid currentColor; border-radius: 12px; font-size: 14px; font-weight: 600; } td .badge, .short { white-space: nowrap; } .sign { font-weight: 700; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .unknown { color: var(--unknown); } .none { color: var(--text); }
.badge.good { background: var(--good-page); } .badge.bad { background: var(--bad-page); } .badge.warn { background: var(--warn-page); } .badge.unknown { background: var(--unknown-page); } .badge.none { background: var(--none-page); }
header.good, header.bad, header.unknown { color: var(--text); } h1 .sign { margin-right: 4px; } .cut, footer { color: var(--muted); font-size: 14px; } footer { margin-top: 48px; border-top: 1px solid var(--line); }
details { margin: 8px 0; padding: 8px 12px; border: 1px solid var(--line); border-radius: 8px; } summary { cursor: pointer; font-weight: 600; }
.picture { display: block; margin: 12px 0; overflow: hidden; } .picture text { fill: var(--text); font-size: 13px; } .picture .muted { fill: var(--muted); } .picture line { stroke: var(--line); } .picture rect { stroke: none; }
.picture .track { fill: var(--none-page); } .picture .good { fill: var(--good-fill); } .picture .bad { fill: var(--bad-fill); } .picture .unknown { fill: var(--unknown-fill); } .picture .none { fill: var(--none-fill); } .picture .mark { fill: var(--text); }
@media screen and (max-width: 860px) {
  body { padding: 0 12px 32px; } header { margin-top: 12px; padding: 16px; } h1 { font-size: 23px; } .truth { font-size: 17px; } .rows > div { grid-template-columns: 1fr; } dl.facts:not(.rows) { grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); }
  table, tbody, tr, th, td { display: block; width: auto; } thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } tr { margin: 0 0 12px; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
  td .badge { white-space: normal; } tbody th { min-width: 0; background: var(--card); border: 0; } td { display: grid; grid-template-columns: 104px minmax(0, 1fr); gap: 8px; border: 0; border-top: 1px solid var(--line); } td::before { content: attr(data-label); color: var(--muted); font-size: 14px; } nav li { margin: 0; }
}
@media print {
  :root { color-scheme: light; --text: #000; --muted: #444; --page: #fff; --card: #fff; --link: #000; } body { max-width: none; padding: 0; font-size: 11pt; } nav, .skip { display: none; } section, tr, pre, details, .picture { break-inside: auto; } tr, .picture, h2, h3 { break-inside: avoid; } table { font-size: 9pt; } th, td { padding: 4px 6px; } tbody th { min-width: 0; } td code, th code, td .badge { font-size: 8.5pt; } h2, h3 { break-after: avoid; }
  details:not([open])::details-content { content-visibility: visible; block-size: auto; } .picture rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@media (forced-colors: active) { .picture rect { forced-color-adjust: none; } }
`;

/** SHA-256 of {@link STYLE}, for the policy of the page: no other style is taken, and no script at all. A test holds the two together. */
export const STYLE_HASH = 'sha256-hboPqfAjVHlkj0LHYdUQ4PDJqqvK4S2AvtpGM+aK1Ps=';
