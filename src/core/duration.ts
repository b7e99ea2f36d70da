import { tr } from './tr.ts';

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Reads `10s`, `1m30s`, `500ms`, `0` as milliseconds; undefined for anything else (Go's notation, as kubectl takes it). */
export function parseDuration(text: string): number | undefined {
  if (text.trim() === '0') return 0;
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text.trim()) return undefined;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS], 0);
}

/** `740 ms`, `12.3 s`, `4 min 05 s`, `2 h 03 min`: how every report writes a duration. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) {
    const [whole = '', tenth = ''] = (ms / 1000).toFixed(1).split('.');
    return tr`${whole}.${tenth} s`;
  }
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`;
}
