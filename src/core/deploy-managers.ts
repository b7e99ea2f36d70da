import type { ManagedFieldsEntry } from './kubernetes.ts';

/**
 * Field managers of tools with which people deploy: what they set is what a rollback takes back. All others are controllers, or nobody
 * knows who: their fields are not taken.
 */
const DEPLOY_MANAGERS =
  /^(kubectl(-[a-z-]+)?|helm|Helm|before-first-apply|terraform|Terraform|HashiCorp|OpenTofu|pulumi-kubernetes(-.*)?|kapp(-.*)?|skaffold|kustomize|ansible|OpenAPI-Generator|node-fetch|tiered-rollback|werf|kluctl|timoni|krane)$/;

/** They compare by themselves, and put their own version back at once. */
const GITOPS_MANAGERS =
  /^(argocd(-.*)?|kustomize-controller|helm-controller|flux(-.*)?|configsync\.gke\.io.*|fleet(-?agent)?)$/;

export type ManagerKind = 'deployer' | 'gitops' | 'other';

export function managerKind(manager: string): ManagerKind {
  if (DEPLOY_MANAGERS.test(manager)) return 'deployer';
  return GITOPS_MANAGERS.test(manager) ? 'gitops' : 'other';
}

export const CLIENT_SIDE_APPLY = 'kubectl-client-side-apply';

/** Its Update entries become what the applier applied: kubectl moves its own in the same way (csaupgrade), and so does Helm. */
export function foldedInto(applier: string): readonly string[] {
  if (applier === 'kubectl') return [CLIENT_SIDE_APPLY, 'before-first-apply'];
  return [applier];
}

/**
 * Under whose name a manifest is applied: the name that the next deploy of the same people has. So nothing of ours stays on the object.
 * @param isHelm the object carries the marks of a Helm release, and is not there yet
 */
export function applierOf(entries: readonly ManagedFieldsEntry[], isHelm = false): string {
  const deployers = entries
    .filter(
      ({ manager = '', subresource }) =>
        !subresource && managerKind(manager) !== 'other' && manager !== 'tiered-rollback',
    )
    .map((entry) => ({ entry, size: JSON.stringify(entry.fieldsV1 ?? {}).length }))
    .sort((a, b) => rank(b.entry) - rank(a.entry) || b.size - a.size);
  const manager = deployers[0]?.entry.manager;
  if (manager === undefined) return isHelm ? 'helm' : 'kubectl';
  return /^kubectl-|^before-first-apply$/.test(manager) ? 'kubectl' : manager;
}

/** Who applies decides; then who keeps all fields by client-side apply; a hand that edited once comes last. */
function rank({ operation, manager = '' }: ManagedFieldsEntry): number {
  if (operation === 'Apply') return 3;
  if (manager === CLIENT_SIDE_APPLY) return 2;
  return /^kubectl-(edit|patch|set|label|annotate|rollout|scale)$/.test(manager) ? 0 : 1;
}
