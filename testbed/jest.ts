import { request } from 'node:http';
import { type Cluster, connectCluster } from './cluster.ts';
import { TestbedError } from './errors.ts';
import { LOBBY_VARIABLE } from './jest/lobby.ts';

let shared: Promise<Cluster> | undefined;

/**
 * The one cluster of this jest run, started when the first test file asks. It is shared: work in a namespace of your own
 * (`await cluster.namespace('my-test')`), and filter `audit` by it. Needs testbed/jest/global-setup.ts in the jest configuration.
 */
export function sharedCluster(): Promise<Cluster> {
  shared ??= askLobby().then(connectCluster);
  return shared;
}

function askLobby(): Promise<Parameters<typeof connectCluster>[0]> {
  const socketPath = process.env[LOBBY_VARIABLE];
  if (!socketPath) {
    return Promise.reject(
      new TestbedError(
        'There is no shared cluster in this run.',
        'Set globalSetup and globalTeardown of the jest project to testbed/jest/global-setup.ts and testbed/jest/global-teardown.ts.',
      ),
    );
  }
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path: '/' }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      if (response.statusCode === 200) resolve(JSON.parse(text));
      else reject(new Error(text));
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}
