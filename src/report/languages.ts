import type { Language } from '../core/config.ts';
import type { Catalogue } from './catalogue.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';

const CATALOGUES: Readonly<Record<Language, Catalogue>> = { en, fr };

/** The words of one language. */
export function catalogueOf(language: Language): Catalogue {
  return CATALOGUES[language];
}
