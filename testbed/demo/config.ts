import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';
import { RECORDS_BRANCH } from '../operations.ts';
import type { Scene } from './scene.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/224solutions/rollback.yml', import.meta.url));

/** The application's own config file, with the addresses and the folder under which it runs here. */
export async function configOf({ application, data, operations }: Omit<Scene, 'cluster'>): Promise<string> {
  const document = parseDocument(await readFile(EXAMPLE, 'utf8'));
  document.set('health', application.healthUrls);
  if (data) document.setIn(['database', 'backup'], join(data.backups, 'pre_change_*.sql'));
  // Without a database there is none to connect to.
  else document.set('commands', ['npm run test:critical:services']);
  if (operations) {
    document.set('metrics', [{ name: 'application', query: 'min(application_healthy)', min: 1 }]);
    document.setIn(['messages', 'downtime'], '1s');
    document.setIn(['records', 'branch'], RECORDS_BRANCH);
  } else {
    // Without the servers there is nobody to ask.
    for (const section of ['metrics', 'alerts']) document.delete(section);
  }
  return document.toString();
}
