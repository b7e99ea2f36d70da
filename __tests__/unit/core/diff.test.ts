import { describe, expect, it } from '@jest/globals';
import { templateDiff } from '../../../src/core/diff.ts';
import type { PodTemplate } from '../../../src/core/kubernetes.ts';

function template(env: Record<string, string>, args: readonly string[] = []): PodTemplate {
  const container = {
    name: 'web',
    image: 'shop/web:1',
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    args,
  };
  return { spec: { containers: [container] } };
}

describe('templateDiff', () => {
  it('shows what differs, with the object as both names and without a separator', () => {
    const diff = templateDiff('deployment/web', template({ DEBUG: 'true' }), template({ DEBUG: 'false' }));
    expect(diff.split('\n').slice(0, 2)).toEqual(['--- deployment/web\tnow', '+++ deployment/web\tafter']);
    expect(diff).toContain('-          value: "true"');
    expect(diff).toContain('+          value: "false"');
  });

  it('never shows a literal value that may be a secret, whatever its name, but that it changed', () => {
    const diff = templateDiff(
      'deployment/web',
      template({ PDG_ACCESS_CODE: 'hunter-2' }),
      template({ PDG_ACCESS_CODE: 'hunter-3' }),
    );
    expect(diff).not.toContain('hunter');
    expect(diff.match(/fingerprint [0-9a-f]{8}/g)).toHaveLength(2);
    expect(new Set(diff.match(/fingerprint [0-9a-f]{8}/g)).size).toBe(2);
  });

  it('hides what an argument carries', () => {
    const diff = templateDiff(
      'deployment/web',
      template({}, ['--db-password=hunter-2', '--port=80']),
      template({}, ['--db-password=hunter-3', '--port=81']),
    );
    expect(diff).not.toContain('hunter');
    expect(diff).toContain('--db-password=(hidden');
    expect(diff).toContain('--port=81');
  });

  it('is empty but for its head when only a hidden value is the same', () => {
    expect(templateDiff('x', template({ A: 'same value' }), template({ A: 'same value' }))).not.toContain('@@');
  });
});
