import { readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { inputText, invalid, show } from '../config/faults.ts';
import { DEFAULT_FILE } from '../config.ts';
import { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';

const LARGEST_FILE = 1024 * 1024;

/** The text of the config file; undefined when it is absent and nobody named it. Links that lead out of the workspace are refused. */
export function configFile(workspace: string, name: string, wasNamed: boolean): string | RollbackError | undefined {
  const where = wasNamed ? inputText('config') : name;
  const outside = () =>
    invalid(
      where,
      tr`saw ${show(name)}, which lies outside of the workspace; allowed: a path inside of it`,
      tr`Put the file into the repository, for example as ${DEFAULT_FILE}.`,
    );
  if (!isInside(workspace, resolve(workspace, name))) return outside();
  try {
    const real = realpathSync(resolve(workspace, name));
    if (!isInside(realpathSync(workspace), real)) return outside();
    const found = statSync(real);
    if (!found.isFile())
      return invalid(
        where,
        tr`${show(name)} is no file; allowed: a YAML file`,
        tr`Name the file itself, for example ${DEFAULT_FILE}.`,
      );
    if (found.size > LARGEST_FILE)
      return invalid(
        where,
        tr`${show(name)} has ${found.size} bytes; allowed: at most ${LARGEST_FILE}`,
        tr`Name the config file.`,
      );
    return readFileSync(real, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      return new RollbackError(
        'INPUT_INVALID',
        tr`${where}: ${show(name)} cannot be read (${code ?? tr`unknown`})`,
        tr`Check it on the runner: ls -l ${DEFAULT_FILE}`,
        { cause: error },
      );
    }
    if (!wasNamed) return undefined;
    return new RollbackError(
      'CONFIG_NOT_FOUND',
      tr`input config: saw ${show(name)}, which does not exist in the workspace; expected: a YAML file`,
      tr`Check the repository out before this step (\`- uses: actions/checkout\`), or correct the path.`,
    );
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
