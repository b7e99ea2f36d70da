/** One bar of a Gantt chart, ms since the epoch. */
export interface GanttBar {
  readonly label: string;
  /** How Mermaid paints it: `done` grey, `active` blue, `crit` red. The label says it, too. */
  readonly tag: 'done' | 'active' | 'crit' | 'milestone';
  readonly from: number;
  readonly to: number;
}

export interface GanttSection {
  /** Absent: bars that belong to no section. */
  readonly title?: string;
  readonly bars: readonly GanttBar[];
}

/**
 * A Mermaid Gantt chart as a fenced block. Times are written as wall clock without a zone: Mermaid reads and shows those unchanged, so
 * that every reader sees UTC, as in the tables (milliseconds since the epoch would be shown in the reader's own zone).
 * @param title for those who do not see the picture
 */
export function gantt(title: string, sections: readonly GanttSection[]): string {
  let count = 0;
  const line = ({ label, tag, from, to }: GanttBar) => {
    count += 1;
    // Bars without a length are not drawn.
    return `${label} :${tag}, b${count}, ${wallClock(from)}, ${wallClock(Math.max(to, from + 1))}`;
  };
  return [
    '```mermaid',
    'gantt',
    `accTitle: ${diagramText(title)}`,
    'dateFormat YYYY-MM-DD HH:mm:ss.SSS',
    'axisFormat %H:%M:%S',
    `tickInterval ${tickInterval(sections.flatMap(({ bars }) => bars))}`,
    'todayMarker off',
    ...sections.flatMap(({ title, bars }) => [...(title === undefined ? [] : [`section ${title}`]), ...bars.map(line)]),
    '```',
  ].join('\n');
}

/** Text for a diagram: letters, digits and a few marks; all that Mermaid could take for its own language or for HTML becomes a space. */
export function diagramText(text: string, max = 60): string {
  const plain = text
    .slice(0, max * 8)
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}.’'() -]/gu, ' ')
    .replace(/-{2,}/g, '-')
    .replace(/\s+/g, ' ')
    .trim();
  const characters = [...plain];
  return characters.length > max ? `${characters.slice(0, max - 1).join('')}…` : plain;
}

const TICKS: readonly (readonly [count: number, unit: string, ms: number])[] = [
  ...[1, 2, 5, 10, 15, 30].map((count) => [count, 'second', count * 1000] as const),
  ...[1, 2, 5, 10, 15, 30].map((count) => [count, 'minute', count * 60_000] as const),
  ...[1, 2, 6, 12].map((count) => [count, 'hour', count * 3_600_000] as const),
];

/** So many ticks that their texts do not run into each other. */
function tickInterval(bars: readonly GanttBar[]): string {
  const span = Math.max(...bars.map(({ to }) => to)) - Math.min(...bars.map(({ from }) => from));
  const [count, unit] = TICKS.find(([, , ms]) => span / ms <= 8) ?? [1, 'day'];
  return `${count}${unit}`;
}

function wallClock(time: number): string {
  return new Date(time).toISOString().replace('T', ' ').replace('Z', '');
}
