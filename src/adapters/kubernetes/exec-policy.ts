import { realpathSync } from 'node:fs';
import { basename, isAbsolute, sep } from 'node:path';
import { tr } from '../../core/tr.ts';
import type { ExecPlugin } from './access.ts';

/** Variables by which a program can be made to run other code than its own. */
const DANGEROUS_VARIABLE =
  /^(PATH|LD_.*|DYLD_.*|NODE_OPTIONS|PYTHON.*|PERL.*|RUBY.*|BASH_ENV|ENV|SHELLOPTS|IFS|GCONV_PATH|PATHEXT|COMSPEC)$/i;

interface Refusal {
  readonly fault: string;
  readonly fix: string;
}

/**
 * The plugin, if it may be started: by base name, found on the runner's own path, or by an absolute path that does not lie in what the
 * repository brought. Kubernetes 1.35 has the same allow-list (`credentialPluginPolicy`).
 */
export function execPluginOf(
  exec: Readonly<Record<string, unknown>>,
  input: { readonly allowExecPlugins: readonly string[]; readonly workspace: string; readonly temp: string },
): ExecPlugin | Refusal {
  const command = typeof exec['command'] === 'string' ? exec['command'] : '';
  const allowed = input.allowExecPlugins;
  const name = basename(command).replace(/\.exe$/i, '');
  const shown = JSON.stringify(name.slice(0, 80));
  if (name === '' || !(allowed.includes(name) || allowed.includes(command))) {
    return {
      fault: tr`it starts the program ${shown}, which is not allowed (allowed: ${allowed.join(', ') || tr`none`}).`,
      fix: tr`If that program is yours, add its name to \`allow-exec-plugins\`; or use a token: \`kubectl create token SERVICEACCOUNT\`.`,
    };
  }
  if (command !== basename(command)) {
    const real = isAbsolute(command) ? realPath(command) : '';
    const brought = [input.workspace, input.temp].some(
      (folder) => folder !== '' && real.startsWith(realPath(folder) + sep),
    );
    if (real === '' || (brought && !allowed.includes(command))) {
      return {
        fault: tr`it starts ${shown} by a path that is relative or inside the workspace: not the program that the runner has installed.`,
        fix: tr`Name the program alone, without a folder; or add its full path to \`allow-exec-plugins\`.`,
      };
    }
  }
  const env = Array.isArray(exec['env']) ? (exec['env'] as { name?: unknown; value?: unknown }[]) : [];
  const dangerous = env.map((entry) => String(entry.name)).filter((variable) => DANGEROUS_VARIABLE.test(variable));
  if (dangerous.length > 0) {
    return {
      fault: tr`it starts ${shown} with ${dangerous.join(', ')} set, which can make it run other code.`,
      fix: tr`Remove those variables from \`users[].user.exec.env\`.`,
    };
  }
  return {
    command,
    ...(Array.isArray(exec['args']) ? { args: exec['args'].map(String) } : {}),
    env: env.map((entry) => ({ name: String(entry.name), value: String(entry.value ?? '') })),
    ...(typeof exec['apiVersion'] === 'string' ? { apiVersion: exec['apiVersion'] } : {}),
    provideClusterInfo: exec['provideClusterInfo'] === true,
    ...(typeof exec['installHint'] === 'string' ? { installHint: exec['installHint'] } : {}),
  };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
