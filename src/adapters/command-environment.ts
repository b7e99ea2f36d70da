/**
 * Variables of the runner that a command of the project does not get. Inputs of this action hold its secrets (`kubeconfig`, `database-url`);
 * ACTIONS_* are credentials of the job for the runner's own services (ID tokens, caches, artifacts); the token of the job is this action's;
 * and through the files of the runner a command could write outputs, summary and environment in our name.
 */
const WITHHELD = /^(INPUT_.*|STATE_.*|ACTIONS_.*|GITHUB_TOKEN|GH_TOKEN|GITHUB_(OUTPUT|ENV|PATH|STATE|STEP_SUMMARY))$/i;

/**
 * The environment of a command of the project: the runner's own, without what is withheld, and on top of it what the caller gives. What the
 * workflow sets by other names (NODE_AUTH_TOKEN, PGPASSWORD, KUBECONFIG) stays: it was set for commands like these.
 *
 * @param withhold further names, for example of the variables that hold values of Secrets.
 */
export function commandEnvironment(
  runner: NodeJS.ProcessEnv,
  given: Readonly<Record<string, string>> = {},
  withhold: readonly string[] = [],
): Record<string, string> {
  const kept = Object.entries(runner).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !WITHHELD.test(entry[0]) && !withhold.includes(entry[0]),
  );
  return { ...Object.fromEntries(kept), ...given };
}
