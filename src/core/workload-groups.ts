import type { Member } from './situation.ts';

/** Workloads that probably go back together. */
export interface WorkloadGroup {
  readonly name: string;
  readonly members: readonly Member[];
}

const GROUP_LABELS = ['app.kubernetes.io/part-of', 'app.kubernetes.io/instance'];

/** Guesses the applications of a namespace: by the recommended labels, else by the first words of the names (`shop-web`, `shop-api`). */
export function groupsOf(members: readonly Member[]): WorkloadGroup[] {
  const labelled = Map.groupBy(members, labelOf);
  const unlabelled = labelled.get(undefined) ?? [];
  const byPrefix = Map.groupBy(unlabelled, ({ ref }) => ref.name.split('-')[0] ?? ref.name);
  const groups = [...labelled].flatMap(([name, group]) => (name === undefined ? [] : [{ name, members: group }]));
  for (const [prefix, group] of byPrefix) {
    if (group.length > 1) groups.push({ name: prefix, members: group });
    else groups.push(...group.map((member) => ({ name: member.ref.name, members: [member] })));
  }
  return groups;
}

function labelOf(member: Member): string | undefined {
  const { labels } = member.workload.metadata;
  return GROUP_LABELS.map((label) => labels?.[label]).find((value) => value !== undefined && value !== '');
}
