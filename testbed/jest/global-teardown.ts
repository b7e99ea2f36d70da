import './global-setup.ts';

/** Jest calls this once per run, after the last test file. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.testbedLobby?.close();
  globalThis.testbedLobby = undefined;
}
