import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { sourceTexts } from '../../scripts/texts.ts';
import { speak, tr } from '../../src/core/tr.ts';
import { TEXTS } from '../../src/report/texts/fr/index.ts';

const root = join(import.meta.dirname, '../..');
const { told, tooEarly, untold } = sourceTexts(root);
const keys = new Set(told.map(({ text }) => text));
const holes = (text: string) => [...new Set(text.match(/\{\d+\}/g) ?? [])].sort();

/** Not said to people, or the same in every language. */
const LEFT: readonly string[] = [];

describe('texts of the source', () => {
  it('are found', () => {
    expect(told.length).toBeGreaterThan(500);
  });

  it('each have their French', () => {
    expect(told.filter(({ text }) => !Object.hasOwn(TEXTS, text))).toEqual([]);
  });

  it('are none that the French has and nobody says', () => {
    expect(Object.keys(TEXTS).filter((key) => !keys.has(key))).toEqual([]);
  });

  it('put the same values in, in French', () => {
    for (const [key, text] of Object.entries(TEXTS)) expect([text, holes(text)]).toEqual([text, holes(key)]);
  });

  it('are not made before the language is known', () => {
    expect(tooEarly).toEqual([]);
  });

  it('are all in `tr`', () => {
    expect(untold.filter(({ text }) => !LEFT.includes(text))).toEqual([]);
  });

  it('stand in one file only', async () => {
    const folder = join(root, 'src/report/texts/fr');
    const names = readdirSync(folder).filter((name) => name !== 'index.ts');
    const files = await Promise.all(names.map(async (name) => Object.values(await import(join(folder, name)))));
    const all = files.flat().flatMap((texts) => Object.keys(texts as object));
    expect(all.filter((key, index) => all.indexOf(key) !== index)).toEqual([]);
  });
});

describe('tr', () => {
  const say = (a: string, b: number) => tr`${a} has ${b} of "\n"`;

  it('says the English where no other language was set', () => {
    expect(say('web', 2)).toBe('web has 2 of "\n"');
  });

  it('says it in the language that was set, with the values where that wants them, and nothing in a value is a place', () => {
    speak({ '{0} has {1} of "\n"': '{1} de {0}' });
    try {
      expect(say('{1} $& web', 2)).toBe('2 de {1} $& web');
      expect(tr`not translated ${1}`).toBe('not translated 1');
    } finally {
      speak({});
    }
  });
});
