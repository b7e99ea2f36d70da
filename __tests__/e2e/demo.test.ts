import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../../testbed/condition.ts';

const DEMO = fileURLToPath(new URL('../../testbed/demo.ts', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiered-rollback-demo-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(...args: string[]) {
  const child = spawn(process.execPath, [DEMO, '--folder', folder, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said.text += chunk;
    });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, said, ended };
}

/** The API server that the demo named answers no more. */
async function expectGone(text: string): Promise<void> {
  const port = /https:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1];
  expect(port).toBeDefined();
  await waitFor('the API server to be gone', () => isClosed(Number(port)), { timeoutMs: 10_000 });
}

const isClosed = (port: number) =>
  fetch(`http://127.0.0.1:${port}/`).then(
    () => false,
    (error: Error & { cause?: { code?: string } }) => error.cause?.code === 'ECONNREFUSED',
  );

/** Status codes of /health in the order in which they were shown. */
const healthOf = (text: string) => [...text.matchAll(/(\d{3}) {2}\/health /g)].map(([, status]) => status);

describe('npm run demo', () => {
  it('goes from green to red to green, shows the summary, keeps the report, and leaves nothing running', async () => {
    const { said, ended } = start();
    const code = await ended;
    expect({ code, text: said.text }).toEqual({ code: 0, text: expect.stringContaining('nothing is left running') });
    expect(healthOf(said.text)).toEqual(['200', '503', '200']);
    expect(said.text).toContain('✅ Rolled back and verified');
    expect(said.text).toMatch(/✅\spassed\s+Health checks pass/);
    expect(said.text).toMatch(/Played: the nodes\. No container runs/);
    const path = /\S*report\.json/.exec(said.text)?.[0] ?? '';
    const report = JSON.parse(await readFile(path, 'utf8'));
    expect(report).toMatchObject({ outcome: 'succeeded', namespace: 'production', tier: 'rapid' });
    await expectGone(said.text);
  });

  it('speaks French, and goes the shortest way', async () => {
    const { said, ended } = start('--language', 'fr', '--tier', 'emergency');
    expect(await ended).toBe(0);
    expect(healthOf(said.text)).toEqual(['200', '503', '200']);
    expect(said.text).toContain('✅ Rollback effectué et vérifié');
    expect(said.text).toContain('Tests de santé passent');
  });

  it('brings the data back with the complete tier, in French, and keeps the database from before', async () => {
    const { said, ended } = start('--tier', 'complete', '--language', 'fr');
    const code = await ended;
    expect({ code, text: said.text }).toEqual({
      code: 0,
      text: expect.stringContaining('rien ne continue de tourner'),
    });
    expect(healthOf(said.text)).toEqual(['200', '503', '200']);
    const users = [...said.text.matchAll(/(\d+) utilisateurs, dont (\d+) BROKEN/g)].map(([, all, broken]) => [
      all,
      broken,
    ]);
    expect(users).toEqual([
      ['1000', '0'],
      ['900', '900'],
      ['1000', '0'],
    ]);
    const report = JSON.parse(await readFile(/\S*report\.json/.exec(said.text)?.[0] ?? '', 'utf8'));
    expect(report).toMatchObject({ outcome: 'succeeded', tier: 'complete', language: 'fr', healthy: true });
    expect(report.database).toMatchObject({ name: '224solutions', live: { is: 'restored' } });
    expect(said.text).toContain(`${report.database.kept.name} est celle d'avant`);
    // Neither the password of the database nor a code of the Secret stands in what the action wrote.
    const url = /postgresql:\/\/[^:]+:[^@]+@/;
    for (const name of ['report.json', 'summary.md', 'log.txt'])
      expect(await readFile(join(folder, name), 'utf8')).not.toMatch(
        new RegExp(`${url.source}|demo-pdg|demo-admin|wrong-pdg`),
      );
    await expectGone(said.text);
  });

  it('goes through the whole checklist with the secure tier, in French, and everyone was told', async () => {
    const { said, ended } = start('--tier', 'secure', '--language', 'fr');
    const code = await ended;
    expect({ code, text: said.text }).toEqual({
      code: 0,
      text: expect.stringContaining('rien ne continue de tourner'),
    });
    expect(healthOf(said.text)).toEqual(['200', '503', '200']);
    const alerts = [...said.text.matchAll(/Restes : .*\. Alertes actives : (\S+)/g)].map(([, names]) => names);
    expect(alerts).toEqual(['aucune', 'ApplicationUnhealthy', 'aucune']);
    const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));
    expect(report).toMatchObject({ outcome: 'succeeded', tier: 'secure', healthy: true });
    expect(report.validation.map(({ outcome }: { outcome: { status: string } }) => outcome.status)).toEqual(
      Array(8).fill('passed'),
    );
    // The checklist's own sentence, and the others that were told.
    expect(said.text).toContain('Canal : 🔄 ROLLBACK EFFECTUÉ - 224Solutions est revenu à un état stable');
    for (const told of [/E-mail à 1 destinataire : \S/, /Ticket GitHub : \S/, /Silences dans Alertmanager : expired\./])
      expect(said.text).toMatch(told);
    for (const name of ['report.json', 'report.html', 'summary.md', 'log.txt'])
      expect(await readFile(join(folder, name), 'utf8')).not.toMatch(
        /demo-mail-password|services\/T000|demo-pdg|wrong-pdg/,
      );
    await expectGone(said.text);
  });

  it('keeps the cluster when told to, until it is stopped', async () => {
    const { child, said, ended } = start('--keep');
    await waitFor('the demo to be through', () => said.text.includes('until Ctrl-C'), { timeoutMs: 60_000 });
    const url = /curl -i (\S+)/.exec(said.text)?.[1] ?? '';
    expect((await fetch(url)).status).toBe(200);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    await expectGone(said.text);
  });
});
