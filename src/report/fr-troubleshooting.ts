import type { TroubleshootingWords } from './troubleshooting-words.ts';

/** Français, du dépannage. */
export const frTroubleshooting: TroubleshootingWords = {
  title: 'Dépannage',
  between: ' ; ',
  cause: 'cause',
  nextStep: 'à faire',
  problems: {
    pods: {
      title: 'Pods ne redémarrent pas',
      advice: "Si aucune cause n'est nommée : vérifier les quotas de ressources.",
    },
    database: {
      title: 'Base de données',
      advice: 'Si un backup est corrompu : en prendre un autre, le plus récent qui soit prouvé complet.',
    },
    secrets: { title: 'Secrets manquants', advice: 'Les restaurer depuis le backup sécurisé.' },
    'service-discovery': {
      title: 'DNS non résolu, ou Service qui ne mène nulle part',
      advice: 'Vérifier la découverte de services : les Services, leurs endpoints et le DNS.',
    },
    other: { title: 'Autres causes', advice: 'Chaque ligne dit quoi faire.' },
  },
};
