import type { SecretRestore } from '../core/config.ts';
import { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';
import { SECTION_STEPS } from './available.ts';
import { invalid, show } from './faults.ts';
import { repeated } from './fields.ts';
import type { Merged } from './merge.ts';
import { reaches } from './reach.ts';
import type { Surroundings } from './surroundings.ts';

/** Secrets whose values are missing, where this run would write them: an empty value would log everybody out, or let everybody in. */
export function secretFaults(merged: Merged, { hasValue }: Surroundings): RollbackError[] {
  const { value, where } = merged;
  const secrets = value('secrets') ?? [];
  const twice = repeated(secrets.map((secret) => secret.name));
  if (twice !== undefined)
    return [
      invalid(
        where('secrets'),
        tr`saw ${show(twice)} twice; allowed: each Secret once`,
        tr`Put all its keys together.`,
      ),
    ];
  if (value('mode') === 'undo' || !reaches(merged, SECTION_STEPS.secrets)) return [];
  return secrets.flatMap(({ name, keys }) =>
    Object.entries(keys)
      .filter(([, variable]) => !hasValue(variable))
      .map(
        ([key, variable]) =>
          new RollbackError(
            'INPUT_INVALID',
            tr`variable ${variable}: is not set or empty; expected: the value for key ${key} of Secret ${name}`,
            tr`Pass it by \`env: { ${variable}: "\${{ secrets.${variable} }}" }\` of the step, or as a line ${variable}=VALUE of the input secret-values. Is the secret stored for this environment? gh secret list --env ENVIRONMENT`,
          ),
      ),
  );
}

export function secretsOf({ value }: Merged): readonly SecretRestore[] {
  return (value('secrets') ?? []).map(({ name, keys }) => ({ name, keys }));
}
