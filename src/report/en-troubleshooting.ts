import type { TroubleshootingWords } from './troubleshooting-words.ts';

/** English, of the troubleshooting. */
export const enTroubleshooting: TroubleshootingWords = {
  title: 'Troubleshooting',
  between: '; ',
  cause: 'cause',
  nextStep: 'next step',
  problems: {
    pods: { title: 'Pods do not restart', advice: 'Where no cause is named, look at the resource quotas.' },
    database: {
      title: 'Database',
      advice: 'Where a backup is corrupt, take another one: the newest that is proven whole.',
    },
    secrets: { title: 'Secrets are missing', advice: 'Restore them from the secure backup.' },
    'service-discovery': {
      title: 'DNS does not resolve, or a Service leads nowhere',
      advice: 'Look at service discovery: Services, their endpoints, and DNS.',
    },
    other: { title: 'Everything else', advice: 'Each line says what to do.' },
  },
};
