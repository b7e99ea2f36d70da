import { describe, expect, it } from '@jest/globals';
import { RollbackError } from '../../../src/core/errors.ts';
import { API, badRelease, imageOf, rollback, stepOf, WEB } from './harness.ts';

const failure = (code: ConstructorParameters<typeof RollbackError>[0]) =>
  new RollbackError(code, `made: ${code}`, 'do this');

describe('a run', () => {
  it('rolls the group back, verifies it and records what it did', async () => {
    const cluster = await badRelease();
    const report = await rollback(cluster);
    expect(report.failures).toEqual([]);
    expect(report.outcome).toBe('succeeded');
    expect([imageOf(cluster, WEB), imageOf(cluster, API)]).toEqual(['web:v1', 'api:v1']);
    const ledger = JSON.parse(cluster.store.get('ConfigMap', 'tiered-rollback-ledger')?.data?.['ledger.json'] ?? '{}');
    expect(ledger.rollbacks[0]).toMatchObject({ run: 'run-1', verifiedAt: expect.any(String) });
    expect(ledger.quarantine.map((entry: { images: string[] }) => entry.images[0]).sort()).toEqual([
      'api:v2',
      'web:v2',
    ]);
    const journal = JSON.parse(
      cluster.store.get('ConfigMap', 'tiered-rollback-journal-0')?.data?.['journal.json'] ?? '{}',
    );
    expect(journal).toMatchObject({ outcome: 'succeeded', run: { id: 'run-1' } });
    expect(cluster.store.get('Lease', 'tiered-rollback')?.spec?.holderIdentity).toBe('');
  });

  it('writes its intent before the first template', async () => {
    const cluster = await badRelease();
    await rollback(cluster);
    const { writes } = cluster;
    expect(writes.indexOf('create configmap/tiered-rollback-ledger')).toBeLessThan(
      writes.findIndex((write) => write.startsWith('setTemplate')),
    );
  });

  it('keeps the last ten journals in a ring', async () => {
    const cluster = await badRelease();
    for (let index = 0; index < 11; index++) {
      cluster.deploy(WEB, {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'main', image: `web:bad-${index}` }] },
      });
      await cluster.settle();
      await rollback(cluster, { runId: `run-${index}` });
    }
    const journals = cluster.store
      .all('ConfigMap')
      .filter((one) => one.metadata.name.startsWith('tiered-rollback-journal-'));
    expect(journals).toHaveLength(10);
    const first = JSON.parse(
      cluster.store.get('ConfigMap', 'tiered-rollback-journal-0')?.data?.['journal.json'] ?? '{}',
    );
    expect(first.run.id).toBe('run-10');
  });

  it.each(['rollback', 'plan'] as const)('in mode %s writes nothing when it is refused', async (mode) => {
    const cluster = await badRelease();
    const report = await rollback(cluster, { mode, workloads: [WEB, { kind: 'Deployment', name: 'wbe' }] });
    expect(report.outcome).toBe('refused');
    expect(report.failures[0]).toMatchObject({
      code: 'WORKLOAD_NOT_FOUND',
      message: expect.stringContaining('did you mean deployment/web?'),
    });
    expect(cluster.writes).toEqual([]);
  });

  it('in mode plan writes nothing, and plans what the run then does', async () => {
    const cluster = await badRelease();
    const planned = await rollback(cluster, { mode: 'plan' });
    expect(planned.outcome).toBe('planned');
    expect(cluster.writes).toEqual([]);
    expect(JSON.stringify(planned.plan)).toContain('web:v2 -> web:v1');
    const done = await rollback(cluster);
    expect(done.plan?.digest).toBe(planned.plan?.digest);
  });

  it('goes on where a webhook cannot take part in the dry run, and says so', async () => {
    const cluster = await badRelease();
    cluster.fail({ method: 'dryRunTemplate', name: 'web' }, failure('DRY_RUN_UNSUPPORTED'));
    const report = await rollback(cluster);
    expect(report.outcome).toBe('succeeded');
    expect(report.notes.map((note) => note.key)).toContain('note.dry-run-unsupported');
  });

  it('is refused when the API server would refuse the change, and touches nothing', async () => {
    const cluster = await badRelease();
    cluster.fail({ method: 'dryRunTemplate', name: 'web' }, failure('ADMISSION_DENIED'));
    const report = await rollback(cluster);
    expect(report.outcome).toBe('refused');
    expect(report.failures.map((one) => one.code)).toEqual(['ADMISSION_DENIED']);
    expect(cluster.writes).toEqual([]);
  });

  it('says which workload could not be written, goes on with the others, and is partial', async () => {
    const cluster = await badRelease();
    cluster.fail({ method: 'setTemplate', name: 'api' }, failure('PLAN_STALE'), 9);
    const report = await rollback(cluster);
    expect(report.outcome).toBe('partial');
    expect(stepOf(report, 'undo-workloads')?.outcome).toMatchObject({
      status: 'failed',
      failure: { code: 'PLAN_STALE' },
    });
    expect([imageOf(cluster, WEB), imageOf(cluster, API)]).toEqual(['web:v1', 'api:v2']);
  });

  it('believes the world, not the answer: a write whose answer was lost has happened', async () => {
    const cluster = await badRelease();
    const { setTemplate } = cluster.writer;
    Object.assign(cluster.writer, {
      setTemplate: async (change: Parameters<typeof setTemplate>[0]) => {
        await setTemplate.call(cluster.writer, change);
        throw failure('CLUSTER_UNREACHABLE');
      },
    });
    const report = await rollback(cluster);
    expect(report.outcome).toBe('succeeded');
    expect(imageOf(cluster, WEB)).toBe('web:v1');
  });

  it('works without a lock and without a ledger where they are not allowed, and still never toggles', async () => {
    const cluster = await badRelease();
    const isState = (call: { readonly kind?: string }) => call.kind === 'Lease' || call.kind === 'ConfigMap';
    cluster.fail(isState, failure('CLUSTER_FORBIDDEN'), 1000);
    const report = await rollback(cluster);
    expect(report.outcome).toBe('succeeded');
    expect(stepOf(report, 'freeze-rollouts')?.outcome.status).toBe('unknown');
    expect((await rollback(cluster)).outcome).toBe('no-op');
    expect(imageOf(cluster, WEB)).toBe('web:v1');
  });

  it('does not take a ledger that it cannot read for an empty one', async () => {
    const cluster = await badRelease();
    cluster.add('ConfigMap', {
      metadata: { name: 'tiered-rollback-ledger' },
      data: { 'ledger.json': '{"rollbacks":' },
    });
    const report = await rollback(cluster);
    expect(report.outcome).toBe('refused');
    expect(report.failures[0]?.message).toContain('configmap/tiered-rollback-ledger');
    expect(cluster.writes).toEqual([]);
  });

  it('that is cancelled starts nothing more, says so, and gives the lock back', async () => {
    const cluster = await badRelease({ web: 'web:v2' });
    const controller = new AbortController();
    const { setTemplate } = cluster.writer;
    Object.assign(cluster.writer, {
      setTemplate: async (change: Parameters<typeof setTemplate>[0]) => {
        const written = await setTemplate.call(cluster.writer, change);
        cluster.pause();
        controller.abort(new RollbackError('CANCELLED', 'cancelled', 'run again'));
        return written;
      },
    });
    const report = await rollback(cluster, { signal: controller.signal, timeoutMs: 60_000 });
    expect(report.outcome).toBe('cancelled');
    expect(stepOf(report, 'undo-workloads')?.outcome.status).not.toBe('passed');
    expect(cluster.store.get('Lease', 'tiered-rollback')?.spec?.holderIdentity).toBe('');
  });

  it('is red where a step that was asked for does not pass, and green where nobody asked', async () => {
    const cluster = await badRelease();
    cluster.fail({ kind: 'Lease' }, failure('CLUSTER_FORBIDDEN'), 1000);
    expect((await rollback(cluster, { requiredChecks: ['freeze-rollouts'] })).outcome).toBe('failed');
    expect((await rollback(cluster)).outcome).toBe('no-op');
  });

  it('is red where an item of the checklist that was asked for is not proven', async () => {
    const cluster = await badRelease();
    const report = await rollback(cluster, { requiredChecks: ['health-checks-pass'] });
    expect(report.outcome).toBe('failed');
    expect(report.failures.map((one) => one.code)).toEqual(['CHECK_REQUIRED']);
    expect(report.rolledBack).toBe(true);
    expect((await rollback(cluster, { requiredChecks: ['services-restarted'] })).outcome).toBe('no-op');
  });

  it('leaves out what it was told to leave out, and says by whom', async () => {
    const cluster = await badRelease();
    const report = await rollback(cluster, { skipSteps: ['undo-workloads'] });
    expect(stepOf(report, 'undo-workloads')?.outcome).toEqual({
      status: 'skipped',
      reason: { key: 'skipped.waived', values: { by: 'skip-steps' } },
    });
    expect(imageOf(cluster, WEB)).toBe('web:v2');
  });
});

describe('a target that fails', () => {
  it('is left as it is with on-failure keep, and its cause is named with the next command', async () => {
    const cluster = await badRelease();
    cluster.deploy(WEB, {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'web:crash' }] },
    });
    await cluster.settle();
    cluster.deploy(WEB, {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'web:v3' }] },
    });
    await cluster.settle();
    const report = await rollback(cluster, { workloads: [WEB] });
    expect(report.outcome).toBe('failed');
    expect(report.findings.after.map((finding) => finding.cause)).toContain('crash-loop');
    expect(report.next[0]).toContain('kubectl');
    expect(imageOf(cluster, WEB)).toBe('web:crash');
  });
});
