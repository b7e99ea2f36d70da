import type { Language } from '../core/config.ts';
import { LEASE_SECONDS } from '../core/lease.ts';
import type { Annotation } from './annotations.ts';
import { code, prose } from './neutral.ts';

interface Texts {
  readonly headline: string;
  readonly truth: string;
  readonly next: string;
  /** Before the list of what runs again. */
  readonly back: string;
  /** Before the reason. */
  readonly notBack: string;
  /** Before the list of silences. */
  readonly unsilenced: string;
  /** Before the reason. */
  readonly stillSilenced: string;
}

const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    headline: 'The rollback was killed before it could report',
    truth: 'What is true in the cluster is not known to this run: it may have changed everything, a part, or nothing.',
    next: `Run the same job again. It is safe: it goes on from what the cluster shows. The lock of the killed run expires after ${LEASE_SECONDS} s.`,
    back: 'What it had kept from writing during the swap runs again:',
    notBack:
      'What it had kept from writing during the swap may still be stopped (`kubectl get deployments,statefulsets,cronjobs`); running the job again brings it back. Seen:',
    unsilenced: 'Alerts are no longer silenced; ended:',
    stillSilenced: 'Alerts may still be silenced. Running the job again ends that, and so does time. Seen:',
  },
  fr: {
    headline: 'Le rollback a été tué avant de pouvoir rendre compte',
    truth: 'Cette exécution ne sait pas ce qui est vrai dans le cluster : elle a pu tout changer, une partie, ou rien.',
    next: `Relancez le même job. C'est sans danger : il reprend à partir de ce que montre le cluster. Le verrou de l'exécution tuée expire après ${LEASE_SECONDS} s.`,
    back: "Ce qu'elle avait empêché d'écrire pendant l'échange tourne de nouveau :",
    notBack:
      "Ce qu'elle avait empêché d'écrire pendant l'échange est peut-être encore arrêté (`kubectl get deployments,statefulsets,cronjobs`) ; relancer le job le ramène. Vu :",
    unsilenced: 'Les alertes ne sont plus en silence ; terminé :',
    stillSilenced:
      'Les alertes sont peut-être encore en silence. Relancer le job y met fin, et le silence expire de lui-même. Vu :',
  },
};

/**
 * What `post` says for a run that ended without a report.
 * @param left what became of the writers that it had stopped, where it may have stopped any
 * @param silenced what became of its silences of alerts, where it may have made any
 */
export function renderInterrupted(
  language: Language,
  left?: { readonly back: readonly string[]; readonly failure?: string },
  silenced?: { readonly ended: readonly string[]; readonly failure?: string },
): { readonly summary: string; readonly annotation: Annotation } {
  const { headline, truth, next, back, notBack, unsilenced, stillSilenced } = TEXTS[language];
  const names = (list: readonly string[]) => list.map((name) => code(name)).join(', ');
  const lines = [
    ...(left && left.back.length > 0 ? [`${back} ${names(left.back)}.`] : []),
    ...(left?.failure === undefined ? [] : [`⚠️ ${notBack} ${prose(left.failure)}`]),
    ...(silenced && silenced.ended.length > 0 ? [`${unsilenced} ${names(silenced.ended)}.`] : []),
    ...(silenced?.failure === undefined ? [] : [`⚠️ ${stillSilenced} ${prose(silenced.failure)}`]),
  ];
  return {
    summary: [`## ❔ ${headline}`, truth, ...lines, `**${next}**`].join('\n\n').concat('\n'),
    annotation: { level: 'error', title: headline, message: `${truth} ${next}` },
  };
}
