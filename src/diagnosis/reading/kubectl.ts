import type { Patient } from '../../core/finding.ts';

/**
 * A word that a shell takes as it is; anything else is quoted. A name can not pass for an option: the API server lets none
 * begin with a dash, and those that rules read out of a message are held to the form of a name there.
 */
function word(text: string): string {
  return /^[A-Za-z0-9._/=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The next command to type: `kubectl ... -n NAMESPACE`, safe to paste. */
export function kubectl(patient: Pick<Patient, 'namespace'>, ...args: readonly string[]): string {
  return ['kubectl', ...args, '-n', patient.namespace].map(word).join(' ');
}
