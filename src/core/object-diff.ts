import { createHmac, randomBytes } from 'node:crypto';
import { createTwoFilesPatch } from 'diff';
import { stringify } from 'yaml';
import { maskedArgument, maskedValue } from './diff.ts';
import type { Json } from './kubernetes.ts';
import { isObject, type JsonObject } from './manifest.ts';
import { tr } from './tr.ts';

const salt = randomBytes(16);

/**
 * Unified diff of two objects as YAML, hunks only; undefined is an object that is not there. Values of Secrets, of environment variables and
 * in arguments are shown as fingerprints, salted anew in each process.
 */
export function objectDiff(name: string, left: JsonObject | undefined, right: JsonObject | undefined): string {
  return createTwoFilesPatch(name, name, text(left), text(right), tr`now`, tr`after`, { context: 3 })
    .split('\n')
    .filter((line) => !/^(=+$|Index: )/.test(line))
    .join('\n')
    .trimEnd();
}

function text(object: JsonObject | undefined): string {
  if (!object) return '';
  const shown = object['kind'] === 'Secret' ? withoutValues(object) : masked(object);
  return stringify(shown, { lineWidth: 0, sortMapEntries: true, aliasDuplicateObjects: false });
}

function withoutValues(secret: JsonObject): JsonObject {
  const data = isObject(secret['data']) ? secret['data'] : {};
  const hidden = Object.entries(data).map(([key, value]) => [
    key,
    tr`(hidden, fingerprint ${createHmac('sha256', salt)
      .update(`${key}\0${String(value)}`)
      .digest('hex')
      .slice(0, 8)})`,
  ]);
  return { ...secret, ...(hidden.length > 0 ? { data: Object.fromEntries(hidden) as JsonObject } : {}) };
}

/** Pods stand at many depths: in a Job, a CronJob, a custom resource. */
function masked(value: Json, field = ''): Json {
  if (Array.isArray(value)) {
    return value.map((item: Json) => {
      if (field === 'env' && isObject(item) && typeof item['value'] === 'string') {
        return { ...item, value: maskedValue(item['value']) };
      }
      if ((field === 'args' || field === 'command') && typeof item === 'string') return maskedArgument(item);
      return masked(item);
    });
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, masked(item, name)]));
}
