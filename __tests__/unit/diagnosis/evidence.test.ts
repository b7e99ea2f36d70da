import { describe, expect, it } from '@jest/globals';
import { stripCredentials } from '../../../src/diagnosis/reading/credentials.ts';
import { evidenceLine, evidenceLines } from '../../../src/diagnosis/reading/evidence.ts';
import { kubectl } from '../../../src/diagnosis/reading/kubectl.ts';
import { patient } from './samples.ts';

describe('credentials in texts of the cluster', () => {
  it.each([
    ['Get "https://user:s3cret@r.example/v2/": denied', 'Get "https://***@r.example/v2/": denied'],
    ['https://s3cret@r.example/v2/', 'https://***@r.example/v2/'],
    ['Failed to pull image "user:s3cret@r.example/web:v1"', 'Failed to pull image "***@r.example/web:v1"'],
    [
      'https://r.example/token?scope=pull&access_token=s3cret&x=1',
      'https://r.example/token?scope=pull&access_token=***&x=1',
    ],
    [
      'https://s3.example/layer?X-Amz-Signature=s3cret&X-Amz-Date=1',
      'https://s3.example/layer?X-Amz-Signature=***&X-Amz-Date=1',
    ],
    ['Authorization: Basic czNjcmV0', 'Authorization: Basic ***'],
    ['header "authorization": "Bearer s3cret.x"', 'header "authorization": "Bearer ***"'],
    ['sent Bearer s3cretTOKEN0', 'sent Bearer ***'],
    ['dsn password=s3cret host=db', 'dsn password=*** host=db'],
    [`token ghp_${'s3cret'.repeat(6)}`, 'token ***'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzM2NyZXQiOjF9.s3cret', 'jwt ***'],
  ])('%s', (text, expected) => {
    expect(stripCredentials(text)).toBe(expected);
  });

  it.each([
    'registry.shop.example/web:v3: not found',
    'registry.shop.example/web:v3@sha256:0123456789abcdef0123456789abcdef: not found',
    'web:v3@sha256:0123456789abcdef0123456789abcdef',
    'no basic auth credentials',
    'basic authentication required',
    'failed to fetch anonymous token: unexpected status',
    'read udp 127.0.0.1:58474->127.0.0.1:53: read: connection refused',
    'Get "http://10.244.7.5:8080/health?full=1": dial tcp 10.244.7.5:8080: connect: connection refused',
    'exceeded quota: q, requested: count/secrets=1,pods=1, used: pods=2, limited: pods=2',
  ])('stays: %s', (text) => {
    expect(stripCredentials(text)).toBe(text);
  });

  it('copes with a hostile text of a megabyte', () => {
    for (const text of [
      'a.'.repeat(500_000),
      'a:'.repeat(500_000),
      '?key'.repeat(300_000),
      'https://'.repeat(200_000),
    ]) {
      expect([...evidenceLine(text)].length).toBeLessThanOrEqual(300);
    }
  });
});

describe('evidence', () => {
  it('is one line of at most 300 characters', () => {
    expect(evidenceLine('a\r\n::error::b\u0000\tc\u001b[31m')).toBe('a ::error::b c [31m');
    expect(evidenceLine('é'.repeat(400))).toBe(`${'é'.repeat(299)}…`);
    expect(evidenceLine('😀'.repeat(400))).toBe(`${'😀'.repeat(299)}…`);
  });

  it('is a few different lines that say something', () => {
    expect(evidenceLines(['a', undefined, '', ' ', 'a\n', 'b'])).toEqual(['a', 'b']);
    expect(evidenceLines(['1', '2', '3', '4', '5', '6'])).toHaveLength(5);
  });
});

describe('the next command', () => {
  it('can be pasted whatever a name holds', () => {
    expect(kubectl(patient(), 'describe', 'pod', 'web-1')).toBe('kubectl describe pod web-1 -n shop');
    expect(kubectl(patient({ namespace: "x'; rm -rf $HOME #" }), 'get', 'pods')).toBe(
      "kubectl get pods -n 'x'\\''; rm -rf $HOME #'",
    );
  });
});
