import { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';

/** Events that somebody without write access to the repository can cause, whatever their payload says. */
const OPEN_EVENTS: readonly string[] = [
  'pull_request_target',
  'issue_comment',
  'issues',
  'discussion',
  'discussion_comment',
  'commit_comment',
  'pull_request_comment',
  'fork',
  'watch',
  'gollum',
];
/** Events about a pull request: trusted when its branch lies in this repository, which needs write access. */
const PULL_REQUEST_EVENTS: readonly string[] = ['pull_request', 'pull_request_review', 'pull_request_review_comment'];

interface Repository {
  readonly full_name?: string;
}
/** The few fields of the webhook payload that are looked at. */
export interface EventPayload {
  readonly repository?: Repository;
  readonly pull_request?: {
    readonly head?: { readonly repo?: Repository | null };
    readonly base?: { readonly repo?: Repository | null };
  };
  readonly workflow_run?: { readonly event?: string; readonly head_repository?: Repository | null };
}

/** Whether deciding about this event needs its payload. */
export function needsPayload(event: string): boolean {
  return event === 'workflow_run' || PULL_REQUEST_EVENTS.includes(event);
}

/**
 * Says why outsiders can cause this event; undefined when they cannot. What cannot be proven counts as untrusted.
 * A `workflow_run` is as trusted as the run that it follows (GitHub's "preventing pwn requests").
 */
export function distrust(event: string, payload: EventPayload | undefined): RollbackError | undefined {
  const why = reason(event, payload);
  if (why === undefined) return undefined;
  return new RollbackError(
    'EVENT_UNTRUSTED',
    tr`event ${event}: ${why}; expected: an event that only people with write access can cause`,
    tr`Start the rollback by workflow_dispatch (gh workflow run WORKFLOW), or set \`allow-untrusted-events: true\` if whoever causes this event may roll production back.`,
  );
}

function reason(event: string, payload: EventPayload | undefined): string | undefined {
  if (OPEN_EVENTS.includes(event)) return tr`anybody can cause it`;
  if (!needsPayload(event)) return undefined;
  if (payload === undefined) return tr`its payload (GITHUB_EVENT_PATH) is not readable, so nothing shows who caused it`;
  if (event !== 'workflow_run') {
    const { head, base } = payload.pull_request ?? {};
    return sameRepository(head?.repo, base?.repo) ? undefined : tr`the pull request comes from a fork`;
  }
  const run = payload.workflow_run;
  if (!sameRepository(run?.head_repository, payload.repository))
    return tr`the workflow run that it follows ran for a fork`;
  return OPEN_EVENTS.includes(run?.event ?? '')
    ? tr`the workflow run that it follows was started by ${run?.event ?? ''}, which anybody can cause`
    : undefined;
}

function sameRepository(one: Repository | null | undefined, other: Repository | null | undefined): boolean {
  return one?.full_name !== undefined && one.full_name === other?.full_name;
}

/**
 * Whether nobody asked for this very run: a push, a schedule, a deploy that failed. Outside of GitHub a person runs it. A reusable workflow
 * has the event of its caller.
 */
export function isAutomatic(event: string, onGithub: boolean): boolean {
  return onGithub && event !== '' && event !== 'workflow_dispatch';
}
