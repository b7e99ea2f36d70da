/** GitHub refuses longer bodies of issues: "body is too long (maximum is 65536 characters)". */
export const ISSUE_BODY_LIMIT = 65_536;
/** GitHub refuses longer titles of issues. */
export const ISSUE_TITLE_LIMIT = 256;

/** Below this line the issue belongs to the people who write it. */
export const GENERATED_END = '<!-- tiered-rollback end -->';

/** First line of a post-mortem: by it a later run of the same incident finds the issue. Unseen by readers. */
export function incidentMarker(incident: string): string {
  return `<!-- tiered-rollback incident=${incident.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 100)} -->`;
}

/** True for a body that has the marker on a line of its own. */
export function hasMarker(body: string, marker: string): boolean {
  return indexOf(linesOf(body), marker) >= 0;
}

/**
 * The body with what we write replaced by what `written` has between the marker and the end line. All that people wrote before and after it
 * stays. Undefined where these lines are no longer there, or where there is no room: then nothing may be replaced.
 */
export function withGenerated(body: string, written: string, marker: string): string | undefined {
  const old = linesOf(body);
  const there = rangeOf(old, marker);
  const ours = linesOf(written);
  const here = rangeOf(ours, marker);
  if (!there || !here) return undefined;
  const merged = [...old.slice(0, there.from), ...ours.slice(here.from, here.to), ...old.slice(there.to)].join('\n');
  return merged.length > ISSUE_BODY_LIMIT ? undefined : merged;
}

/** One run in a post-mortem: all runs of an incident stand in one issue. */
export interface RunMark {
  readonly run: string;
  /** RFC 3339: when it began. */
  readonly at: string;
  readonly mode: string;
  readonly tier: string;
  readonly outcome: string;
}

/** What the issue says of one run. */
export interface RunPart extends RunMark {
  /** Markdown; empty where there was no room for it. */
  readonly text: string;
}

/** Last line of what the issue says of one run. */
const RUN_END = '<!-- tiered-rollback run end -->';
const RUN_LINE =
  /^<!-- tiered-rollback run=([\w.-]{1,100}) at=([\dTZ:.-]{1,30}) mode=([a-z-]{1,20}) tier=([a-z-]{1,20}) outcome=([a-z-]{1,20}) -->$/;

/** The part of one run, so that `runParts` finds it again. */
export function runPart({ run, at, mode, tier, outcome, text }: RunPart): string {
  const id = run.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 100);
  const mark = `<!-- tiered-rollback run=${id} at=${at} mode=${mode} tier=${tier} outcome=${outcome} -->`;
  return [mark, ...(text === '' ? [] : [text.trim()]), RUN_END].join('\n');
}

/** What an issue says of the runs of its incident, as `runPart` wrote it; whatever is not whole is left out. */
export function runParts(body: string, marker: string): RunPart[] {
  const lines = linesOf(body);
  const ours = rangeOf(lines, marker);
  if (!ours) return [];
  const parts: RunPart[] = [];
  for (let index = ours.from; index < ours.to; index++) {
    const mark = RUN_LINE.exec(lines[index]?.trimEnd() ?? '');
    if (!mark) continue;
    const end = indexOf(lines, RUN_END, index);
    if (end < 0 || end >= ours.to) break;
    const [, run = '', at = '', mode = '', tier = '', outcome = ''] = mark;
    const text = lines
      .slice(index + 1, end)
      .join('\n')
      .trim();
    parts.push({ run, at, mode, tier, outcome, text });
    index = end;
  }
  return parts;
}

/** Where the record of a run is committed: `rollbacks/2026-03-01-4711-1.md`. `startedAt`: RFC 3339. */
export function recordPath(startedAt: string, run: string): string {
  const day = /^\d{4}-\d{2}-\d{2}/.exec(startedAt)?.[0] ?? 'undated';
  return `rollbacks/${day}-${run.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 100)}.md`;
}

/** The day (`2026-03-08`, UTC) that lies `days` after an RFC 3339 time; undefined where that is no time. */
export function dueDate(from: string, days: number): string | undefined {
  const at = new Date(Date.parse(from) + days * 24 * 60 * 60_000);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString().slice(0, 10);
}

/** GitHub's editor writes bodies back with CRLF. Spaces at the end of a line stay: they are a line break. */
function linesOf(body: string): string[] {
  return body.split(/\r\n?|\n/);
}

const indexOf = (lines: readonly string[], wanted: string, after = -1) =>
  lines.findIndex((line, index) => index > after && line.trimEnd() === wanted);

function rangeOf(lines: readonly string[], marker: string): { from: number; to: number } | undefined {
  const from = indexOf(lines, marker);
  const end = indexOf(lines, GENERATED_END, from);
  return from >= 0 && end >= 0 ? { from, to: end + 1 } : undefined;
}
