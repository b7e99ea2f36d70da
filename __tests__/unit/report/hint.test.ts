import { describe, expect, it } from '@jest/globals';
import { hintParts } from '../../../src/report/hint.ts';

describe('hintParts', () => {
  it.each([
    ['kubectl get pods -n a', '', ['kubectl get pods -n a']],
    ['Look at it: kubectl get pods -n a', 'Look at it:', ['kubectl get pods -n a']],
    ['Fix it, then run again (safe): kubectl get pods', 'Fix it, then run again (safe):', ['kubectl get pods']],
    ['kubectl describe x; running again is safe', 'running again is safe', ['kubectl describe x']],
    ["kubectl get secret 'x; reboot'", '', ["kubectl get secret 'x; reboot'"]],
    ["It's there; don't wait", "It's there; don't wait", []],
    ['Add it (check: kubectl auth can-i get pods)', 'Add it (check: kubectl auth can-i get pods)', []],
    ['Set tier to rapid or emergency.', 'Set tier to rapid or emergency.', []],
    ['Make it again: pg_dump DATABASE > FILE.', 'Make it again:', ['pg_dump DATABASE > FILE']],
    ['Look at it: `kubectl get pods -n a`.', 'Look at it:', ['kubectl get pods -n a']],
    ['`helm history web`; then run again.', 'then run again.', ['helm history web']],
    [
      'Stop it with `kubectl scale x` or `kubectl delete x`.',
      'Stop it with `kubectl scale x` or `kubectl delete x`.',
      [],
    ],
    ['Set `mode: plan`.', 'Set `mode: plan`.', []],
    ['', '', []],
  ])('takes %j apart', (hint, text, commands) => {
    expect(hintParts(hint)).toEqual({ text, commands });
  });

  it('keeps a manifest whole', () => {
    expect(hintParts('Add these rules:\n- apiGroups: [apps]\n  verbs: [patch]\n')).toEqual({
      text: 'Add these rules:',
      commands: [],
      paste: '- apiGroups: [apps]\n  verbs: [patch]',
    });
  });
});
