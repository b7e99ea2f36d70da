import type { TodoWords } from './todo-words.ts';

export const enTodo: TodoWords = {
  column: 'Still to do',
  unproven: {
    'services-restarted': (namespace) => `Look at the pods: kubectl get pods -n ${namespace}`,
    'database-restored': () => 'Check the data yourself',
    'health-checks-pass': () => 'Open the application and try it, then add health checks to the config file',
    'monitoring-works': (namespace) =>
      `Look yourself: kubectl top pods -n ${namespace}; kubectl get events -n ${namespace} --sort-by=.lastTimestamp`,
    'alerts-off': () => 'Look at the alerts of the application yourself',
    'team-notified': () => 'Tell the team yourself',
    'documentation-updated': () => 'Write the rollback down (this report has all of it)',
    'post-mortem-planned': () => 'Plan the post-mortem',
  },
  kept: (database) => `Once nobody needs it any more, drop ${database}`,
  postMortem: (day) => (day === '' ? 'Fill it in and hold it' : `Fill it in and hold it by ${day}`),
};
