import { type ReferencedKind, referencesOf } from '../core/references.ts';
import type { UndoMember } from '../core/undo.ts';

const RESOURCE_OF: Readonly<Record<ReferencedKind, string>> = {
  Secret: 'secrets',
  ConfigMap: 'configmaps',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  ServiceAccount: 'serviceaccounts',
};

/** The resources that must be readable for the references of these targets to be looked up: only those that are used. */
export function readsOf(members: readonly UndoMember[]): string[] {
  const kinds = members.flatMap((member) => referencesOf(member.template).map(({ kind }) => RESOURCE_OF[kind]));
  return [...new Set(kinds)];
}
