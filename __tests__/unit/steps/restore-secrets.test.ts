import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Config } from '../../../src/core/config.ts';
import { RollbackError, RollbackErrors } from '../../../src/core/errors.ts';
import type { PodTemplate } from '../../../src/core/kubernetes.ts';
import type { RestoreSecretsChange } from '../../../src/core/secret-restore.ts';
import { restoreSecrets } from '../../../src/steps/restore-secrets.ts';
import { notePods } from '../../../src/steps/secrets/readers.ts';
import { FakeCluster } from '../../fakes/cluster.ts';
import { type StepContextOptions, type StepScene, stepContext } from '../../fakes/step-context.ts';
import { API, DEFAULTS, WEB } from '../engine/harness.ts';

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
const GOOD = 'good-code-4711';
const BAD = 'bad-code-0815';
const SECRETS: Config['secrets'] = [{ name: 'app-secrets', keys: { PDG_ACCESS_CODE: 'PDG_VARIABLE' } }];
const VALUES = { PDG_VARIABLE: GOOD };

let cluster: FakeCluster;
const open: StepScene[] = [];

beforeEach(() => {
  cluster = new FakeCluster();
});
afterEach(() => {
  for (const scene of open.splice(0)) scene.close();
  cluster.pause();
});

function reading(name: string, container: object = { envFrom: [{ secretRef: { name: 'app-secrets' } }] }): PodTemplate {
  return {
    metadata: { labels: { app: name } },
    spec: { containers: [{ name: 'main', image: `${name}:v1`, ...container }] },
  };
}

async function scene(options: Partial<Omit<StepContextOptions, 'config'>> & { config?: Partial<Config> } = {}) {
  const { config, ...more } = options;
  const full: Config = { ...DEFAULTS, tier: 'complete', secrets: SECRETS, ...config };
  const one = await stepContext({ cluster, values: VALUES, ...more, config: full });
  open.push(one);
  return one;
}

async function planned(one: StepScene): Promise<RestoreSecretsChange> {
  const plan = await restoreSecrets.plan(one.ctx);
  if (plan.kind !== 'change') throw new Error(`planned ${JSON.stringify(plan)}`);
  return plan.change as RestoreSecretsChange;
}

/** Plan, apply, finish: a whole run of the step. */
async function carryOut(one: StepScene): Promise<RestoreSecretsChange> {
  const change = await planned(one);
  await restoreSecrets.apply(one.ctx, change);
  await restoreSecrets.finish?.(one.ctx, change);
  return change;
}

const dataOf = (name = 'app-secrets') => cluster.store.get('Secret', name)?.data;
const withBad = (more: object = {}) =>
  cluster.add('Secret', {
    metadata: { name: 'app-secrets' },
    type: 'Opaque',
    data: { PDG_ACCESS_CODE: base64(BAD), OTHER: base64('stays') },
    ...more,
  });
const restarts = () => cluster.writes.filter((write) => write.startsWith('restart'));
const keysOf = (scene: StepScene) => scene.notes.map(({ key }) => key);

async function refusal(promise: Promise<unknown>): Promise<RollbackError> {
  const error = await promise.then(
    () => undefined,
    (thrown) => thrown,
  );
  const first = error instanceof RollbackErrors ? error.errors[0] : error;
  if (first instanceof RollbackError) return first;
  throw new Error(`not refused: ${String(error)}`);
}

describe('restore-secrets', () => {
  beforeEach(() => {
    cluster.deploy(WEB, reading('web'), { replicas: 1 });
    cluster.deploy(API, reading('api', {}), { replicas: 1 });
    cluster.settle();
  });

  it('sets the named keys, keeps what they held, and leaves the others', async () => {
    withBad();
    const one = await scene();
    const change = await carryOut(one);
    expect(change.summary).toEqual(['secret/app-secrets: set PDG_ACCESS_CODE']);
    expect(dataOf()).toEqual({ PDG_ACCESS_CODE: base64(GOOD), OTHER: base64('stays') });
    const kept = cluster.store.get('Secret', 'tiered-rollback-kept-0');
    expect(kept?.metadata.annotations).toMatchObject({ 'tiered-rollback/run': 'run-1' });
    const manifest = JSON.parse(Buffer.from(kept?.data?.['app-secrets'] ?? '', 'base64').toString());
    expect(manifest.data).toEqual({ PDG_ACCESS_CODE: base64(BAD) });
    expect(one.record().secrets).toEqual([
      {
        name: 'app-secrets',
        keys: ['PDG_ACCESS_CODE'],
        keptIn: 'tiered-rollback-kept-0',
        run: 'run-1',
        readersRestarted: true,
      },
    ]);
    expect(keysOf(one)).toContain('note.secret-kept');
  });

  it('proves it by fingerprints, and shows no value in plan, notes, record or outcome', async () => {
    withBad();
    const one = await scene();
    const change = await carryOut(one);
    const outcome = await restoreSecrets.verify(one.ctx, change);
    expect(outcome).toMatchObject({
      status: 'passed',
      evidence: [
        {
          subject: 'secret/app-secrets PDG_ACCESS_CODE',
          observed: expect.stringMatching(/^fingerprint [0-9a-f]{12}$/),
        },
      ],
    });
    if (outcome.status === 'passed') expect(outcome.evidence[0].observed).toBe(outcome.evidence[0].expected);
    const said = JSON.stringify([change, one.notes, one.record(), outcome]);
    for (const value of [GOOD, BAD]) for (const form of [value, base64(value)]) expect(said).not.toContain(form);
  });

  it('restarts exactly the readers that this run did not write, once', async () => {
    withBad();
    await carryOut(await scene());
    expect(restarts()).toEqual(['restart deployment/web']);
    cluster.settle();
    const again = await scene({ run: 'run-2' });
    expect(await restoreSecrets.plan(again.ctx)).toEqual({ kind: 'no-op', reason: { key: 'skipped.secrets-set' } });
    expect((await restoreSecrets.verify(again.ctx, undefined)).status).toBe('passed');
    expect(restarts()).toHaveLength(1);
    expect(cluster.writes.filter((write) => write.startsWith('setSecretKeys'))).toHaveLength(1);
  });

  it('restarts nobody whom another step rolls, and nobody when cancelled', async () => {
    withBad();
    const one = await scene();
    const change = await planned(one);
    await restoreSecrets.apply(one.ctx, change);
    one.wrote('web');
    await restoreSecrets.finish?.(one.ctx, change);
    expect(restarts()).toEqual([]);
  });

  it('restarts nobody once it is cancelled: the next run does', async () => {
    withBad();
    const cancel = new AbortController();
    const one = await scene({ signal: cancel.signal });
    const change = await planned(one);
    await restoreSecrets.apply(one.ctx, change);
    cancel.abort();
    await restoreSecrets.finish?.(one.ctx, change);
    expect(restarts()).toEqual([]);
    expect(one.record().secrets?.[0]?.readersRestarted).toBeUndefined();
  });

  it.each([
    [
      'a key of it',
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'app-secrets', key: 'PDG_ACCESS_CODE' } } }] },
      true,
    ],
    [
      'another key',
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'app-secrets', key: 'OTHER' } } }] },
      false,
    ],
    ['all of it, optionally', { envFrom: [{ secretRef: { name: 'app-secrets', optional: true } }] }, true],
    ['another Secret', { envFrom: [{ secretRef: { name: 'other' } }] }, false],
  ])('looks at what a reader reads: %s', async (_what, container, isReader) => {
    withBad();
    cluster.deploy(API, reading('api', container));
    cluster.settle();
    await carryOut(await scene());
    expect(restarts().includes('restart deployment/api')).toBe(isReader);
  });

  it('finds a reader by its volume', async () => {
    withBad();
    const volumes = [{ name: 'v', projected: { sources: [{ secret: { name: 'app-secrets' } }] } }];
    const template = reading('api', {});
    cluster.deploy(API, { ...template, spec: { ...template.spec, volumes } });
    cluster.settle();
    await carryOut(await scene());
    expect(restarts()).toContain('restart deployment/api');
  });

  it('restarts a reader that was rolled back to pods that had served on all the time', async () => {
    withBad();
    // The bad release never comes up, so the pods of the target stay; going back starts none.
    cluster.deploy(WEB, {
      ...reading('web'),
      spec: { containers: [{ name: 'main', image: 'web:crash', envFrom: [{ secretRef: { name: 'app-secrets' } }] }] },
    });
    cluster.settle();
    const one = await scene();
    const change = await planned(one);
    await restoreSecrets.apply(one.ctx, change);
    one.wrote('web');
    await restoreSecrets.finish?.(one.ctx, change);
    expect(restarts()).toEqual(['restart deployment/web']);
  });

  it.each([
    ['noted before: one that the rollback itself made', true, []],
    ['not noted, as where another run made them: one from before', false, ['restart deployment/web']],
  ])('takes a pod of the same second, where pods were %s', async (_what, noted, expected) => {
    withBad();
    cluster.deploy(WEB, {
      ...reading('web'),
      spec: { containers: [{ name: 'main', image: 'web:v2', envFrom: [{ secretRef: { name: 'app-secrets' } }] }] },
    });
    cluster.settle();
    const one = await scene();
    const change = await planned(one);
    await restoreSecrets.apply(one.ctx, change);
    if (noted) notePods(one.ctx);
    cluster.deploy(WEB, reading('web'));
    cluster.settle();
    const { keptIn = '' } = change;
    const young = cluster.store.all('Pod').at(-1)?.metadata.creationTimestamp ?? '';
    cluster.store.update('Secret', keptIn, (draft) => {
      draft.metadata.managedFields = [{ manager: 'test', operation: 'Update', time: young }];
    });
    one.wrote('web');
    await restoreSecrets.finish?.(one.ctx, change);
    expect(restarts()).toEqual(expected);
  });

  it('restarts the readers that a killed run left', async () => {
    withBad();
    const killed = await scene();
    const change = await planned(killed);
    await restoreSecrets.apply(killed.ctx, change);
    const incident = killed.record();
    const next = await scene({ run: 'run-2', situation: { incident } });
    expect((await planned(next)).summary).toEqual(['deployment/web: restart, it started before its Secret was set']);
    await carryOut(next);
    expect(restarts()).toEqual(['restart deployment/web']);
    expect(next.record().secrets?.[0]?.readersRestarted).toBe(true);
    cluster.settle();
    const third = await scene({ run: 'run-3', situation: { incident: next.record() } });
    expect((await restoreSecrets.plan(third.ctx)).kind).toBe('no-op');
  });

  it('adds a key that is missing, and says so as absent', async () => {
    cluster.add('Secret', { metadata: { name: 'app-secrets' }, type: 'Opaque', data: { OTHER: base64('x') } });
    const one = await scene();
    const before = await restoreSecrets.verify(one.ctx, undefined);
    expect(before).toMatchObject({
      status: 'failed',
      failure: { code: 'SECRET_INVALID' },
      evidence: [{ observed: 'absent' }],
    });
    const change = await carryOut(one);
    expect(change.diffs?.[0]?.diff).toMatch(/^\+PDG_ACCESS_CODE: fingerprint [0-9a-f]{12}$/);
    expect(dataOf()).toEqual({ OTHER: base64('x'), PDG_ACCESS_CODE: base64(GOOD) });
  });

  it('creates a Secret that is not there, and says so', async () => {
    const one = await scene();
    const change = await carryOut(one);
    expect(change.summary).toEqual([
      'secret/app-secrets: does not exist; create it (type Opaque) with PDG_ACCESS_CODE',
    ]);
    expect(cluster.store.get('Secret', 'app-secrets')).toMatchObject({
      type: 'Opaque',
      data: { PDG_ACCESS_CODE: base64(GOOD) },
    });
  });

  it('replaces an immutable Secret and keeps all of it first', async () => {
    withBad({ immutable: true, metadata: { name: 'app-secrets', labels: { team: 'a' } } });
    const one = await scene();
    const change = await carryOut(one);
    expect(change.summary[0]).toContain('immutable');
    expect(cluster.store.get('Secret', 'app-secrets')).toMatchObject({
      immutable: true,
      metadata: { labels: { team: 'a' } },
      data: { PDG_ACCESS_CODE: base64(GOOD), OTHER: base64('stays') },
    });
    const kept = Buffer.from(
      cluster.store.get('Secret', 'tiered-rollback-kept-0')?.data?.['app-secrets'] ?? '',
      'base64',
    );
    expect(JSON.parse(kept.toString())).toMatchObject({ immutable: true, data: { OTHER: base64('stays') } });
    expect(keysOf(one)).toContain('note.secret-recreated');
  });

  it('says how to put an immutable Secret back that could not be created again, and the next run does it', async () => {
    withBad({ immutable: true });
    Object.assign(cluster.writer, {
      setSecretKeys: async () => {
        cluster.store.remove('Secret', 'app-secrets');
        throw new RollbackError('ADMISSION_DENIED', 'quota', 'hint');
      },
    });
    const killed = await scene();
    const error = await refusal(restoreSecrets.apply(killed.ctx, await planned(killed)));
    expect(error.code).toBe('ADMISSION_DENIED');
    expect(error.message).toContain('deleted to be created again');
    expect(error.hint).toContain(
      "kubectl -n production get secret tiered-rollback-kept-0 -o 'jsonpath={.data.app-secrets}' | base64 -d | kubectl -n production create -f -",
    );
    const next = await scene({ run: 'run-2', situation: { incident: killed.record() } });
    const change = await carryOut(next);
    expect(change.secrets).toEqual([{ name: 'app-secrets', way: 'put-back', keys: ['PDG_ACCESS_CODE'] }]);
    expect(cluster.store.get('Secret', 'app-secrets')).toMatchObject({
      immutable: true,
      data: { PDG_ACCESS_CODE: base64(GOOD), OTHER: base64('stays') },
    });
    // What was there before is what the first run found, not that the Secret was away for a moment.
    const undo = await scene({ run: 'run-3', config: { mode: 'undo' }, situation: { undoes: next.record() } });
    expect((await planned(undo)).secrets[0]?.way).toBe('recreate');
  });

  it('refuses all values that are not given, at once, before anything', async () => {
    withBad();
    const secrets = [{ name: 'app-secrets', keys: { A: 'A_VARIABLE', B: 'B_VARIABLE' } }];
    const one = await scene({ config: { secrets }, values: { A_VARIABLE: '' } });
    const error = await restoreSecrets.plan(one.ctx).catch((thrown) => thrown);
    expect(error.errors.map(({ code }: RollbackError) => code)).toEqual(['SECRET_INVALID', 'SECRET_INVALID']);
    expect(error.errors[0].hint).toContain('secrets.A_VARIABLE');
    expect(cluster.writes).toEqual([]);
  });

  it('does not overwrite what somebody set after the plan', async () => {
    withBad();
    const one = await scene();
    const change = await planned(one);
    cluster.store.update('Secret', 'app-secrets', (draft) => {
      draft.data = { PDG_ACCESS_CODE: base64('theirs') };
    });
    const error = await refusal(restoreSecrets.apply(one.ctx, change));
    expect(error.code).toBe('PLAN_STALE');
    expect(cluster.writes).toEqual([]);
  });

  it('applied again keeps the first copy', async () => {
    withBad();
    const one = await scene();
    const change = await planned(one);
    await restoreSecrets.apply(one.ctx, change);
    await restoreSecrets.apply(one.ctx, change);
    const kept = Buffer.from(
      cluster.store.get('Secret', 'tiered-rollback-kept-0')?.data?.['app-secrets'] ?? '',
      'base64',
    );
    expect(JSON.parse(kept.toString()).data).toEqual({ PDG_ACCESS_CODE: base64(BAD) });
    expect(cluster.writes).toEqual(['create secret/tiered-rollback-kept-0', 'setSecretKeys secret/app-secrets']);
  });

  it('uses the oldest copy of the ring again, and never one that an undo needs', async () => {
    withBad();
    const managed = { 'app.kubernetes.io/managed-by': 'tiered-rollback' };
    for (let index = 0; index < 10; index++) {
      const annotations = { 'tiered-rollback/kept-at': `2026-01-${10 + ((index + 5) % 10)}T00:00:00Z` };
      cluster.add('Secret', {
        metadata: { name: `tiered-rollback-kept-${index}`, labels: managed, annotations },
        data: {},
      });
    }
    expect((await planned(await scene())).keptIn).toBe('tiered-rollback-kept-5');
    const secrets = [{ name: 'x', keys: ['y'], keptIn: 'tiered-rollback-kept-5', readersRestarted: true }];
    const incident = { run: 'r', url: '', actor: '', reason: '', at: '', members: [], secrets };
    expect((await planned(await scene({ situation: { incident } }))).keptIn).toBe('tiered-rollback-kept-6');
  });

  it('names a controller that will put its own values in again', async () => {
    const ownerReferences = [{ kind: 'ExternalSecret', name: 'app', uid: 'u', controller: true }];
    withBad({ metadata: { name: 'app-secrets', ownerReferences } });
    const one = await scene();
    await planned(one);
    expect(one.notes).toContainEqual({
      key: 'note.secret-owned',
      values: { secret: 'app-secrets', owner: 'ExternalSecret/app' },
    });
  });

  it('has nothing to do where nothing is configured', async () => {
    const one = await scene({ config: { secrets: [] } });
    expect(await restoreSecrets.plan(one.ctx)).toMatchObject({
      kind: 'skipped',
      reason: { key: 'skipped.not-configured' },
    });
    expect(await restoreSecrets.verify(one.ctx, undefined)).toMatchObject({ status: 'skipped' });
  });

  describe('taken back', () => {
    const binary = new Uint8Array([0, 255, 128, 10, 13]);

    it('by revert: bytes as they were, a new key gone, the readers started once more', async () => {
      withBad({ data: { PDG_ACCESS_CODE: base64(binary), OTHER: base64('x') } });
      const secrets = [{ name: 'app-secrets', keys: { PDG_ACCESS_CODE: 'PDG_VARIABLE', NEW: 'PDG_VARIABLE' } }];
      const one = await scene({ config: { secrets } });
      const change = await carryOut(one);
      await restoreSecrets.revert?.(one.ctx, change);
      expect(dataOf()).toEqual({ PDG_ACCESS_CODE: base64(binary), OTHER: base64('x') });
      expect(one.notes).toContainEqual({ key: 'note.secret-put-back', values: { secret: 'app-secrets' } });
      expect(restarts()).toHaveLength(2);
      expect(one.record().secrets).toEqual([]);
    });

    it('by revert: nothing where apply did not come to it', async () => {
      withBad();
      const one = await scene();
      await restoreSecrets.revert?.(one.ctx, await planned(one));
      expect(cluster.writes).toEqual([]);
    });

    it('by revert: a Secret that it had created is gone', async () => {
      const one = await scene();
      await restoreSecrets.revert?.(one.ctx, await carryOut(one));
      expect(dataOf()).toBeUndefined();
    });

    async function undo(undone: StepScene, more: Partial<StepContextOptions> = {}) {
      return scene({
        run: 'undo-1',
        values: {},
        ...more,
        config: { mode: 'undo' },
        situation: { undoes: undone.record() },
      });
    }

    it('by undo: from the copies, without any value given, and twice is once', async () => {
      withBad({ data: { PDG_ACCESS_CODE: base64(binary), OTHER: base64('x') } });
      const first = await scene();
      await carryOut(first);
      cluster.settle();
      const back = await undo(first);
      const change = await carryOut(back);
      expect(change.summary).toEqual(['secret/app-secrets: put back PDG_ACCESS_CODE']);
      expect(dataOf()).toEqual({ PDG_ACCESS_CODE: base64(binary), OTHER: base64('x') });
      expect((await restoreSecrets.verify(back.ctx, change)).status).toBe('passed');
      const again = await undo(first, { run: 'undo-2' });
      expect((await restoreSecrets.plan(again.ctx)).kind).toBe('no-op');
    });

    it('by undo: deletes a Secret that the rollback had created', async () => {
      const first = await scene();
      await carryOut(first);
      const back = await undo(first);
      expect((await carryOut(back)).secrets[0]?.way).toBe('remove');
      expect(dataOf()).toBeUndefined();
      expect(await restoreSecrets.verify(back.ctx, undefined)).toMatchObject({
        status: 'passed',
        evidence: [{ observed: 'absent', expected: 'absent' }],
      });
    });

    it('by undo: refuses where a key was set since, and where the copy is gone', async () => {
      withBad();
      const first = await scene();
      await carryOut(first);
      cluster.store.update('Secret', 'app-secrets', (draft) => {
        draft.data = { PDG_ACCESS_CODE: base64('newer') };
      });
      const back = await undo(first);
      expect((await refusal(restoreSecrets.plan(back.ctx))).code).toBe('UNDO_IMPOSSIBLE');
      cluster.store.remove('Secret', 'tiered-rollback-kept-0');
      const error = await refusal(restoreSecrets.plan(back.ctx));
      expect(error.code).toBe('UNDO_IMPOSSIBLE');
      expect(error.message).toContain('no longer kept');
    });

    it('by undo: has nothing to do where the rollback set nothing', async () => {
      const first = await scene();
      const back = await undo(first);
      expect(await restoreSecrets.plan(back.ctx)).toMatchObject({ kind: 'no-op' });
      expect(await restoreSecrets.verify(back.ctx, undefined)).toMatchObject({ status: 'skipped' });
    });
  });
});
