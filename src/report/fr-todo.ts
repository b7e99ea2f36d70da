import type { TodoWords } from './todo-words.ts';

export const frTodo: TodoWords = {
  column: 'Reste à faire',
  unproven: {
    'services-restarted': (namespace) => `Regarder les pods : kubectl get pods -n ${namespace}`,
    'database-restored': () => 'Vérifier les données à la main',
    'health-checks-pass': () => "Ouvrir l'application et l'essayer, puis ajouter des tests de santé à la configuration",
    'monitoring-works': (namespace) =>
      `Regarder à la main : kubectl top pods -n ${namespace}; kubectl get events -n ${namespace} --sort-by=.lastTimestamp`,
    'alerts-off': () => "Regarder à la main les alertes de l'application",
    'team-notified': () => "Prévenir l'équipe",
    'documentation-updated': () => 'Consigner le rollback (ce rapport contient tout)',
    'post-mortem-planned': () => 'Planifier le post-mortem',
  },
  kept: (database) => `Quand plus personne n'en a besoin, supprimer ${database}`,
  postMortem: (day) => (day === '' ? 'Le compléter et le tenir' : `Le compléter et le tenir avant le ${day}`),
};
