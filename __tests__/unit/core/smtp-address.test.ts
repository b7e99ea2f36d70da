import { describe, expect, it } from '@jest/globals';
import { isMailAddress, smtpAddress } from '../../../src/core/smtp-address.ts';

describe('smtp-url', () => {
  it.each([
    [
      'smtp://user:p%40ss@mail.example.com',
      { host: 'mail.example.com', port: 587, user: 'user', password: 'p@ss', tls: 'starttls' },
    ],
    ['smtps://mail.example.com', { host: 'mail.example.com', port: 465, user: '', password: '', tls: 'implicit' }],
    ['smtp://relay?tls=none', { host: 'relay', port: 25, user: '', password: '', tls: 'none' }],
    ['smtps://u:p@[::1]:2465/', { host: '::1', port: 2465, user: 'u', password: 'p', tls: 'implicit' }],
  ])('reads %s', (url, expected) => {
    expect(smtpAddress(url)).toEqual(expected);
  });

  it.each([
    ['', 'it is not an address'],
    ['https://u:s3cret@mail.example.com', 'it is not an address'],
    ['smtp://u:s3cret@mail.example.com/path', 'it has a path'],
    ['smtp://u:s3cret@mail.example.com?tls=maybe', 'can only be `none`'],
    ['smtp://u:s3cret@mail.example.com?tls=none', 'would be readable'],
    ['smtps://mail.example.com?tls=none', 'denies it'],
    ['smtp://u:s3cret@mail.example.com?rejectUnauthorized=false', 'parameter other than `tls`'],
    ['smtp://u:s3cret%@mail.example.com', 'encoded character'],
  ])('refuses %j without quoting it', (url, message) => {
    expect(() => smtpAddress(url)).toThrow(message);
    expect(() => smtpAddress(url)).not.toThrow('s3cret');
  });
});

describe('a mail address', () => {
  it.each(['a@b', 'awa.diallo+224@example.com', "o'neil@example.com", 'awa@exämple.com'])('can be %s', (text) => {
    expect(isMailAddress(text)).toBe(true);
  });

  it.each(['a@b@c', 'a b@c', 'a@b.', 'a@-b', `${'a'.repeat(65)}@b`, `a@${'b'.repeat(254)}`, 'a\u0000@b', 'a@b\n'])(
    'cannot be %j',
    (text) => {
      expect(isMailAddress(text)).toBe(false);
    },
  );
});
