import { RollbackError } from '../../core/errors.ts';
import type { AccessRule } from '../../ports/cluster.ts';
import type { ObjectClient } from './object-client.ts';

type Answer = 'allowed' | 'denied' | 'unknown';

/** One entry of `status.resourceRules` of a SelfSubjectRulesReview. */
export interface GrantedRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

const REVIEWS = '/apis/authorization.k8s.io/v1';

/**
 * One answer per rule, in order. One request lists what is granted, and what it names needs no question of its own; the rest is asked
 * rule by rule, as that list may be incomplete (authorisers that only answer yes or no, such as webhooks).
 */
export async function reviewRules(client: ObjectClient, rules: readonly AccessRule[]): Promise<readonly Answer[]> {
  const granted = await grantedRules(client);
  // The same question is asked once, however many ask it.
  const asked = new Map<string, Promise<Answer>>();
  return Promise.all(
    rules.map((rule) => {
      if (grants(granted, rule)) return 'allowed';
      const key = JSON.stringify([rule.verb, rule.group, rule.resource, rule.name]);
      const answer = asked.get(key) ?? reviewOne(client, rule);
      asked.set(key, answer);
      return answer;
    }),
  );
}

/** Whether one of these rules grants the request (rbac/v1 VerbMatches, APIGroupMatches, ResourceMatches, ResourceNameMatches). */
export function grants(granted: readonly GrantedRule[], rule: AccessRule): boolean {
  const [, subresource] = rule.resource.split('/');
  const has = (list: readonly string[] | undefined, ...wanted: readonly string[]) =>
    (list ?? []).some((one) => one === '*' || wanted.includes(one));
  return granted.some(
    ({ verbs, apiGroups, resources, resourceNames = [] }) =>
      has(verbs, rule.verb) &&
      has(apiGroups, rule.group) &&
      has(resources, rule.resource, ...(subresource === undefined ? [] : [`*/${subresource}`])) &&
      (resourceNames.length === 0 || (rule.name !== undefined && resourceNames.includes(rule.name))),
  );
}

/** Nothing where the list is not to be had: then every rule is asked about. */
async function grantedRules(client: ObjectClient): Promise<readonly GrantedRule[]> {
  try {
    const review = await client.json<{ status?: { resourceRules?: readonly GrantedRule[] } }>({
      method: 'POST',
      path: `${REVIEWS}/selfsubjectrulesreviews`,
      what: 'selfsubjectrulesreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectRulesReview',
        spec: { namespace: client.namespace },
      },
    });
    return review.status?.resourceRules ?? [];
  } catch (error) {
    if (isAnswered(error)) return [];
    throw error;
  }
}

async function reviewOne(client: ObjectClient, rule: AccessRule): Promise<Answer> {
  const [resource = '', subresource] = rule.resource.split('/');
  try {
    const review = await client.json<{ status?: { allowed?: boolean; evaluationError?: string } }>({
      method: 'POST',
      path: `${REVIEWS}/selfsubjectaccessreviews`,
      what: 'selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: {
          resourceAttributes: {
            namespace: client.namespace,
            verb: rule.verb,
            group: rule.group,
            resource,
            ...(subresource === undefined ? {} : { subresource }),
            ...(rule.name === undefined ? {} : { name: rule.name }),
          },
        },
      },
    });
    if (review.status?.allowed) return 'allowed';
    return review.status?.evaluationError ? 'unknown' : 'denied';
  } catch (error) {
    if (isAnswered(error)) return 'unknown';
    throw error;
  }
}

/** The server answered, only not with a review; anything else (no answer, no credentials) ends the run as it would anywhere. */
function isAnswered(error: unknown): boolean {
  return error instanceof RollbackError && (error.code === 'CLUSTER_FORBIDDEN' || error.code === 'CLUSTER_ERROR');
}
