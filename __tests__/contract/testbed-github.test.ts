import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Github, startGithub } from '../../testbed/github.ts';

let github: Github;
let token: string;
beforeEach(async () => {
  github = await startGithub();
  token = github.token({ login: 'amara', type: 'User', issues: 'write', deployments: 'write', contents: 'write' });
});
afterEach(() => github.stop());

async function send(method: string, path: string, body?: object, authorization = `token ${token}`) {
  const response = await fetch(`${github.url}${path}`, {
    method,
    headers: { authorization },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe("the testbed's GitHub", () => {
  it.each<[string, string, string, object | undefined, string]>([
    ['a field that is missing', 'POST', '/repos/shop/app/issues', { body: 'x' }, "must have required property 'title'"],
    [
      'a field of another type',
      'POST',
      '/repos/shop/app/issues',
      { title: 'x', labels: 'one' },
      'body/labels must be array',
    ],
    [
      'a field that is not known',
      'POST',
      '/repos/shop/app/issues',
      { title: 'x', label: 'y' },
      'body field label is not known',
    ],
    [
      'a state that is none',
      'POST',
      '/repos/shop/app/deployments/1/statuses',
      { state: 'good' },
      'body/state must be equal',
    ],
    ['a body that is missing', 'POST', '/repos/shop/app/deployments', undefined, 'no body'],
    ['a body where none belongs', 'DELETE', '/repos/shop/app/deployments/1', { x: 1 }, 'a body where none belongs'],
    [
      'a query that is not known',
      'GET',
      '/repos/shop/app/issues?label=x',
      undefined,
      'query parameter label is not known',
    ],
    [
      'a query of another type',
      'GET',
      '/repos/shop/app/issues?page=one',
      undefined,
      'query parameter page must be integer',
    ],
    [
      'a query that is not allowed',
      'GET',
      '/repos/shop/app/issues?state=any',
      undefined,
      'query parameter state must be equal',
    ],
    [
      'a number that is none',
      'PATCH',
      '/repos/shop/app/issues/one',
      { title: 'x' },
      'path parameter issue_number must be',
    ],
    ['a path that GitHub has not', 'GET', '/repos/shop/app/isues', undefined, 'GitHub has no such operation'],
    ['what it does not play', 'GET', '/repos/shop/app/labels', undefined, 'not played by this server'],
  ])('holds against a request %s', async (_what, method, path, body, violation) => {
    await send(method, path, body);
    expect(github.violations).toContainEqual(expect.stringContaining(violation));
  });

  it('answers as GitHub describes it, and holds nothing against what is right', async () => {
    github.state.branch('main');
    github.state.commits.add('abc');
    const made = await send('POST', '/repos/shop/app/issues', { title: 'x', labels: ['a'] });
    expect(made).toMatchObject({ status: 201, body: { number: 1, user: { login: 'amara' }, labels: [{ name: 'a' }] } });
    await expect(send('GET', '/repos/shop/app/issues?labels=A')).resolves.toMatchObject({
      status: 200,
      body: [{ number: 1 }],
    });
    await expect(send('POST', '/repos/shop/app/deployments', { ref: 'abc' })).resolves.toMatchObject({ status: 201 });
    await expect(send('GET', '/user')).resolves.toMatchObject({ status: 200, body: { login: 'amara' } });
    await expect(send('GET', '/repos/shop/app/issues', undefined, 'token x')).resolves.toMatchObject({ status: 401 });
    expect(github.violations).toEqual([]);
  });

  it('holds its own answers against the description, too', async () => {
    github.state.addIssue({ author: { login: 'amara', type: 'User' }, createdAt: 'yesterday' });
    await send('GET', '/repos/shop/app/issues');
    expect(github.violations).toContainEqual(expect.stringContaining('created_at'));
  });

  it('asks for the sha of the file that is replaced, before all else for the branch', async () => {
    const put = (body: object) =>
      send('PUT', '/repos/shop/app/contents/a%2Fb.md', { message: 'm', content: 'eA==', ...body });
    await expect(put({ branch: 'gone', sha: 'x' })).resolves.toMatchObject({
      status: 404,
      body: { message: 'Branch gone not found' },
    });
    github.state.branch('main');
    await expect(put({ sha: 'ignored' })).resolves.toMatchObject({ status: 201 });
    await expect(put({})).resolves.toMatchObject({ status: 422 });
    await expect(put({ sha: 'x' })).resolves.toMatchObject({
      status: 409,
      body: { message: 'a/b.md does not match x' },
    });
    expect(github.violations).toEqual([]);
  });
});
