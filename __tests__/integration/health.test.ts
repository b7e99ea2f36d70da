import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { HealthCheck } from '../../src/core/config.ts';
import { type Application, startApplication } from '../../testbed/application.ts';
import { waitFor } from '../../testbed/condition.ts';
import { deployment, Scene } from './scene.ts';

const GROUP = [deployment('224solutions-frontend'), deployment('224solutions-backend')];

function url(address: string, more: Partial<HealthCheck> = {}): HealthCheck {
  return {
    name: address,
    at: { kind: 'url', url: address },
    status: { from: 200, to: 299 },
    timeoutMs: 3000,
    successes: 3,
    ...more,
  };
}

function service(address: string): HealthCheck {
  const [, name = '', port = '', path = ''] = /^service\/([^:]+):([^/]+)(\/.*)$/.exec(address) ?? [];
  return { ...url(address), at: { kind: 'service', service: name, port, path } };
}

describe('health of the demo application', () => {
  let scene: Scene;
  let application: Application;

  beforeAll(async () => {
    scene = await Scene.create('health');
    application = await startApplication(scene.cluster, { namespace: scene.namespace });
    await scene.apply(...application.surroundings());
    await application.deploy({ tag: 'v1' });
    await application.settled();
  });
  afterAll(async () => {
    await application.stop();
  });

  const statusOf = async (address: string) => (await fetch(address)).status;

  it('is red with the bad release, green after the rollback, and the downtime was measured', async () => {
    const [health = ''] = application.healthUrls;
    await application.deploy({ tag: 'v2', backend: 'unhealthy', frontend: 'unhealthy' });
    for (const ref of GROUP) await scene.rolledOut(ref);
    await waitFor(
      'every address answers 503',
      async () => {
        const statuses = await Promise.all(application.healthUrls.map(statusOf));
        return statuses.every((status) => status === 503) ? true : undefined;
      },
      { timeoutMs: 60_000 },
    );
    const checks = [...application.healthUrls.map((one) => url(one)), ...application.healthServices.map(service)];
    const report = await scene.rollback(GROUP, { health: checks });
    expect(report.failures).toEqual([]);
    expect(report.outcome).toBe('succeeded');
    expect(report.healthy).toBe(true);
    expect(report.steps.find((step) => step.step === 'check-health')?.outcome).toMatchObject({ status: 'passed' });
    expect(report.probes).toHaveLength(checks.length);
    for (const probe of report.probes) {
      expect(probe.spans[0]?.ok).toBe(false);
      expect(probe.spans.at(-1)?.ok).toBe(true);
      expect(probe.downtimeMs).toBeGreaterThan(0);
    }
    expect(report.downtimeSeconds).toBeGreaterThan(0);
    expect(await statusOf(health)).toBe(200);
  });

  it('is red where a check does not answer as expected, although all pods are ready', async () => {
    await application.settled();
    const [health = ''] = application.healthUrls;
    const report = await scene.rollback(GROUP, {
      health: [url(health, { contains: 'never in the body' })],
      timeoutMs: 3000,
    });
    expect(report.outcome).toBe('failed');
    expect(report.healthy).toBe(false);
    const step = report.steps.find((one) => one.step === 'check-health');
    expect(step?.outcome).toMatchObject({ status: 'failed', failure: { code: 'HEALTH_FAILED' } });
    expect(report.next.join('\n')).toContain(`curl -i '${health}'`);
  });
});

describe('redirects', () => {
  it('to another host are an answer, not a way: what is behind them is never asked', async () => {
    let asked = 0;
    const other = createServer((_request, response) => {
      asked++;
      response.end('ok');
    }).listen(0, '127.0.0.1');
    const own = createServer((request, response) => {
      if (request.url === '/away')
        response.writeHead(302, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/` });
      if (request.url === '/here') response.writeHead(302, { location: '/there' });
      response.end('ok');
    }).listen(0, '127.0.0.1');
    try {
      const scene = await Scene.create('redirect');
      await scene.deploy(scene.deployment('web', 'shop/web:1'));
      await scene.deploy(scene.deployment('web', 'shop/web:2'));
      const base = `http://127.0.0.1:${(own.address() as AddressInfo).port}`;
      const report = await scene.rollback([deployment('web')], {
        health: [url(`${base}/away`), url(`${base}/here`)],
        timeoutMs: 6000,
      });
      expect(report.probes.map((probe) => probe.last.observed)).toEqual([
        'status 302',
        expect.stringMatching(/^status 200/),
      ]);
      expect(asked).toBe(0);
      expect(report.outcome).toBe('failed');
      expect(report.rolledBack).toBe(true);
    } finally {
      own.close();
      other.close();
    }
  });
});
