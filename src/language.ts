import { sketchConfig } from './config.ts';
import type { Language } from './core/config.ts';
import { speak, type Translations } from './core/tr.ts';
import { readInputs } from './inputs.ts';

/** What each language but English says, loaded for a run that speaks it. */
const TEXTS: Readonly<Record<Exclude<Language, 'en'>, () => Promise<Translations>>> = {
  fr: async () => (await import('./report/texts/fr/index.ts')).TEXTS,
};

/** Lets every text from now on be in the language that inputs or config file ask for, as far as they can be understood. */
export async function speakAsAsked(env: NodeJS.ProcessEnv): Promise<Language> {
  const { options, file } = readInputs(env);
  const { language } = sketchConfig(options, file?.text);
  if (language !== 'en') speak(await TEXTS[language]());
  return language;
}
