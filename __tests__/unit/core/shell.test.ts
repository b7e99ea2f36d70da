import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { kubectl, shellWord } from '../../../src/core/shell.ts';

describe('shellWord', () => {
  it.each(['web', 'deployment/web', '--from-env-file=FILE', 'a@b:c'])('leaves %s as it is', (text) =>
    expect(shellWord(text)).toBe(text),
  );

  it.each(['', 'a b', '$(reboot)', '`reboot`', "it's", "'", '; reboot', '*', '~', '#', '\\', '"', '&', 'é'])(
    'reaches a shell as the very word %p',
    (text) => expect(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })).toBe(text),
  );

  it('lets no control or direction character through', () => {
    expect(shellWord('a\nb\u001b[2Jc\u202ed\u2028e')).toBe("'a?b?[2Jc?d?e'");
  });
});

it('names the namespace in every command', () => {
  expect(kubectl('my ns', 'get', 'pods')).toBe("kubectl -n 'my ns' get pods");
});
