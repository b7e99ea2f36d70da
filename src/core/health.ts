import type { HealthCheck } from './config.ts';

export interface Judgement {
  readonly ok: boolean;
  readonly observed: string;
  readonly expected: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly durationMs: number;
}

/** Compares an answer (or the reason why there was none) with what the check expects. Body text is never quoted: it may be anything. */
export function judge(check: HealthCheck, answer: Answer | Error): Judgement {
  const expected = expectationOf(check);
  if (answer instanceof Error) return { ok: false, observed: answer.message.slice(0, 200), expected };
  const isStatusRight = answer.status >= check.status.from && answer.status <= check.status.to;
  if (!isStatusRight) return { ok: false, observed: `status ${answer.status}`, expected };
  if (check.contains !== undefined && !answer.body.includes(check.contains)) {
    return { ok: false, observed: `status ${answer.status}, the text is not in the body`, expected };
  }
  for (const [path, wanted] of Object.entries(check.json ?? {})) {
    const found = valueAt(answer.body, path);
    if (found !== wanted)
      return { ok: false, observed: `status ${answer.status}, ${path} is ${shown(found)}`, expected };
  }
  return { ok: true, observed: `status ${answer.status} in ${Math.round(answer.durationMs)} ms`, expected };
}

function expectationOf(check: HealthCheck): string {
  const { from, to } = check.status;
  const parts = [from === to ? `status ${from}` : `status ${from}-${to}`];
  if (check.contains !== undefined) parts.push(`body with "${check.contains.slice(0, 60)}"`);
  for (const [path, wanted] of Object.entries(check.json ?? {})) parts.push(`${path} = ${shown(wanted)}`);
  return parts.join(', ');
}

function valueAt(body: string, path: string): unknown {
  try {
    return path
      .split('.')
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], JSON.parse(body));
  } catch {
    return undefined;
  }
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'absent').slice(0, 60);
}
