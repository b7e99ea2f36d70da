import type { HealthCheck } from './config.ts';
import { tr } from './tr.ts';

/** Why there was no answer, where it is known. */
export const SILENCES = [
  'name-not-resolved',
  'connection-refused',
  'certificate',
  'timeout',
  'connection-lost',
] as const;
export type SilenceKind = (typeof SILENCES)[number];

/** No answer to a health check. The message is short and without the URL, which may carry credentials. */
export class Silence extends Error {
  override readonly name = 'Silence';
  readonly kind: SilenceKind | undefined;
  /** The name that was looked up, where that failed: a proxy's perhaps, and not the one in the URL. */
  readonly host: string | undefined;

  constructor(message: string, known: { kind?: SilenceKind | undefined; host?: string | undefined; cause?: unknown }) {
    super(message, { cause: known.cause });
    this.kind = known.kind;
    this.host = known.host;
  }
}

export interface Judgement {
  readonly ok: boolean;
  readonly observed: string;
  readonly expected: string;
  /** HTTP status of an answer. */
  readonly status?: number;
  /** Why there was no answer, where it is known. */
  readonly silence?: SilenceKind;
  /** The name that does not resolve. */
  readonly host?: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly durationMs: number;
}

/** Compares an answer (or the reason why there was none) with what the check expects. Body text is never quoted: it may be anything. */
export function judge(check: HealthCheck, answer: Answer | Error): Judgement {
  const expected = expectationOf(check);
  if (answer instanceof Error) return { ok: false, observed: answer.message.slice(0, 200), expected, ...known(answer) };
  const { status } = answer;
  const isStatusRight = status >= check.status.from && status <= check.status.to;
  if (!isStatusRight) return { ok: false, observed: tr`status ${status}`, expected, status };
  if (check.contains !== undefined && !answer.body.includes(check.contains)) {
    return { ok: false, observed: tr`status ${status}, the text is not in the body`, expected, status };
  }
  for (const [path, wanted] of Object.entries(check.json ?? {})) {
    const found = valueAt(answer.body, path);
    if (found !== wanted)
      return { ok: false, observed: tr`status ${status}, ${path} is ${shown(found)}`, expected, status };
  }
  return { ok: true, observed: tr`status ${status} in ${Math.round(answer.durationMs)} ms`, expected, status };
}

function known(error: Error): Pick<Judgement, 'silence' | 'host'> {
  if (!(error instanceof Silence) || error.kind === undefined) return {};
  return { silence: error.kind, ...(error.host === undefined ? {} : { host: error.host }) };
}

function expectationOf(check: HealthCheck): string {
  const { from, to } = check.status;
  const parts = [from === to ? tr`status ${from}` : tr`status ${from}-${to}`];
  if (check.contains !== undefined) parts.push(tr`body with "${check.contains.slice(0, 60)}"`);
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
  return (JSON.stringify(value) ?? tr`absent`).slice(0, 60);
}
