import { inputText, invalid } from '../config/faults.ts';
import type { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';

export interface SecretValues {
  readonly values: Readonly<Record<string, string>>;
  readonly errors: readonly RollbackError[];
}

const INPUT = 'secret-values';

/** The input `secret-values`. A value is taken as it stands, without quotes around it; one of several lines needs the JSON form. */
export function parseSecretValues(text: string): SecretValues {
  return text.startsWith('{') ? fromJson(text) : fromLines(text);
}

function fromLines(text: string): SecretValues {
  const lines = text.split(/\r?\n/).map((line) => line.trimStart());
  const errors: RollbackError[] = [];
  const values: Record<string, string> = {};
  for (const [index, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, value = ''] = /^([A-Za-z_]\w*)=(.*)$/.exec(line) ?? [];
    // What stands there may be a part of a secret: it is not shown.
    if (name === undefined) errors.push(fault(tr`line ${index + 1} is not NAME=VALUE`));
    else if (Object.hasOwn(values, name)) errors.push(fault(tr`line ${index + 1} names ${name} again`));
    else values[name] = value;
  }
  return { values, errors };
}

function fromJson(text: string): SecretValues {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { values: {}, errors: [fault(tr`begins with { and is no JSON`)] };
  }
  const entries = Object.entries(parsed as object);
  const isUsable = ([name, value]: [string, unknown]) => /^[A-Za-z_]\w*$/.test(name) && typeof value === 'string';
  return {
    values: Object.fromEntries(entries.filter(isUsable)),
    errors: entries.flatMap((entry, index) =>
      isUsable(entry) ? [] : [fault(tr`its element ${index + 1} is not a name with a text`)],
    ),
  };
}

function fault(text: string): RollbackError {
  return invalid(
    inputText(INPUT),
    tr`${text}; allowed: lines NAME=VALUE, or a JSON map of names and texts`,
    tr`Correct the secret that is passed there. A value of several lines: the JSON form.`,
  );
}
