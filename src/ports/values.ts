/** Values of the runner's environment that the config file names (`secrets: keys`). They are secret, and masked before this exists. */
export interface NamedValues {
  /** Undefined where the variable is not set, or empty. */
  get(variable: string): string | undefined;
}
