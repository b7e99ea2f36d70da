import { describe, expect, it } from '@jest/globals';
import { type GrantedRule, grants } from '../../../../src/adapters/kubernetes/access-review.ts';
import type { AccessRule } from '../../../../src/core/access.ts';

const rule = (verb: AccessRule['verb'], group: string, resource: string, name?: string): AccessRule => ({
  verb,
  group,
  resource,
  ...(name === undefined ? {} : { name }),
});
const granted = (group: string, resource: string, verb: string, ...resourceNames: string[]): GrantedRule[] => [
  { verbs: [verb], apiGroups: [group], resources: [resource], ...(resourceNames.length > 0 ? { resourceNames } : {}) },
];

describe('grants', () => {
  it.each<[string, GrantedRule[], AccessRule, boolean]>([
    ['the same', granted('apps', 'deployments', 'patch'), rule('patch', 'apps', 'deployments'), true],
    ['everything', granted('*', '*', '*'), rule('get', '', 'pods/log'), true],
    ['another verb', granted('apps', 'deployments', 'get'), rule('patch', 'apps', 'deployments'), false],
    ['another group', granted('extensions', 'deployments', '*'), rule('patch', 'apps', 'deployments'), false],
    ['the resource, not its subresource', granted('', 'pods', 'get'), rule('get', '', 'pods/log'), false],
    ['that subresource of everything', granted('', '*/log', 'get'), rule('get', '', 'pods/log'), true],
    ['one object, where all are asked for', granted('', 'secrets', 'get', 'db'), rule('get', '', 'secrets'), false],
    ['one object', granted('', 'secrets', 'get', 'db'), rule('get', '', 'secrets', 'db'), true],
    ['another object', granted('', 'secrets', 'get', 'db'), rule('get', '', 'secrets', 'api'), false],
    ['all, where one object is asked for', granted('', 'secrets', 'get'), rule('get', '', 'secrets', 'db'), true],
    ['nothing', [], rule('get', '', 'pods'), false],
  ])('%s', (_, list, asked, expected) => expect(grants(list, asked)).toBe(expected));
});
