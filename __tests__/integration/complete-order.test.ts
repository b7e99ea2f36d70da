import { describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { Parts } from '../../src/engine/state.ts';
import { type DatabaseOptions, DatabaseScene, GROUP } from './database-scene.ts';

/** Told each call of a method, before it is carried out. */
function told<T extends object>(object: T, before: (method: string, args: unknown[]) => Promise<void> | void): T {
  return new Proxy(object, {
    get(target, name) {
      const method = Reflect.get(target, name) as unknown;
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        await before(String(name), args);
        return method.apply(target, args);
      };
    },
  });
}

/** The writes whose order matters, as they were begun; each is carried out by the real writer. */
function watched(order: string[], beforeSwap: () => Promise<void> = async () => {}): (real: Parts) => Parts {
  // biome-ignore lint/suspicious/noExplicitAny: arguments of several methods
  const words: Record<string, (args: any[]) => string> = {
    setTemplate: () => 'template',
    setPaused: ([, , paused]) => (paused ? 'pause' : 'resume'),
    restart: () => 'restart',
    scale: ([, , { replicas }]) => `scale ${replicas}`,
    suspendCronJob: ([, , { suspend }]) => (suspend ? 'suspend' : 'unsuspend'),
    swap: () => 'swap',
  };
  const note = (method: string, args: unknown[]) => {
    const word = words[method]?.(args);
    if (word !== undefined) order.push(word);
  };
  return ({ cluster, database, ...real }) => ({
    ...real,
    cluster: { ...cluster, writer: told(cluster.writer, note) },
    ...(database
      ? {
          database: {
            ...database,
            writer: told(database.writer, async (method, args) => {
              if (method === 'swap') await beforeSwap();
              note(method, args);
            }),
          },
        }
      : {}),
  });
}

const unique = (order: readonly string[]) => order.filter((one, index) => one !== order[index - 1]);
const noteKeys = (report: { readonly notes: readonly { readonly key: string }[] }) =>
  report.notes.map(({ key }) => key);

/** A Secret that is put back restarts its readers by itself. */
const WITHOUT_SECRETS = { secrets: [] };

describe('the order of database and workloads', () => {
  it('D55: database first: the bad rollout is paused, and the old release waits for its schema', async () => {
    await using scene = await DatabaseScene.broken('first');
    const order: string[] = [];
    const report = await scene.rollback({ ...WITHOUT_SECRETS, parts: watched(order) });
    expect([report.outcome, report.failures]).toEqual(['succeeded', []]);
    expect(unique(order)).toEqual(['pause', 'swap', 'template']);
    expect(noteKeys(report)).toContain('note.order-database-first');
    const paused = await Promise.all(GROUP.map(({ name }) => scene.scene.get('Deployment', name)));
    expect(paused.map(({ spec }) => spec.paused ?? false)).toEqual([false, false]);
  });

  it('workloads first where the schema is said to be compatible; they are restarted after the swap', async () => {
    await using scene = await DatabaseScene.broken('compatible');
    const order: string[] = [];
    const report = await scene.rollback({
      ...WITHOUT_SECRETS,
      database: { schemaCompatible: true },
      parts: watched(order),
    });
    expect([report.outcome, report.failures]).toEqual(['succeeded', []]);
    expect(unique(order)).toEqual(['template', 'swap', 'restart']);
    expect(noteKeys(report)).toEqual(
      expect.arrayContaining(['note.order-workloads-first', 'note.restarted-after-swap']),
    );
    expect(await scene.answers()).toEqual([200, 200, 200]);
  });

  it('or are not, where that is switched off; then the report has the command', async () => {
    await using scene = await DatabaseScene.broken('restart-off');
    const order: string[] = [];
    const report = await scene.rollback({
      ...WITHOUT_SECRETS,
      database: { schemaCompatible: true, restartAfterSwap: false },
      parts: watched(order),
    });
    expect([report.outcome, report.failures]).toEqual(['succeeded', []]);
    expect(unique(order)).toEqual(['template', 'swap']);
    const note = report.notes.find(({ key }) => key === 'note.not-restarted-after-swap');
    expect(JSON.stringify(note)).toContain('rollout restart');
  });
});

/** A CronJob that writes every minute, and one that somebody had suspended before. */
const cronJobs = (namespace: string) =>
  [false, true].map((suspend) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: suspend ? 'resting' : 'billing', namespace },
    spec: {
      schedule: '0 3 1 1 *',
      suspend,
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: 'shop/job:1' }] } } },
      },
    },
  }));

async function stateOfWriters({ scene }: DatabaseScene) {
  const workloads = await Promise.all(GROUP.map(({ name }) => scene.get('Deployment', name)));
  const { body } = await scene.cluster.api.call('GET', `/apis/batch/v1/namespaces/${scene.namespace}/cronjobs`);
  return {
    replicas: workloads.map(({ spec }) => spec.replicas),
    suspended: Object.fromEntries(
      body.items.map(({ metadata, spec }: { metadata: { name: string }; spec: { suspend: boolean } }) => [
        metadata.name,
        spec.suspend,
      ]),
    ),
    marks: [...workloads, ...body.items].flatMap(({ metadata }) =>
      Object.keys(metadata.annotations ?? {}).filter((key) => key.startsWith('tiered-rollback/')),
    ),
  };
}

const AS_BEFORE = { replicas: [2, 2], suspended: { billing: false, resting: true } };

describe('D13: writers that are stopped for the swap', () => {
  const fenced = async (name: string) => {
    const scene = await DatabaseScene.broken(name);
    await scene.scene.apply(...cronJobs(scene.scene.namespace));
    return scene;
  };
  const options = (more: DatabaseOptions): DatabaseOptions => ({ ...more, database: { fenceWriters: true } });

  it('stand still while it happens, and all run again as before', async () => {
    await using scene = await fenced('fence');
    const order: string[] = [];
    let during: Awaited<ReturnType<typeof stateOfWriters>> | undefined;
    const look = async () => {
      during = await stateOfWriters(scene);
    };
    const report = await scene.rollback(options({ parts: watched(order, look) }));
    expect([report.outcome, report.failures]).toEqual(['succeeded', []]);
    expect(during).toMatchObject({ replicas: [0, 0], suspended: { billing: true, resting: true } });
    expect(await stateOfWriters(scene)).toMatchObject(AS_BEFORE);
    expect(await scene.answers()).toEqual([200, 200, 200]);
    expect(order.indexOf('scale 0')).toBeLessThan(order.indexOf('swap'));
    expect(noteKeys(report)).toEqual(expect.arrayContaining(['note.fenced', 'note.unfenced']));
  });

  it('run again also when the swap fails, on the database that was live', async () => {
    await using scene = await fenced('fence-fails');
    const order: string[] = [];
    let stays: pg.Client | undefined;
    const intrude = async () => {
      stays = await scene.server.client(scene.database.name, 'postgres');
    };
    const before = await scene.oids();
    try {
      const report = await scene.rollback(options({ parts: watched(order, intrude) }));
      expect(report.outcome).not.toBe('succeeded');
      expect(JSON.stringify(report.steps)).toContain('DATABASE_BUSY');
      expect(await stateOfWriters(scene)).toMatchObject(AS_BEFORE);
      expect((await scene.oids())[scene.database.name]).toBe(before[scene.database.name]);
      expect(await scene.contents()).toMatchObject({ users: 900, emailColumn: 'email_address' });
      expect(report.database?.byHand?.join('\n')).toContain('RENAME TO');
    } finally {
      await stays?.end();
    }
    // Nobody stands in the way any more: what was loaded is taken as it is.
    const again = await scene.rollback(options({}));
    expect([again.outcome, again.failures]).toEqual(['succeeded', []]);
    expect(await stateOfWriters(scene)).toMatchObject(AS_BEFORE);
  });

  it('run again also when the run is cancelled in the middle', async () => {
    await using scene = await fenced('fence-cancel');
    const cancel = new AbortController();
    const order: string[] = [];
    const report = await scene.rollback(
      options({ signal: cancel.signal, parts: watched(order, async () => cancel.abort(new Error('cancelled'))) }),
    );
    expect(report.outcome).toBe('cancelled');
    expect(await stateOfWriters(scene)).toMatchObject(AS_BEFORE);
    const again = await scene.rollback(options({}));
    expect([again.outcome, again.failures]).toEqual(['succeeded', []]);
  });
});
