/** A failure of the testbed itself, with what to do about it. Never thrown for a failure of what is tested. */
export class TestbedError extends Error {
  override readonly name = 'TestbedError';
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(hint === '' ? message : `${message}\n  ${hint}`, options);
    this.hint = hint;
  }
}
