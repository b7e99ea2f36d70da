import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { addressOf } from '../../src/core/database/address.ts';
import { loadRun, secretsToMask, secretValues } from '../../src/inputs.ts';
import { STEPS } from '../../src/steps/index.ts';

const steps = STEPS.map((step) => step.meta);
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inputs-database-'));
  mkdirSync(join(folder, '.github'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function load(inputs: Record<string, string>, variables: NodeJS.ProcessEnv = {}, file = '') {
  writeFileSync(join(folder, '.github/rollback.yml'), file);
  const typed = Object.entries({
    namespace: 'production',
    workloads: 'deployment/web',
    tier: 'complete',
    ...inputs,
  }).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  return loadRun(
    {
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: folder,
      GITHUB_EVENT_NAME: 'workflow_dispatch',
      RUNNER_TEMP: folder,
      ...Object.fromEntries(typed),
      ...variables,
    },
    steps,
  );
}

function faults(...given: Parameters<typeof load>): string[] {
  const { request } = load(...given);
  return request.kind === 'refused' ? request.errors.errors.map(({ message, hint }) => `${message} | ${hint}`) : [];
}

function ready(...given: Parameters<typeof load>) {
  const { request, secrets, environment } = load(...given);
  if (request.kind === 'refused') throw request.errors;
  return { config: request.config, secrets, environment };
}

describe('database-url', () => {
  it('says everything, and its password is masked in every form and stands nowhere in the config', () => {
    const url = 'postgresql://app:p%40ss%2Fword@db.example:6543/shop?sslmode=verify-full';
    const { config, secrets } = ready({ 'database-url': url });
    expect(config.database?.name).toBe('shop');
    expect(addressOf(secrets.database ?? {})).toMatchObject({
      host: 'db.example',
      port: 6543,
      user: 'app',
      password: 'p@ss/word',
      tlsMode: 'verify-full',
    });
    expect(JSON.stringify(config)).not.toMatch(/p%40ss|p@ss/);
    for (const form of ['p@ss/word', 'p%40ss%2Fword', Buffer.from('p@ss/word').toString('base64'), url])
      expect(secretsToMask(secrets)).toContain(form);
    expect(secretValues(secrets)).toEqual(expect.arrayContaining(['p@ss/word', 'p%40ss%2Fword']));
  });

  it('leaves the rest to the variables', () => {
    const { secrets } = ready(
      { 'database-url': 'postgresql://db.example/shop' },
      {
        PGUSER: 'app',
        PGPASSWORD: 'hidden',
        PGPORT: '6000',
        PGSSLMODE: 'require',
        PGHOST: 'other',
        PGDATABASE: 'shop',
      },
    );
    expect(addressOf(secrets.database ?? {})).toMatchObject({
      host: 'db.example',
      port: 6000,
      user: 'app',
      password: 'hidden',
      tlsMode: 'require',
    });
    expect(secrets.others).toContain('hidden');
  });

  it.each([
    ['mysql://app:hunter2@db/shop', /it is no URL of a PostgreSQL database/],
    ['app:hunter2@db', /it is no URL of a PostgreSQL database/],
    ['postgresql://app:hunter2@db:99999/shop', /it is no URL/],
    ['postgresql://app:hunter2@db/shop?options=x', /parameter "options" is not supported/],
    ['postgresql://db/shop?password=hunter2', /it names no user/],
    ['postgresql://app:hunter2@service%2FA_b/shop', /names no Service of the namespace/],
  ])('%s is refused without its password, and that is masked', (url, why) => {
    const found = faults({ 'database-url': url });
    expect(found).toEqual([
      expect.stringMatching(/^input database-url: cannot be used as the address of the database: /),
    ]);
    expect(found.join()).toMatch(why);
    expect(found.join()).not.toContain('hunter2');
    expect(secretsToMask(load({ 'database-url': url }).secrets).join(' ')).toContain('hunter2');
    expect(faults({ 'database-url': url, tier: 'rapid' })).toEqual([]);
  });

  it('without a database and without a name anywhere is refused; the name of the user is none', () => {
    expect(faults({ 'database-url': 'postgresql://app@db' })).toEqual([
      expect.stringMatching(/^database\.name: is missing/),
    ]);
    const { config } = ready({ 'database-url': 'postgresql://app@db' }, {}, 'database: { name: shop }\n');
    expect(config.database?.name).toBe('shop');
  });

  it('and the file name the same database', () => {
    expect(faults({ 'database-url': 'postgresql://app@db/postgres' }, {}, 'database: { name: shop }\n')).toEqual([
      expect.stringMatching(
        /^\.github\/rollback\.yml:1:19: database\.name: saw "shop", and input database-url names "postgres"/,
      ),
    ]);
    expect(faults({ 'database-url': 'postgresql://app@db/shop' }, { PGDATABASE: 'postgres' })).toEqual([
      expect.stringMatching(/^input database-url: saw "shop", and variable PGDATABASE names "postgres"/),
    ]);
  });
});

describe('the variables of libpq', () => {
  const section = 'database: { backup: a.sql }\n';
  const who = { PGUSER: 'app', PGPASSWORD: 'hidden', PGDATABASE: 'shop' };

  it('say where the database is, a Service included', () => {
    const { config, secrets } = ready({}, { PGHOST: 'service/postgres:6000', ...who }, section);
    expect(config.database?.name).toBe('shop');
    expect(addressOf(secrets.database ?? {})).toMatchObject({ host: 'service/postgres', port: 6000, user: 'app' });
    expect(secretsToMask(secrets)).toContain('hidden');
  });

  it('need PGHOST: nobody means the machine of the runner by saying nothing', () => {
    expect(faults({}, who, section)).toEqual([
      expect.stringMatching(/^input database-url \(or variable PGHOST\): is missing/),
    ]);
  });

  it('are refused as they are', () => {
    expect(faults({}, { PGHOST: 'db', ...who, PGPORT: 'five' }, section)).toEqual([
      expect.stringMatching(/^variables PGHOST.*its port is not a port/),
    ]);
    expect(faults({}, { PGHOST: 'db', ...who, PGSSLMODE: 'maybe' }, section)).toEqual([
      expect.stringMatching(/sslmode "maybe"/),
    ]);
  });

  it('name an authority, which is read', () => {
    writeFileSync(join(folder, 'ca.pem'), PEM);
    const read = (path: string) => ready({}, { PGHOST: 'db', ...who, PGSSLROOTCERT: path }, section).secrets.database;
    expect(addressOf(read('ca.pem') ?? {}).ca).toBe(PEM);
    expect(addressOf(read(join(folder, 'ca.pem')) ?? {}).ca).toBe(PEM);
    const system = addressOf(read('system') ?? {});
    expect(system).toMatchObject({ tlsMode: 'verify-full' });
    expect(system.ca).toBeUndefined();
    writeFileSync(join(folder, 'none.pem'), 'nothing');
    for (const [path, why] of [
      ['missing.pem', 'cannot be read (ENOENT)'],
      ['none.pem', 'no certificate in PEM'],
    ] as const) {
      const found = faults({}, { PGHOST: 'db', ...who, PGSSLROOTCERT: path }, section);
      expect(found).toEqual([expect.stringMatching(/^variable PGSSLROOTCERT: saw /)]);
      expect(found.join()).toContain(why);
    }
  });

  it('are not read for an event that is not trusted', () => {
    const { secrets } = load(
      { 'database-url': 'postgresql://app:hunter2@db/shop' },
      { GITHUB_EVENT_NAME: 'issues', ...who },
    );
    expect(secrets).toEqual({ healthAuthorization: {}, others: [] });
  });
});

describe('automatic runs', () => {
  const url = { 'database-url': 'postgresql://app@db/shop' };
  it.each([
    ['workflow_dispatch', undefined],
    ['push', 0],
    ['schedule', 0],
    ['repository_dispatch', 0],
    ['deployment_status', 0],
  ])('%s may give up %s rows', (event, rows) => {
    expect(ready(url, { GITHUB_EVENT_NAME: event }).config.database?.maxDataLoss).toBe(rows);
  });

  it('are only those of GitHub', () => {
    const local = ready(url, { GITHUB_ACTIONS: '', GITHUB_EVENT_NAME: '' });
    expect(local.config.database?.maxDataLoss).toBeUndefined();
  });
});

describe('folders', () => {
  it('begin in the workspace', () => {
    const { config } = ready(
      { 'database-url': 'postgresql://app@db/shop', 'safety-backup': 'safety' },
      {},
      'database: { export-rows: /mnt/rows }\n',
    );
    expect(config.database).toMatchObject({ safetyBackup: join(folder, 'safety'), exportRows: '/mnt/rows' });
  });
});

describe('values of secrets', () => {
  const file = 'secrets: [{ name: app, keys: { PDG: PDG_ACCESS_CODE, PEM: APP_KEY } }]\n';

  it('come from variables, and are masked before anything is written', () => {
    const { config, secrets } = ready(
      {},
      { PDG_ACCESS_CODE: 'open sesame', APP_KEY: 'line one\nline two\n', OTHER: 'other' },
      file,
    );
    expect(config.secrets).toEqual([{ name: 'app', keys: { PDG: 'PDG_ACCESS_CODE', PEM: 'APP_KEY' } }]);
    expect(secrets.named).toEqual({ PDG_ACCESS_CODE: 'open sesame', APP_KEY: 'line one\nline two\n' });
    for (const form of ['open sesame', 'open%20sesame', Buffer.from('open sesame').toString('base64'), 'line two'])
      expect(secretsToMask(secrets)).toContain(form);
    expect(secretValues(secrets)).toEqual(expect.arrayContaining(['open sesame', 'line one\nline two\n']));
    expect(JSON.stringify(config)).not.toContain('sesame');
  });

  it.each([
    [
      'PDG_ACCESS_CODE=open = sesame\n\n# a comment\r\n  APP_KEY="quoted"',
      { PDG_ACCESS_CODE: 'open = sesame', APP_KEY: '"quoted"' },
    ],
    ['{ "PDG_ACCESS_CODE": "a\\nb", "APP_KEY": "k" }', { PDG_ACCESS_CODE: 'a\nb', APP_KEY: 'k' }],
  ])('come from secret-values, which wins: %j', (typed, named) => {
    const { secrets } = ready({ 'secret-values': typed }, { PDG_ACCESS_CODE: 'from the variable' }, file);
    expect(secrets.named).toEqual(named);
  });

  it('that secret-values holds are masked whether or not the file asks for them', () => {
    const { secrets } = load({ 'secret-values': 'UNUSED=hunter2\nbroken line' });
    expect(secretsToMask(secrets)).toContain('hunter2');
  });

  it.each([
    ['hunter2', 'line 1 is not NAME=VALUE'],
    ['A=1\nB-C=hunter2', 'line 2 is not NAME=VALUE'],
    ['A=hunter2\nA=hunter2', 'line 2 names A again'],
    ['{ "A": "hunter2"', 'begins with { and is no JSON'],
    ['{ "A": { "hunter2": 1 }, "B": "x", "c-d": "hunter2" }', 'its element 1 is not a name with a text'],
  ])('are refused without being shown: %j', (typed, why) => {
    const found = faults({ 'secret-values': typed, tier: 'rapid' });
    expect(found[0]).toContain(`input secret-values: ${why}; allowed: lines NAME=VALUE`);
    expect(found.join()).not.toContain('hunter2');
  });

  it('that are blank, or only look like properties of an object, are missing', () => {
    const names = 'secrets: [{ name: app, keys: { A: BLANK, B: constructor, C: toString } }]\n';
    expect(faults({ 'secret-values': 'BLANK= ' }, { BLANK: ' \n' }, names)).toEqual([
      expect.stringContaining('variable BLANK: is not set or empty; expected: the value for key A of Secret app'),
      expect.stringContaining('variable constructor: '),
      expect.stringContaining('variable toString: '),
    ]);
  });
});
