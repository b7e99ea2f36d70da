import { describe, expect, it } from '@jest/globals';
import type { Parts } from '../../src/engine/state.ts';
import { waitFor } from '../../testbed/condition.ts';
import { AlertsScene, alertsOf, WEB } from './alerts-scene.ts';

const ENDED = { observed: 'ended', expected: 'ended after the run' };

describe('the silence of a run', () => {
  it('is there while the run lasts, says who and why, and is gone after success', async () => {
    await using alerts = await AlertsScene.create('alerts-success');
    const began = Date.now();
    const running = alerts.rollback({ health: [alerts.health], timeoutMs: 120_000 });
    const seen = await alerts.silenced();
    expect(seen).toMatchObject({
      createdBy: 'tiered-rollback',
      matchers: alerts.matchers,
      comment: `rollback of ${alerts.scene.namespace} by ada; test; https://github.example/run/1 [run 7]`,
    });
    // The deadline, and ten minutes for what is not cut.
    expect(Date.parse(seen.endsAt)).toBeGreaterThanOrEqual(began + 120_000);
    expect(Date.parse(seen.endsAt)).toBeLessThanOrEqual(Date.now() + 120_000 + 600_000);
    expect(await alerts.active()).toHaveLength(1);
    alerts.isHealthy = true;
    const report = await running;
    expect(report.outcome).toBe('succeeded');
    expect(await alerts.active()).toEqual([]);
    const subject = `silence ${seen.id}`;
    expect(alertsOf(report)).toMatchObject({
      status: 'passed',
      evidence: [
        { observed: 'none fires' },
        { subject, observed: expect.stringContaining('active until') },
        { subject, ...ENDED },
      ],
    });
    expect(report.validation.find(({ id }) => id === 'alerts-off')?.outcome.status).toBe('passed');
  });

  it('of a run that changes nothing else is made and ended, and the outcome is no-op', async () => {
    await using alerts = await AlertsScene.create('alerts-no-op');
    await alerts.rollback();
    const report = await alerts.rollback({ workflowRun: '8' });
    expect([report.outcome, alertsOf(report)?.status]).toEqual(['no-op', 'passed']);
    expect((await alerts.silences()).filter(({ comment }) => comment.endsWith('[run 8]'))).toMatchObject([
      { status: { state: 'expired' } },
    ]);
    const undone = await alerts.rollback({ mode: 'undo', workflowRun: '9' });
    expect([undone.outcome, alertsOf(undone)?.status]).toEqual(['succeeded', 'passed']);
    expect(await alerts.scene.image('web')).toBe('shop/web:2');
    expect(await alerts.silences()).toHaveLength(3);
    expect(await alerts.active()).toEqual([]);
  });

  it.each(['keep', 'revert'] as const)('is gone after a failed verification: on-failure %s', async (onFailure) => {
    await using alerts = await AlertsScene.create(`alerts-${onFailure}`);
    const report = await alerts.rollback({ health: [alerts.health], timeoutMs: 8000, onFailure });
    expect(report.outcome).toBe('failed');
    expect(await alerts.scene.image('web')).toBe(onFailure === 'revert' ? 'shop/web:2' : 'shop/web:1');
    expect(await alerts.silences()).toHaveLength(1);
    expect(await alerts.active()).toEqual([]);
  });

  it('is gone after a cancel', async () => {
    await using alerts = await AlertsScene.create('alerts-cancel');
    const cancel = new AbortController();
    const running = alerts.rollback({ health: [alerts.health], signal: cancel.signal });
    const { id } = await alerts.silenced();
    cancel.abort();
    const report = await running;
    expect(report.outcome).toBe('cancelled');
    expect(await alerts.active()).toEqual([]);
    expect(alertsOf(report)).toMatchObject({ status: 'unknown', evidence: [{ subject: `silence ${id}`, ...ENDED }] });
  });

  it('is waited for by nobody', async () => {
    await using alerts = await AlertsScene.create('alerts-slow');
    const change = (real: Parts): Parts => {
      const { alerts: server } = real;
      if (!server) return real;
      // Answers once the workload is back: whoever waited for it would wait for ever.
      const ownSilences: typeof server.ownSilences = async (options) => {
        await alerts.scene.until(
          'Deployment',
          'web',
          'back',
          (web) => web.spec.template.spec.containers[0]?.image === 'shop/web:1',
        );
        return server.ownSilences(options);
      };
      return { ...real, alerts: { ...server, ownSilences } };
    };
    const report = await alerts.rollback({ tier: 'emergency', change });
    expect(report.outcome).toBe('succeeded');
    expect(await alerts.active()).toEqual([]);
  });

  it('is gone after a defect', async () => {
    await using alerts = await AlertsScene.create('alerts-defect');
    const report = await alerts.rollback({
      change: (real) => ({
        ...real,
        log: {
          ...real.log,
          phase: (name) => {
            if (name === 'Verify') throw new Error('a defect');
          },
        },
      }),
    });
    expect(report).toMatchObject({ outcome: 'failed', failures: [{ code: 'INTERNAL' }] });
    expect(await alerts.silences()).toHaveLength(1);
    expect(await alerts.active()).toEqual([]);
  });

  it('is not made by a plan, nor by a run that is refused', async () => {
    await using alerts = await AlertsScene.create('alerts-refused');
    const planned = await alerts.rollback({ mode: 'plan' });
    expect(planned.outcome).toBe('planned');
    expect(planned.plan?.steps.find(({ step }) => step === 'check-alerts')?.planned).toMatchObject({
      kind: 'change',
      change: {
        summary: [
          `alerts with namespace="${alerts.scene.namespace}": silenced until the run is verified, 11 min 00 s at most`,
        ],
      },
    });
    const again = await alerts.rollback({ mode: 'plan' });
    expect(again.plan?.digest).toBe(planned.plan?.digest);
    const to = { kind: 'explicit', lines: [{ ref: WEB, to: { image: 'shop/web:none' } }] } as const;
    expect((await alerts.rollback({ to })).outcome).toBe('refused');
    expect(await alerts.silences()).toEqual([]);
  });

  it('of somebody else stays, also with the same matchers', async () => {
    await using alerts = await AlertsScene.create('alerts-foreign');
    const alice = alerts.connect('7', { author: 'alice' });
    const other = alerts.connect('77');
    const signal = AbortSignal.timeout(60_000);
    const request = { matchers: alerts.matchers, startsAt: Date.now(), endsAt: Date.now() + 600_000, comment: 'mine' };
    const foreign = [await alice.silence(request, { signal }), await other.silence(request, { signal })];
    // Another job of the same workflow run, with its own alerts.
    const matchers = [{ name: 'namespace', value: 'elsewhere', isRegex: false, isEqual: true }];
    const beside = alerts.connect('7');
    foreign.push(await beside.silence({ ...request, matchers }, { signal }));
    const report = await alerts.rollback();
    expect(alertsOf(report)?.status).toBe('passed');
    expect((await alerts.active()).map(({ id }) => id).sort()).toEqual(foreign.sort());
    expect((await alerts.silences()).length).toBe(4);
    await Promise.all([alice.close(), other.close(), beside.close()]);
  });
});

describe('alerts after the rollback', () => {
  it('that still fire turn the item failed and are named, with what tells them from others', async () => {
    await using alerts = await AlertsScene.create('alerts-firing');
    await alerts.rollback();
    await alerts.fire('HighErrors', { severity: 'critical', pod: 'web-1' });
    await alerts.fire('Hostile', { note: `a\nb ${'x'.repeat(100)}`, url: 'https://user:secret@db.example' });
    await alerts.server.alert({ alertname: 'Elsewhere', namespace: 'other' });
    const report = await alerts.rollback({ timeoutMs: 10_000 });
    expect(report.outcome).toBe('no-op');
    expect(alertsOf(report)).toMatchObject({
      status: 'failed',
      failure: {
        code: 'ALERTS_FIRING',
        message: expect.stringMatching(
          /fire, 2 of them, expected none .*HighErrors since \S+Z \(severity=critical, pod=web-1\); Hostile since \S+Z \(note=a b x{50,60}…, url=https:\/\/[^s]*db\.example\)$/,
        ),
        hint: `amtool --alertmanager.url URL alert query --active --silenced 'namespace="${alerts.scene.namespace}"'`,
      },
    });
    expect(report.validation.find(({ id }) => id === 'alerts-off')?.outcome.status).toBe('failed');
    expect(await alerts.active()).toEqual([]);
    const required = await alerts.rollback({ timeoutMs: 10_000, requiredChecks: ['check-alerts'] });
    expect(required.outcome).toBe('failed');
    expect(JSON.stringify([report, required])).not.toContain('secret@');
  });

  it('that resolve while it waits are no failure', async () => {
    await using alerts = await AlertsScene.create('alerts-resolved');
    await alerts.fire('HighErrors');
    let resolving: Promise<void> | undefined;
    const report = await alerts.rollback({
      onLog: (line) => {
        if (line === 'Verify') resolving = alerts.resolve('HighErrors');
      },
    });
    await resolving;
    expect([report.outcome, alertsOf(report)?.status]).toEqual(['succeeded', 'passed']);
  });

  it('are unknown while Alertmanager does not answer, and the rollback succeeds', async () => {
    await using alerts = await AlertsScene.create('alerts-down');
    const report = await alerts.rollback({ url: 'http://127.0.0.1:1', tier: 'emergency' });
    expect(report.outcome).toBe('succeeded');
    expect(alertsOf(report)).toMatchObject({
      status: 'unknown',
      failure: { code: 'ALERTS_UNAVAILABLE', message: expect.stringContaining('127.0.0.1:1') },
    });
    expect(report.validation.find(({ id }) => id === 'alerts-off')?.outcome.status).toBe('unknown');
    expect(report.notes.map(({ key }) => key)).not.toContain('note.silence-left');
  });

  it('stay silenced where it goes away, which is said with the command to type', async () => {
    await using alerts = await AlertsScene.create('alerts-lost');
    const running = alerts.rollback({ health: [alerts.health] });
    const { id } = await alerts.silenced();
    await waitFor('the run to be verifying', async () => (await alerts.scene.image('web')) === 'shop/web:1', {
      timeoutMs: 60_000,
    });
    await alerts.server.stop();
    alerts.isHealthy = true;
    const report = await running;
    expect(report.outcome).toBe('succeeded');
    expect(alertsOf(report)).toMatchObject({
      status: 'unknown',
      failure: { code: 'ALERTS_UNAVAILABLE', causes: expect.arrayContaining([expect.stringContaining(id)]) },
    });
    const command = `amtool --alertmanager.url URL silence expire ${id}`;
    expect(report.notes).toContainEqual({
      key: 'note.silence-left',
      values: { silences: id, until: expect.any(String), command },
    });
  });
});
