import { describe, expect, it } from '@jest/globals';
import { CAUSE_VALUES, CAUSES, type Cause } from '../../../src/core/finding.ts';
import { SAID_KEYS } from '../../../src/core/said.ts';
import { PREFLIGHT_CHECKS } from '../../../src/preflight/index.ts';
import { DESCRIBED_CHECKS, DESCRIBED_STEPS } from '../../../src/report/catalogue.ts';
import { en } from '../../../src/report/en.ts';
import { fr } from '../../../src/report/fr.ts';
import { catalogueOf } from '../../../src/report/languages.ts';
import { STEPS } from '../../../src/steps/index.ts';

const placeholders = (template: string) => [...new Set([...template.matchAll(/\{(\w+)\}/g)].map((m) => m[1]))].sort();

/** What a cause is about that lies before the pods. */
const ROUTE_SUBJECTS: Partial<Record<Cause, string>> = {
  'service-missing': 'service',
  'service-selector-mismatch': 'service',
  'service-port-mismatch': 'from',
  'service-without-endpoints': 'service',
  'name-not-resolved': 'host',
};

/** All texts of a catalogue, with the path to each. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => texts(item, `${path}/${name}`));
}

describe('catalogues', () => {
  it('are found by language', () => {
    expect(catalogueOf('en')).toBe(en);
    expect(catalogueOf('fr')).toBe(fr);
  });

  it('have the same texts, none empty, with balanced brackets', () => {
    expect(
      texts(fr)
        .map(([path]) => path)
        .sort(),
    ).toEqual(
      texts(en)
        .map(([path]) => path)
        .sort(),
    );
    for (const [path, text] of [...texts(en), ...texts(fr)]) {
      expect(`${path}: ${text.trim()}`).not.toBe(`${path}: `);
      expect(`${path} ${(text.match(/\[/g) ?? []).length}`).toBe(`${path} ${(text.match(/\]/g) ?? []).length}`);
    }
  });

  it.each(SAID_KEYS)('say %s with the same values', (key) => {
    expect(placeholders(fr.said[key])).toEqual(placeholders(en.said[key]));
  });

  it.each(CAUSES)('name cause %s by values that its findings carry', (cause) => {
    const known = ['workload', 'pod', 'container', ...CAUSE_VALUES[cause]];
    for (const catalogue of [en, fr]) {
      const used = placeholders(catalogue.causes[cause].sentence);
      expect(known).toEqual(expect.arrayContaining(used));
      // On the way to the pods there may be no workload yet.
      expect(used).toEqual(expect.arrayContaining([ROUTE_SUBJECTS[cause] ?? 'workload']));
      // Pod and container may be absent: only inside of brackets.
      const bare = catalogue.causes[cause].sentence.replace(/\[[^\]]*\]/g, '');
      expect(placeholders(bare)).not.toEqual(expect.arrayContaining(['pod']));
      expect(placeholders(bare)).not.toEqual(expect.arrayContaining(['container']));
    }
    expect(placeholders(fr.causes[cause].sentence)).toEqual(placeholders(en.causes[cause].sentence));
  });

  it('describe every registered step and preflight check', () => {
    expect(DESCRIBED_STEPS).toEqual(expect.arrayContaining(STEPS.map((step) => step.meta.id)));
    expect(DESCRIBED_CHECKS).toEqual(expect.arrayContaining(PREFLIGHT_CHECKS.map((check) => check.id)));
  });

  it('use the words of the checklist in French', () => {
    expect(Object.values(fr.validation)).toEqual([
      'Services redémarrés avec succès',
      'Base de données restaurée',
      'Tests de santé passent',
      'Monitoring fonctionne',
      'Alertes désactivées',
      'Équipe notifiée',
      'Documentation mise à jour',
      'Post-mortem planifié',
    ]);
  });
});
