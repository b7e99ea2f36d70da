import { createHmac, randomBytes } from 'node:crypto';
import { createTwoFilesPatch } from 'diff';
import { stringify } from 'yaml';
import type { Container, PodTemplate } from './kubernetes.ts';
import { tr } from './tr.ts';

/** Literal values that tell nothing: switches, numbers, levels, ports, plain words. */
const HARMLESS = /^(true|false|yes|no|on|off|\d{1,6}|debug|info|warn|error|production|staging|development|test)?$/i;
/** An argument that carries a secret, `--db-password=x` or `token:x`. */
const SECRET_ARGUMENT = /^(-{0,2}[\w.-]*(?:pass|secret|token|key|credential|auth|code|dsn|url|uri)[\w.-]*[=:])(.+)$/is;
const salt = randomBytes(16);

/**
 * Unified diff of two pod templates as YAML, hunks only. Literal values of environment variables are shown as fingerprints, salted anew in
 * each process: they tell that two values differ, never what they are.
 */
export function templateDiff(object: string, left: PodTemplate, right: PodTemplate): string {
  const patch = createTwoFilesPatch(object, object, shown(left), shown(right), tr`now`, tr`after`, { context: 3 });
  return patch
    .split('\n')
    .filter((line) => !/^(=+$|Index: )/.test(line))
    .join('\n')
    .trimEnd();
}

function shown(template: PodTemplate): string {
  const { containers, initContainers, ...spec } = template.spec;
  return stringify(
    {
      ...(template.metadata ? { metadata: template.metadata } : {}),
      spec: {
        ...(initContainers ? { initContainers: initContainers.map(shownContainer) } : {}),
        containers: containers.map(shownContainer),
        ...spec,
      },
    },
    { lineWidth: 0, sortMapEntries: false, aliasDuplicateObjects: false },
  );
}

function shownContainer(
  container: Container & { readonly args?: readonly string[]; readonly command?: readonly string[] },
): unknown {
  const { env, args, command } = container;
  return {
    ...container,
    ...(command ? { command: command.map(maskedArgument) } : {}),
    ...(args ? { args: args.map(maskedArgument) } : {}),
    ...(env
      ? {
          env: env.map((variable) =>
            variable.value === undefined ? variable : { ...variable, value: maskedValue(variable.value) },
          ),
        }
      : {}),
  };
}

/** An argument without the secret that it may carry. */
export function maskedArgument(argument: string): string {
  return argument.replace(SECRET_ARGUMENT, (_all, name: string, value: string) => `${name}${fingerprint(value)}`);
}

/** The literal value of an environment variable, hidden unless it tells nothing. */
export function maskedValue(value: string): string {
  return HARMLESS.test(value) ? value : fingerprint(value);
}

function fingerprint(value: string): string {
  return tr`(hidden, fingerprint ${createHmac('sha256', salt).update(value).digest('hex').slice(0, 8)})`;
}
