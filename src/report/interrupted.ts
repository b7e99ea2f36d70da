import type { Language } from '../core/config.ts';
import { LEASE_SECONDS } from '../core/lease.ts';
import type { Annotation } from './annotations.ts';

interface Texts {
  readonly headline: string;
  readonly truth: string;
  readonly next: string;
}

const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    headline: 'The rollback was killed before it could report',
    truth: 'What is true in the cluster is not known to this run: it may have changed everything, a part, or nothing.',
    next: `Run the same job again. It is safe: it goes on from what the cluster shows. The lock of the killed run expires after ${LEASE_SECONDS} s.`,
  },
  fr: {
    headline: 'Le rollback a été tué avant de pouvoir rendre compte',
    truth: 'Cette exécution ne sait pas ce qui est vrai dans le cluster : elle a pu tout changer, une partie, ou rien.',
    next: `Relancez le même job. C'est sans danger : il reprend à partir de ce que montre le cluster. Le verrou de l'exécution tuée expire après ${LEASE_SECONDS} s.`,
  },
};

/** What `post` says for a run that ended without a report. */
export function renderInterrupted(language: Language): { readonly summary: string; readonly annotation: Annotation } {
  const { headline, truth, next } = TEXTS[language];
  return {
    summary: `## ❔ ${headline}\n\n${truth}\n\n**${next}**\n`,
    annotation: { level: 'error', title: headline, message: `${truth} ${next}` },
  };
}
