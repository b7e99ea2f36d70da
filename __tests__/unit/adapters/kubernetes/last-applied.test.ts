import { describe, expect, it } from '@jest/globals';
import { correctedLastApplied } from '../../../../src/adapters/kubernetes/last-applied.ts';
import type { Json } from '../../../../src/core/kubernetes.ts';

function corrected(applied: Json, left: Json, wanted: Json): Json | undefined {
  const annotation = JSON.stringify({ kind: 'Deployment', spec: { replicas: 3, template: applied } });
  const text = correctedLastApplied(annotation, left, wanted);
  if (text === undefined) return undefined;
  expect(text.endsWith('\n')).toBe(true);
  const root = JSON.parse(text) as { kind: string; spec: { replicas: number; template: Json } };
  expect(root.kind).toBe('Deployment');
  expect(root.spec.replicas).toBe(3);
  return root.spec.template;
}

const pod = (...containers: object[]) => ({ spec: { containers } }) as unknown as Json;

describe('the last-applied annotation', () => {
  it('takes the values of the template that is gone back to, and no defaults', () => {
    expect(
      corrected(
        pod({ name: 'app', image: 'app:2' }),
        pod({ name: 'app', image: 'app:2', imagePullPolicy: 'IfNotPresent' }),
        pod({ name: 'app', image: 'app:1', imagePullPolicy: 'IfNotPresent' }),
      ),
    ).toEqual(pod({ name: 'app', image: 'app:1' }));
  });

  it('names what only that template has, so that the next apply removes it', () => {
    expect(
      corrected(
        pod({ name: 'app', env: [{ name: 'A', value: '1' }] }),
        pod({ name: 'app', env: [{ name: 'A', value: '1' }] }),
        pod(
          {
            name: 'app',
            env: [
              { name: 'OLD', value: '0' },
              { name: 'A', value: '1' },
            ],
          },
          { name: 'proxy', image: 'p', tty: true },
        ),
      ),
    ).toEqual(
      pod(
        {
          name: 'app',
          env: [
            { name: 'OLD', value: '0' },
            { name: 'A', value: '1' },
          ],
        },
        { name: 'proxy', image: 'p', tty: true },
      ),
    );
  });

  it('forgets what that template lacks', () => {
    expect(
      corrected(
        pod({ name: 'app', env: [{ name: 'NEW', value: '1' }], tty: true }, { name: 'proxy' }),
        pod({ name: 'app', env: [{ name: 'NEW', value: '1' }], tty: true }, { name: 'proxy' }),
        pod({ name: 'app' }),
      ),
    ).toEqual(pod({ name: 'app' }));
  });

  it('says of an item that differs only what differs, with its key', () => {
    const port = { containerPort: 80, protocol: 'TCP' };
    expect(
      corrected(
        pod({ name: 'app' }),
        pod({ name: 'app', ports: [port] }),
        pod({ name: 'app', ports: [{ ...port, name: 'http' }] }),
      ),
    ).toEqual(pod({ name: 'app', ports: [{ containerPort: 80, name: 'http' }] }));
  });

  it('replaces lists without a key whole', () => {
    expect(
      corrected(
        pod({ name: 'app', args: ['a'] }),
        pod({ name: 'app', args: ['a'] }),
        pod({ name: 'app', args: ['b', 'c'] }),
      ),
    ).toEqual(pod({ name: 'app', args: ['b', 'c'] }));
  });

  it('knows nothing of a restart', () => {
    const restarted = {
      metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } },
      ...(pod({ name: 'app' }) as object),
    };
    expect(corrected(pod({ name: 'app' }), pod({ name: 'app' }), restarted as Json)).toBeUndefined();
  });

  it.each([[undefined], ['not JSON'], ['null'], ['{}'], ['{"spec":{}}'], ['{"spec":[]}']])(
    'is left alone when it is %j',
    (annotation) => {
      expect(correctedLastApplied(annotation, pod({ name: 'a' }), pod({ name: 'b' }))).toBeUndefined();
    },
  );

  it('is left alone when it is right already', () => {
    const same = pod({ name: 'app', image: 'app:1' });
    expect(corrected(same, pod({ name: 'app', image: 'app:2' }), same)).toBeUndefined();
  });
});
