/**
 * How runtimes say that the command of a container is not in its image or cannot be executed there. Each names the
 * command, so that faults of the node with similar words (a mount source that is "no such file or directory") do not match.
 */
const MISSING_COMMAND = [
  // runc: exec: "/bin/x": stat /bin/x: no such file or directory; exec: "x": executable file not found in $PATH
  /exec: "([^"]{1,300})": (?:executable file not found|stat [^:]{1,300}: (?:no such file|permission denied|not a directory)|permission denied|is a directory|no such file or directory)/,
  // crun: executable file `x` not found in $PATH: No such file or directory
  /executable file [`'"]([^`'"]{1,300})[`'"] not found/,
  // gVisor: error finding executable "x" in PATH
  /error finding executable "([^"]{1,300})" in PATH/,
];

/** The command that a runtime could not find or execute, from the message of the failed start. */
export function commandNotFound(message: string | undefined): string | undefined {
  for (const pattern of MISSING_COMMAND) {
    const command = pattern.exec(message ?? '')?.[1];
    if (command !== undefined) return command;
  }
  return undefined;
}
