import { Document, isMap, isSeq, type YAMLSeq } from 'yaml';
import { degradableRules, requiredRules, roleRules, yamlOf } from './access.ts';
import { refText } from './kubernetes.ts';
import { readRules, referencesOf } from './references.ts';
import { AVAILABLE_TIERS } from './tier.ts';
import { tr } from './tr.ts';
import type { WorkloadGroup } from './workload-groups.ts';

const ACCOUNT = 'tiered-rollback';
const API_GROUP = 'rbac.authorization.k8s.io';

/** The files that make a discovered namespace roll back, ready to paste. The first group is the one that they are for. */
export function discoveryFiles(
  namespace: string,
  groups: readonly WorkloadGroup[],
): readonly { readonly name: string; readonly content: string }[] {
  const [group, ...others] = groups;
  if (!group) return [];
  return [
    { name: '.github/rollback.yml', content: configFile(namespace, group, others) },
    { name: 'rollback-role.yaml', content: roleFile(namespace, group) },
    { name: '.github/workflows/rollback.yml', content: workflowFile(namespace) },
  ];
}

function configFile(namespace: string, group: WorkloadGroup, others: readonly WorkloadGroup[]): string {
  const refs = (one: WorkloadGroup) => one.members.map(({ ref }) => refText(ref));
  const document = new Document({ namespace, workloads: refs(group) });
  document.commentBefore = ` ${tr`What goes back together: ${group.name}, guessed from labels and names. Check the list.`}`;
  const rest = others.map((other) => `\n ${other.name}: [${refs(other).join(', ')}]`);
  document.comment = [
    ` ${tr`What must answer after a rollback: URLs, or service/NAME:PORT/path through the API server.`}`,
    '\n health: [https://app.example.com/health]',
    `\n ${tr`Whom to call when it does not help.`}`,
    '\n contacts: { devops: "", database: "", security: "" }',
    ...(rest.length > 0
      ? [`\n ${tr`Other groups of the namespace, each for a file of its own (input config):`}`, ...rest]
      : []),
  ].join('');
  return document.toString({ lineWidth: 0 });
}

/** Least privilege for this group: what is required first, then what a run is better with, each with its reason. */
function roleFile(namespace: string, group: WorkloadGroup): string {
  const kinds = group.members.map(({ ref }) => ref.kind);
  const required = requiredRules(kinds);
  const templates = group.members.flatMap(({ workload, revisions }) => [
    workload.spec.template,
    ...revisions.map((revision) => revision.template),
  ]);
  const reads = readRules(templates.flatMap(referencesOf));
  const sections = [
    { why: tr`Required: no rollback without these.`, rules: roleRules(required) },
    ...degradableRules({ unblocks: true, checksHealth: true, checksMetrics: true }).map(({ part, rules }) => ({
      why: WHY[part](),
      rules: roleRules(rules),
    })),
    ...(reads.length > 0 ? [{ why: whyReads(), rules: roleRules(reads) }] : []),
  ];
  const metadata = { name: ACCOUNT, namespace };
  const subjects = [{ kind: 'ServiceAccount', name: ACCOUNT, namespace }];
  const role = yamlOf(
    {
      apiVersion: `${API_GROUP}/v1`,
      kind: 'Role',
      metadata,
      rules: sections.flatMap((section) => section.rules),
    },
    (document) => {
      const rules = document.get('rules');
      if (isSeq(rules)) commentSections(rules, sections);
    },
  );
  return [
    yamlOf({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }),
    role,
    yamlOf({
      apiVersion: `${API_GROUP}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: API_GROUP, kind: 'Role', name: ACCOUNT },
      subjects,
    }),
  ].join('---\n');
}

const WHY = {
  lock: () => tr`Better with: one rollback at a time.`,
  ledger: () => tr`Better with: the record of rollbacks, and what may not be chosen again.`,
  events: () => tr`Better with: causes that only events tell.`,
  logs: () => tr`Better with: pod logs as evidence.`,
  unblock: () => tr`Better with: deleting pods that are not ready and block a rollout.`,
  services: () => tr`Better with: why a health check fails although the pods are ready.`,
  metrics: () => tr`Better with: what the pods use, as \`kubectl top pods\` shows it.`,
  quotas: () => tr`Better with: room in the quotas.`,
  autoscalers: () => tr`Better with: naming autoscalers.`,
  'disruption-budgets': () => tr`Better with: naming disruption budgets.`,
} as const;
const whyReads = () =>
  tr`Better with: whether all that the target reads exists (names and keys are looked at, values never).`;

function commentSections(rules: YAMLSeq, sections: readonly { why: string; rules: readonly unknown[] }[]): void {
  let index = 0;
  for (const section of sections) {
    const first = rules.items[index];
    if (isMap(first)) first.commentBefore = ` ${section.why}`;
    index += section.rules.length;
  }
}

/** A value that the workflow runner fills in. */
function expression(of: string): string {
  return `$\{{ ${of} }}`;
}

function workflowFile(namespace: string): string {
  const workflow = {
    name: 'Rollback',
    on: {
      workflow_dispatch: {
        inputs: {
          mode: {
            description: tr`plan changes nothing`,
            type: 'choice',
            options: ['plan', 'rollback'],
            default: 'plan',
          },
          tier: {
            description: tr`How far`,
            type: 'choice',
            options: [...AVAILABLE_TIERS],
            default: AVAILABLE_TIERS[0],
          },
          reason: { description: tr`Shown everywhere`, type: 'string', required: false },
        },
      },
    },
    permissions: { contents: 'read', issues: 'write' },
    // A group of its own: in one with the deployments, the next push could cancel a waiting rollback.
    concurrency: { group: `rollback-${namespace}`, 'cancel-in-progress': false },
    jobs: {
      rollback: {
        'runs-on': 'ubuntu-latest',
        environment: namespace,
        'timeout-minutes': 15,
        steps: [
          { uses: 'actions/checkout@FULL_COMMIT_SHA', with: { 'persist-credentials': false } },
          {
            uses: 'OWNER/tiered-rollback@FULL_COMMIT_SHA',
            with: {
              mode: expression('inputs.mode'),
              tier: expression('inputs.tier'),
              reason: expression('inputs.reason'),
              kubeconfig: expression('secrets.KUBECONFIG'),
            },
          },
        ],
      },
    },
  };
  return yamlOf(workflow, (document) => {
    document.commentBefore = [
      ` ${tr`Replace each FULL_COMMIT_SHA by the commit of a release, and use a runner that reaches the cluster.`}`,
      ` ${tr`KUBECONFIG: a secret of the environment, for the service account of rollback-role.yaml.`}`,
    ].join('\n');
  });
}
