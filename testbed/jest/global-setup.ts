import { Lobby } from './lobby.ts';

declare global {
  var testbedLobby: Lobby | undefined;
}

/** Jest calls this once per run, before any test file. */
export default async function globalSetup(): Promise<void> {
  globalThis.testbedLobby ??= await Lobby.open();
}
