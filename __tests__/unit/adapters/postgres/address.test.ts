import { describe, expect, it } from '@jest/globals';
import { addressOf } from '../../../../src/adapters/postgres/address.ts';

describe('the address of a database', () => {
  it.each([
    [
      'postgresql://u:p@h:6543/d',
      { host: 'h', port: 6543, user: 'u', password: 'p', database: 'd', tlsMode: 'prefer' },
    ],
    [
      'postgres://u:p@h/224solutions?sslmode=verify-full',
      { host: 'h', port: 5432, database: '224solutions', tlsMode: 'verify-full' },
    ],
    ['postgresql://u%40x:p%3A%2F%25@h/d%20b', { user: 'u@x', password: 'p:/%', database: 'd b' }],
    ['postgresql://u:p@[::1]/d', { host: '::1' }],
    ['postgresql:///d?host=/run/postgresql&user=u', { host: '/run/postgresql', user: 'u', database: 'd' }],
    [
      'postgresql://u:p@service%2Fpostgres:5433/d',
      { host: 'service/postgres', port: 5433, database: 'd', tlsName: 'postgres' },
    ],
    ['postgresql://u:p@service/postgres:5433/d', { host: 'service/postgres', port: 5433, database: 'd' }],
    ['postgresql://u:p@service/postgres/d?sslmode=require', { host: 'service/postgres', port: 5432, database: 'd' }],
    ['postgresql://u:p@/d?host=/cloudsql/x:y', { host: '/cloudsql/x:y', user: 'u', password: 'p', database: 'd' }],
    ['postgresql://u:p@service/shop', { host: 'service', database: 'shop', tlsName: 'service' }],
    ['postgresql://u@h', { database: 'u', password: '' }],
  ])('%s', (url, expected) => {
    expect(addressOf({ url })).toMatchObject(expected);
  });

  it('takes single values before the URL', () => {
    expect(addressOf({ url: 'postgresql://u:p@h/d', database: 'other', port: 1 })).toMatchObject({
      host: 'h',
      port: 1,
      database: 'other',
    });
  });

  it('takes the defaults last', () => {
    const defaults = {
      host: 'service/db:6000',
      port: 1,
      user: 'e',
      password: 'x',
      database: 'e',
      sslMode: 'verify-ca',
    };
    expect(addressOf({ url: 'postgresql://u@/d', defaults })).toMatchObject({
      host: 'service/db',
      port: 6000,
      user: 'u',
      password: 'x',
      database: 'd',
      tlsMode: 'verify-ca',
    });
    expect(addressOf({ defaults: { user: 'e' } })).toMatchObject({ host: 'localhost', port: 5432, database: 'e' });
  });

  it.each([
    'postgresql://u:hunter2@service%2FPost_gres/d',
    'postgresql://u:hunter2@service%2Fa%2Fb/d',
    'mysql://u:hunter2@h/d',
    'postgresql://u:hunter2@h:99999/d',
    'postgresql://u:hunter2@h/d?options=-c%20x',
    'postgresql://u:hunter2@h/d?sslmode=maybe',
    'postgresql://u:hunter2%@h/d',
    'postgresql://:hunter2@h/',
    'hunter2',
  ])('%s is refused without its password', (url) => {
    let error: Error | undefined;
    try {
      addressOf({ url });
    } catch (thrown) {
      error = thrown as Error;
    }
    expect(error).toMatchObject({ code: 'INPUT_INVALID' });
    expect(`${error?.message}${error?.stack}`).not.toContain('hunter2');
  });
});
