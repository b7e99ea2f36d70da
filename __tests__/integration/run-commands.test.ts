import { describe, expect, it } from '@jest/globals';
import type { Report } from '../../src/core/report.ts';
import { DatabaseScene } from './database-scene.ts';
import { deployment, Scene } from './scene.ts';

const outcomeOf = (report: Report) => report.steps.find(({ step }) => step === 'run-commands')?.outcome;
const check = (run: string, timeoutMs = 60_000) => ({ run, timeoutMs });

describe('commands of the project', () => {
  it('see the restored database, and the pods that are ready', async () => {
    await using database = await DatabaseScene.broken('commands');
    const psql = `"${database.server.tool('psql')}" -XAtc`;
    const good = check(`${psql} 'SELECT count(*) FROM users WHERE email IS NOT NULL' "$DATABASE_URL"`);
    const report = await database.rollback({ commands: [good, check('exit 4')] });
    const outcome = outcomeOf(report);
    expect(outcome).toMatchObject({
      status: 'failed',
      failure: { code: 'COMMAND_FAILED', message: expect.stringContaining('exit 4: exit code 4') },
      evidence: [{ observed: expect.stringMatching(/^exit code 0, .* \| \d+$/) }, {}],
    });
    expect(report.outcome).not.toBe('succeeded');
    expect(report.rolledBack).toBe(true);
    const again = await database.rollback({ commands: [good] });
    expect(again.outcome).toBe('no-op');
    expect(outcomeOf(again)).toMatchObject({ status: 'passed' });
  });

  it('do not begin before the rollout is through', async () => {
    const scene = await Scene.create('commands');
    await scene.deploy(scene.deployment('web', 'web:v1'));
    await scene.deploy(scene.deployment('web', 'web:v2'));
    const seen: string[] = [];
    const report = await scene.rollback([deployment('web')], {
      commands: [check('true')],
      parts: (parts) => ({
        ...parts,
        commands: {
          ...parts.commands,
          look: async (command, options) => {
            const { stdout } = await scene.kubectl(
              'get',
              'pods',
              '-o',
              'jsonpath={.items[*].spec.containers[*].image}',
            );
            seen.push(stdout);
            return parts.commands.look(command, options);
          },
        },
      }),
    });
    expect(report.outcome).toBe('succeeded');
    expect(seen).toHaveLength(1);
    expect(seen[0]).toContain('web:v1 web:v1');
  });

  it('end with a run that is cancelled', async () => {
    const scene = await Scene.create('commands-cancelled');
    await scene.deploy(scene.deployment('web', 'web:v1'));
    await scene.deploy(scene.deployment('web', 'web:v2'));
    const controller = new AbortController();
    const report = await scene.rollback([deployment('web')], {
      commands: [check('sleep 600')],
      signal: controller.signal,
      parts: (parts) => ({
        ...parts,
        commands: {
          ...parts.commands,
          look: (command, options) => {
            const running = parts.commands.look(command, options);
            setImmediate(() => controller.abort());
            return running;
          },
        },
      }),
    });
    expect(report.outcome).toBe('cancelled');
    expect(outcomeOf(report)).toMatchObject({ status: 'unknown', failure: { code: 'CANCELLED' } });
  });
});
