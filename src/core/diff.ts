import { createTwoFilesPatch } from 'diff';
import { stringify } from 'yaml';
import type { PodTemplate } from './kubernetes.ts';

const SECRET_NAME = /pass|secret|token|key|credential|auth|dsn|connection|url|uri/i;

/** Unified diff of two pod templates as YAML. Values of environment variables with a secret-looking name are not shown. */
export function templateDiff(object: string, left: PodTemplate, right: PodTemplate): string {
  const patch = createTwoFilesPatch(object, object, shown(left), shown(right), 'now', 'after', { context: 3 });
  return patch.split('\n').slice(1).join('\n').trimEnd();
}

function shown(template: PodTemplate): string {
  const hide = (containers: PodTemplate['spec']['containers'] | undefined) =>
    containers?.map((container) => ({
      ...container,
      ...(container.env
        ? {
            env: container.env.map((variable) =>
              variable.value !== undefined && SECRET_NAME.test(variable.name)
                ? { ...variable, value: digestOf(variable.value) }
                : variable,
            ),
          }
        : {}),
    }));
  const { containers, initContainers, ...spec } = template.spec;
  return stringify(
    {
      ...(template.metadata ? { metadata: template.metadata } : {}),
      spec: {
        ...(initContainers ? { initContainers: hide(initContainers) } : {}),
        containers: hide(containers),
        ...spec,
      },
    },
    { lineWidth: 0, sortMapEntries: false },
  );
}

/** Shows that two values differ, but not what they are: their length only. */
function digestOf(value: string): string {
  return `(hidden, ${value.length} characters)`;
}
