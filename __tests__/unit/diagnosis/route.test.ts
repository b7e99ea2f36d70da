import { describe, expect, it } from '@jest/globals';
import type { Finding } from '../../../src/core/finding.ts';
import { causeOfCheck, diagnoseRoute } from '../../../src/diagnosis/route/index.ts';
import { failedChecks } from '../../../src/diagnosis/route/read.ts';
import { clusterName } from '../../../src/diagnosis/route/services.ts';
import { byService, byUrl, destination, NOW, type RouteSample, route, SHOP } from './route-samples.ts';

const WEB = { kind: 'Deployment', name: 'web' };
const ingress = byUrl('https://shop.example/health');
const causes = (found: readonly Finding[]) => found.map(({ cause, object }) => [cause, object]);

describe('a Service whose selector is wrong', () => {
  const switched = {
    cause: 'service-selector-mismatch',
    workload: WEB,
    object: 'service/web-switched',
    values: { service: 'service/web-switched', key: 'version', wanted: 'v2', carried: 'v1' },
    command: 'kubectl get pods --show-labels -n shop',
    fatal: false,
    contact: 'devops',
  };

  it('is named with the label and both values, and with nothing else', () => {
    expect(diagnoseRoute(route([byService('web-switched:80')]))).toEqual([
      {
        ...switched,
        evidence: [
          'service/web-switched: selector app=web,version=v2',
          'pods of deployment/web: labels app=web,version=v1',
        ],
      },
    ]);
  });

  it('is found behind a URL, where the workload has no other Service', () => {
    expect(diagnoseRoute(route([ingress], { only: ['web-switched', 'idle', 'outside', 'manual'] }))).toEqual([
      expect.objectContaining(switched),
    ]);
    // A preview of a version that is not out has nothing to do with it.
    expect(diagnoseRoute(route([ingress], { only: ['web-switched', 'web'] }))).toEqual([]);
  });

  it('is found by its only label where the check names it, or where it bears the name of the workload', () => {
    const typo = { values: { service: 'service/web-typo', key: 'app', wanted: 'wbe', carried: 'web' } };
    expect(diagnoseRoute(route([byService('web-typo:80')]))).toEqual([expect.objectContaining(typo)]);
    expect(diagnoseRoute(route([ingress], { only: ['web-typo'] }))).toEqual([]);
    const services = SHOP.services
      .filter(({ metadata }) => metadata.name === 'web-typo')
      .map((one) => ({ ...one, metadata: { ...one.metadata, name: 'web' } }));
    expect(causes(diagnoseRoute(route([ingress], { services })))).toEqual([
      ['service-selector-mismatch', 'service/web'],
    ]);
  });

  it('says so where the pods have no such label at all', () => {
    const { ref, spec } = destination('web');
    const bare = { ref, spec, labels: { app: 'web' } };
    const [found] = diagnoseRoute(route([byService('web-switched:80')], { group: [bare], templates: [bare.labels] }));
    expect(found?.values).toMatchObject({ key: 'version', wanted: 'v2', carried: '' });
  });

  it('prefers the workload of the same name', () => {
    const api = { ...destination('web'), ref: { kind: 'Deployment' as const, name: 'api' } };
    const services = SHOP.services
      .filter(({ metadata }) => metadata.name === 'web-switched')
      .map((one) => ({ ...one, metadata: { ...one.metadata, name: 'web' } }));
    const [found] = diagnoseRoute(route([ingress], { group: [api, 'web'], services }));
    expect(found?.workload).toEqual(WEB);
  });
});

describe('a Service without anybody to answer', () => {
  it('is named with what it selects and how many of them are ready', () => {
    const [found, ...others] = diagnoseRoute(route([byService('slow:80')], { group: ['web', 'slow'] }));
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      cause: 'service-without-endpoints',
      workload: { kind: 'Deployment', name: 'slow' },
      values: { service: 'service/slow', pods: 2, ready: 0 },
      command: 'kubectl describe pods -l app=slow -n shop',
    });
    expect(found?.evidence.slice(0, 2)).toEqual([
      'service/slow: selector app=slow',
      'EndpointSlices: 0 of 2 addresses ready',
    ]);
    expect(found?.evidence.slice(2)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^pod\/slow-\S+: not Ready \(ContainersNotReady/)]),
    );
  });

  it('is found behind a URL', () => {
    const found = diagnoseRoute(route([ingress], { group: ['slow'] }));
    expect(causes(found)).toEqual([['service-without-endpoints', 'service/slow']]);
  });

  it('is found without the EndpointSlices, and one without replicas, too', () => {
    expect(causes(diagnoseRoute(route([byService('slow:80')], { group: ['slow'], slices: undefined })))).toEqual([
      ['service-without-endpoints', 'service/slow'],
    ]);
    const [idle] = diagnoseRoute(route([byService('idle:80')], { group: ['idle'] }));
    expect(idle).toMatchObject({ values: { pods: 0, ready: 0 }, command: 'kubectl get pods --show-labels -n shop' });
  });

  it('selects what is not of the group: named, and of no workload', () => {
    const found = diagnoseRoute(route([byService('nobody:80')], { group: ['web', 'idle'] }));
    expect(causes(found)).toEqual([['service-without-endpoints', 'service/nobody']]);
    expect(found[0]?.workload).toBeUndefined();
  });

  it('says nothing new beside a cause that is named for its pods', () => {
    const known = { cause: 'never-ready', workload: { kind: 'Deployment', name: 'slow' } } as Finding;
    const sample = route([byService('slow:80')], { group: ['slow'] });
    expect(diagnoseRoute(sample, [known])).toEqual([]);
    expect(diagnoseRoute(sample, [{ ...known, workload: { kind: 'StatefulSet', name: 'slow' } }])).toHaveLength(1);
  });

  it('is named although its pods are ready, once the EndpointSlices had time to show them', () => {
    const slices = SHOP.endpointSlices.map((one) => ({ ...one, endpoints: null }));
    const at = (now: number) => diagnoseRoute(route([byService('web:80')], { slices, now }));
    expect(at(NOW)[0]?.values).toMatchObject({ pods: 2, ready: 2 });
    const readyAt = Math.max(
      ...SHOP.pods.flatMap(({ status }) =>
        (status?.conditions ?? [])
          .filter(({ type }) => type === 'Ready')
          .map(({ lastTransitionTime }) => Date.parse(lastTransitionTime ?? '')),
      ),
    );
    expect(at(readyAt + 1000)).toEqual([]);
  });
});

describe('a port that leads nowhere', () => {
  it.each([
    ['by name', 'web-named-port', { from: 'service/web-named-port port 80', leads: 'grpc', there: '8080 (http)' }],
    [
      'by number',
      'web-wrong-number',
      { from: 'service/web-wrong-number port 80', leads: '8081', there: '8080 (http)' },
    ],
  ])('%s', (_, service, values) => {
    expect(diagnoseRoute(route([byService(`${service}:80`)]))).toEqual([
      expect.objectContaining({
        cause: 'service-port-mismatch',
        workload: WEB,
        values,
        command: `kubectl describe service ${service} -n shop`,
      }),
    ]);
    expect(causes(diagnoseRoute(route([ingress], { only: [service] })))).toEqual([
      ['service-port-mismatch', `service/${service}`],
    ]);
  });

  it('is one that the Service does not have', () => {
    for (const port of ['81', 'https']) {
      const [found] = diagnoseRoute(route([byService(`web:${port}`)]));
      expect(found).toMatchObject({
        cause: 'service-port-mismatch',
        values: { from: 'service/web', leads: port, there: '80 (http) to http' },
      });
    }
    expect(diagnoseRoute(route([byService('web:http', { status: 500 })]))).toEqual([]);
  });
});

describe('a Service that is not there', () => {
  it('is named with those that are', () => {
    const found = diagnoseRoute(
      route([byService('wbe:80', { status: 404 }), byService('wbe:81', { status: 404 })], { only: ['web', 'idle'] }),
    );
    expect(found).toEqual([
      {
        cause: 'service-missing',
        object: 'service/wbe',
        values: { service: 'service/wbe' },
        evidence: ['Services of namespace shop: idle, web'],
        command: 'kubectl get services -n shop',
        fatal: false,
        contact: 'devops',
      },
    ]);
  });

  it('may be one that a URL names by its name inside of the cluster', () => {
    const found = diagnoseRoute(
      route([byUrl('http://wbe.shop.svc.cluster.local/health', { silence: 'connection-refused' })]),
    );
    expect(causes(found)).toEqual([['service-missing', 'service/wbe']]);
  });
});

describe('a name that does not resolve', () => {
  const unresolved = (url: string, host?: string) =>
    byUrl(url, {
      silence: 'name-not-resolved',
      observed: 'the name does not resolve (ENOTFOUND)',
      ...(host ? { host } : {}),
    });

  it('is named with the command, and what was seen of the DNS of the cluster', () => {
    const found = diagnoseRoute(
      route([unresolved('https://shop.exmaple/health'), unresolved('https://shop.exmaple/api')], {
        dns: { ready: 1, addresses: 2 },
      }),
    );
    expect(found).toEqual([
      {
        cause: 'name-not-resolved',
        object: 'shop.exmaple',
        values: { host: 'shop.exmaple', check: 'https://shop.exmaple/health' },
        evidence: [
          'GET https://shop.exmaple/health: the name does not resolve (ENOTFOUND)',
          'GET https://shop.exmaple/api: the name does not resolve (ENOTFOUND)',
          'DNS of the cluster (service/kube-dns in kube-system): 1 of 2 addresses ready',
        ],
        command: 'nslookup shop.exmaple; kubectl get pods,endpointslices -l k8s-app=kube-dns -n kube-system',
        fatal: false,
        contact: 'devops',
      },
    ]);
  });

  it('is that of the proxy, where the proxy is what was looked up', () => {
    const [found] = diagnoseRoute(route([unresolved('https://shop.example/health', 'proxy.corp.example')]));
    expect(found?.values).toEqual({ host: 'proxy.corp.example', check: 'https://shop.example/health' });
  });

  it('says that a name inside of the cluster means nothing outside of it', () => {
    const [outside] = diagnoseRoute(route([unresolved('http://web.shop.svc/health')]));
    expect(outside?.evidence.at(-1)).toBe(
      'web.shop.svc is a name inside of the cluster; from outside of the cluster ask service/web:PORT/PATH instead',
    );
    const found = diagnoseRoute(route([unresolved('http://wbe.shop.svc/health')]));
    expect(causes(found)).toEqual([
      ['service-missing', 'service/wbe'],
      ['name-not-resolved', 'wbe.shop.svc'],
    ]);
    expect(found[1]?.evidence.at(-1)).toBe('namespace shop has no Service wbe');
  });

  it('blames no Service, which was never reached', () => {
    expect(diagnoseRoute(route([unresolved('https://shop.example/health')], { group: ['slow'] }))).toHaveLength(1);
  });
});

const TRAPS: Readonly<Record<string, readonly [Parameters<typeof route>[0], RouteSample?]>> = {
  'an application that answers with an error': [
    [byUrl('https://shop.example/health', { status: 500 })],
    { group: ['slow'] },
  ],
  'a certificate that is not accepted': [
    [byUrl('https://shop.example/', { silence: 'certificate' })],
    { group: ['slow'] },
  ],
  'a healthy Service whose application is ill': [[byService('web:80')]],
  'a headless Service': [[byService('web-headless:8080')]],
  'a Service for another host (ExternalName)': [[byService('outside:80')]],
  'a Service whose endpoints are kept by hand': [[byService('manual:5432')]],
  'a Service that publishes pods before they are ready': [[byService('slow-published:80')], { group: ['slow'] }],
  'a container that says no port': [[byService('bare:80')], { group: ['bare'] }],
  'a second port for metrics that nobody serves': [[ingress], { only: ['web-second-port'] }],
  'a second port, where the check asks the first': [[byService('web-second-port:80')]],
  'a Service of a workload that is scaled to nothing, beside the group': [
    [ingress],
    { only: ['web', 'idle', 'idle-tier'] },
  ],
  'a Service that selects nobody, beside the group': [[ingress], { only: ['web', 'nobody'] }],
  'Services that may not be read': [[byService('web-switched:80'), byService('none:80')], { services: undefined }],
  'a bare name, which may be any host': [[byUrl('http://wbe/health')], { only: ['web'] }],
  'a Service of another namespace': [[byUrl('http://wbe.other.svc/health')], { only: ['web'] }],
};

describe('what only looks like it', () => {
  it.each(Object.entries(TRAPS))('%s', (_, [checks, sample]) => {
    expect(diagnoseRoute(route(checks, sample))).toEqual([]);
  });

  it('a Service for one pod of a StatefulSet', () => {
    const [web] = [destination('web')];
    const own = { ...web, ref: { kind: 'StatefulSet' as const, name: 'web' } };
    const services = SHOP.services
      .filter(({ metadata }) => metadata.name === 'web')
      .map((one) => ({
        ...one,
        metadata: { ...one.metadata, name: 'web-2' },
        spec: { ...one.spec, selector: { app: 'web', 'statefulset.kubernetes.io/pod-name': 'web-2' } },
      }));
    const found = diagnoseRoute(route([byService('web-2:80')], { group: [own], services }));
    expect(causes(found)).toEqual([['service-without-endpoints', 'service/web-2']]);
  });
});

describe('hostile names and texts', () => {
  it('reach neither a command nor a second line', () => {
    const evil = "x'; rm -rf $HOME #\n::error::";
    const services = SHOP.services
      .filter(({ metadata }) => metadata.name === 'slow')
      .map((one) => ({ ...one, spec: { ...one.spec, selector: { app: evil } } }));
    const { ref, spec } = destination('slow');
    const pods = SHOP.pods.map((pod) => ({ ...pod, metadata: { ...pod.metadata, labels: { app: evil } } }));
    const slow = { ref, spec, labels: { app: evil } };
    const [found] = diagnoseRoute(
      route([byService('slow:80')], { group: [slow], services, pods, slices: [], now: NOW }),
    );
    expect(found?.command).toContain("'app=x'\\''; rm -rf $HOME #");
    for (const line of found?.evidence ?? []) expect(line).toMatch(/^[^\n]{1,300}$/);
  });
});

describe('the failing checks', () => {
  const check = {
    name: 'a',
    at: { kind: 'url' as const, url: 'https://a.example/' },
    status: { from: 200, to: 299 },
    timeoutMs: 1,
    successes: 1,
  };
  const report = (samples: number, ok: boolean) => ({
    name: 'a',
    samples,
    failures: 0,
    downtimeMs: 0,
    last: { ok, observed: '', expected: '' },
    spans: [],
  });

  it('are those that were answered wrong, and none that has no answer yet', () => {
    expect(failedChecks([check, check, check], [report(1, false), report(0, false), report(2, true)])).toEqual([
      { name: 'a', at: check.at, last: { ok: false, observed: '', expected: '' } },
    ]);
  });

  it('are explained by what was found on their own way', () => {
    const [mismatch] = diagnoseRoute(route([byService('web-switched:80')]));
    const name = { cause: 'name-not-resolved', object: 'shop.example' } as Finding;
    const all = [name, mismatch as Finding];
    expect(causeOfCheck(all, byService('web-switched:80'), 'shop')).toBe(mismatch);
    expect(causeOfCheck(all, byService('web:80'), 'shop')).toBeUndefined();
    expect(causeOfCheck(all, ingress, 'shop')).toBe(mismatch);
    expect(causeOfCheck(all, byUrl('https://shop.example/', { silence: 'name-not-resolved' }), 'shop')).toBe(name);
  });
});

describe('names inside of the cluster', () => {
  it.each([
    ['web.shop.svc', 'web'],
    ['web.shop.svc.cluster.local', 'web'],
    ['web.other.svc', undefined],
    ['web', undefined],
    ['shop.example', undefined],
  ])('%s', (host, name) => {
    expect(clusterName(host, 'shop')).toBe(name);
  });
});
