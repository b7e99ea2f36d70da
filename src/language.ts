import { sketchConfig } from './config.ts';
import type { Language } from './core/config.ts';
import { speak, type Translations } from './core/tr.ts';
import { readInputs } from './inputs.ts';

/** What each language but English says, loaded for a run that speaks it. */
const TEXTS: Readonly<Record<Exclude<Language, 'en'>, () => Promise<Translations>>> = {
  fr: async () => (await import('./report/texts/fr/index.ts')).TEXTS,
};

/** Lets every text from now on be in this language. */
export async function speakIn(language: Language): Promise<void> {
  if (language !== 'en') speak(await TEXTS[language]());
}

/** Lets every text from now on be in the language that inputs or config file ask for, as far as they can be understood. */
export function speakAsAsked(env: NodeJS.ProcessEnv): Promise<void> {
  const { options, file } = readInputs(env);
  return speakIn(sketchConfig(options, file?.text).language);
}
