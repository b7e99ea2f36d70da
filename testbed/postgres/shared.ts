import { request } from 'node:http';
import { TestbedError } from '../errors.ts';
import { LOBBY_VARIABLE } from '../jest/lobby.ts';
import { connectPostgres, type Postgres } from '../postgres.ts';

let shared: Promise<Postgres> | undefined;

/**
 * The one database server of this jest run, started when the first test file asks. It is shared: work in databases of your own
 * (`await server.createDatabase()`), change no setting of the server and end only sessions on your own databases.
 */
export function sharedPostgres(): Promise<Postgres> {
  shared ??= askLobby().then(connectPostgres);
  return shared;
}

function askLobby(): Promise<Parameters<typeof connectPostgres>[0]> {
  const socketPath = process.env[LOBBY_VARIABLE];
  if (!socketPath) {
    return Promise.reject(
      new TestbedError(
        'There is no shared database server in this run.',
        'Set globalSetup and globalTeardown of the jest project to testbed/jest/global-setup.ts and testbed/jest/global-teardown.ts.',
      ),
    );
  }
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path: '/postgres' }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      if (response.statusCode === 200) resolve(JSON.parse(text));
      else reject(new Error(text));
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}
