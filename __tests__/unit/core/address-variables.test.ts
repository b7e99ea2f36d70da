import { describe, expect, it } from '@jest/globals';
import { addressVariables } from '../../../src/core/database/address-variables.ts';

describe('the address for commands of the project', () => {
  it('says the same as the URL, with the database that is rolled back', () => {
    expect(
      addressVariables({
        url: 'postgres://me:p%40ss%2F@db.example:6543/other?schema=shop&sslmode=require',
        database: 'shop',
      }),
    ).toEqual({
      DATABASE_URL: 'postgresql://me:p%40ss%2F@db.example:6543/shop?schema=shop&sslmode=require',
      PGHOST: 'db.example',
      PGPORT: '6543',
      PGUSER: 'me',
      PGPASSWORD: 'p@ss/',
      PGDATABASE: 'shop',
      PGSSLMODE: 'require',
    });
  });

  it('leaves out what nobody said', () => {
    expect(addressVariables({ defaults: { host: '::1', user: 'me', database: 'a b' } })).toEqual({
      DATABASE_URL: 'postgresql://me@[::1]:5432/a%20b',
      PGHOST: '::1',
      PGPORT: '5432',
      PGUSER: 'me',
      PGDATABASE: 'a b',
    });
  });

  it('leads through a port-forward, whose name no certificate has', () => {
    const reached = { host: '127.0.0.1', port: 40_123 };
    expect(
      addressVariables({ url: 'postgresql://me:x@service/postgres:5432/shop?sslmode=verify-full' }, reached),
    ).toMatchObject({
      DATABASE_URL: 'postgresql://me:x@127.0.0.1:40123/shop?sslmode=verify-ca',
      PGHOST: '127.0.0.1',
      PGPORT: '40123',
      PGSSLMODE: 'verify-ca',
    });
  });

  it('names the folder of a socket as a parameter', () => {
    const { DATABASE_URL = '', PGHOST } = addressVariables({
      url: 'postgresql:///shop?host=/run/postgresql&user=me&password=x',
    });
    expect(DATABASE_URL).toBe('postgresql://me:x@localhost:5432/shop?host=%2Frun%2Fpostgresql');
    expect(PGHOST).toBe('/run/postgresql');
  });
});
