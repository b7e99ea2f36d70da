import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { printable } from './printable.ts';

/** An answer of the API server, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** The `Status` object that the API server answers with when it refuses. */
export interface Refusal {
  readonly kind?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly code?: number;
  readonly details?: { readonly kind?: string; readonly retryAfterSeconds?: number };
}

/** What a request was for, for messages. */
export interface Purpose {
  /** `get`, `list`, `patch`, ... */
  readonly verb: string;
  /** `deployment/web`, `pods`, ... */
  readonly what: string;
  readonly namespace: string;
}

/** No answer came: nothing is known about whether the server acted. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly kind: 'refused' | 'certificate' | 'timeout' | 'broken' | 'aborted';

  constructor(kind: NoAnswer['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Sorts what the HTTP client throws. */
export function noAnswer(error: unknown): NoAnswer {
  if (error instanceof NoAnswer) return error;
  const { code = '', name = '', message = '' } = error as NodeJS.ErrnoException;
  const cause = (error as Error).cause;
  if (/^(CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|EPROTO)/.test(code)) {
    return new NoAnswer('certificate', `${code}${name === 'Error' ? `: ${printable(message, 200)}` : ''}`);
  }
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' || /^E(HOST|NET)UNREACH$/.test(code)) {
    return new NoAnswer('refused', code);
  }
  if (name === 'AggregateError' || (code === '' && cause !== undefined && cause !== error)) {
    const inner = (error as AggregateError).errors?.[0] ?? cause;
    if (inner !== undefined) return noAnswer(inner);
  }
  if (name === 'TimeoutError' || /TIMEOUT|ETIMEDOUT/.test(code)) return new NoAnswer('timeout', tr`timed out`);
  if (name === 'AbortError') return new NoAnswer('aborted', tr`cancelled`);
  return new NoAnswer('broken', printable(code || message || name, 100));
}

export function refusalOf(answer: Answer): Refusal {
  try {
    const status = JSON.parse(answer.body) as Refusal;
    if (status?.kind === 'Status') return status;
  } catch {
    // A proxy in between answers with a page of its own.
  }
  return { message: answer.body.slice(0, 300) };
}

/** The error for an answer that a retry does not cure. */
export function errorOf(answer: Answer, purpose: Purpose, context: string): RollbackError {
  const refusal = refusalOf(answer);
  const said = printable(refusal.message ?? '', 600);
  const where = tr`${purpose.what} in namespace "${purpose.namespace}"`;
  if (answer.status === 401) return unauthorized(context);
  if (/admission webhook .* does not support dry run/i.test(said)) {
    return new RollbackError(
      'DRY_RUN_UNSUPPORTED',
      tr`A dry run of ${where} is not possible: ${said}`,
      tr`The webhook must declare \`sideEffects: None\`; without a dry run it is unknown whether the change would be admitted.`,
    );
  }
  if (isAdmission(answer.status, said)) {
    return new RollbackError(
      'ADMISSION_DENIED',
      tr`The API server refuses to ${purpose.verb} ${where}: ${said}`,
      tr`See what refuses it: \`kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations,validatingadmissionpolicies\`.`,
    );
  }
  if (answer.status === 403) return forbidden(said, purpose, context);
  if (answer.status === 422) {
    return new RollbackError(
      'ADMISSION_DENIED',
      tr`The API server finds ${where} invalid: ${said}`,
      tr`Compare with what is there: \`${lookAt(purpose)}\`.`,
    );
  }
  return new RollbackError(
    'CLUSTER_ERROR',
    said
      ? tr`Could not ${purpose.verb} ${where}: the API server answered ${answer.status}: ${said}`
      : tr`Could not ${purpose.verb} ${where}: the API server answered ${answer.status}`,
    tr`Look at the API server: \`kubectl --context ${context} get --raw /readyz?verbose\`; then run again.`,
  );
}

/** The command that shows what a request was about; where that is no object and no kind, one that shows whether the server is well. */
export function lookAt({ what, namespace }: Purpose): string {
  return /^[\w.-]+(?:\/[\w.-]+)?$/.test(what)
    ? `kubectl get ${what} -n ${namespace} -o yaml`
    : "kubectl get --raw '/readyz?verbose'";
}

export function unauthorized(context: string): RollbackError {
  return new RollbackError(
    'CLUSTER_UNAUTHORIZED',
    tr`The API server does not accept the credentials of context "${context}": they are wrong or have expired.`,
    tr`Check them: \`kubectl --context ${context} auth whoami\`; for a new token: \`kubectl create token SERVICEACCOUNT --duration=1h\`. Then run again: a run goes on where the last one stopped.`,
  );
}

function isAdmission(status: number, said: string): boolean {
  return (
    /admission webhook|failed calling webhook|ValidatingAdmissionPolicy|exceeded quota|violates PodSecurity/i.test(
      said,
    ) &&
    (status === 403 || status === 400 || status === 422 || status === 500)
  );
}

/** As RBAC words it: `deployments.apps "web" is forbidden: User "ci" cannot patch resource "deployments" in API group "apps" in the namespace "prod"`. */
const RBAC = /User "([^"]*)" cannot (\S+) resource "([^"]*)" in API group "([^"]*)"/;

function forbidden(said: string, purpose: Purpose, context: string): RollbackError {
  const match = RBAC.exec(said);
  if (!match) {
    return new RollbackError(
      'CLUSTER_FORBIDDEN',
      tr`The credentials of context "${context}" may not ${purpose.verb} ${purpose.what} in namespace "${purpose.namespace}": ${said}`,
      tr`List what is allowed: \`kubectl --context ${context} auth can-i --list -n ${purpose.namespace}\`.`,
    );
  }
  const [, user = '', verb = '', resource = '', group = ''] = match;
  if (user === 'system:anonymous') return unauthorized(context);
  const full = group === '' ? resource : `${resource}.${group}`;
  const [plural = '', subresource] = full.split('/');
  const check = subresource === undefined ? full : `${plural} --subresource=${subresource}`;
  return new RollbackError(
    'CLUSTER_FORBIDDEN',
    tr`User "${user}" may not ${verb} ${full} in namespace "${purpose.namespace}" (needed for ${purpose.what}).`,
    tr`Add to a Role of the user: {apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]}; check: \`kubectl auth can-i ${verb} ${check} -n ${purpose.namespace} --as=${user}\`.`,
  );
}

/** The error for a server that did not answer. */
export function unreachable(failure: NoAnswer, server: string, seconds: number, purpose: Purpose): RollbackError {
  if (failure.kind === 'aborted') {
    return new RollbackError(
      'CANCELLED',
      tr`Cancelled while waiting for ${purpose.what}.`,
      tr`Run again: a run goes on where the last one stopped.`,
    );
  }
  if (failure.kind === 'certificate') {
    return new RollbackError(
      'CLUSTER_CERTIFICATE',
      tr`The certificate of ${server} was not accepted (${failure.message}).`,
      tr`The kubeconfig needs the authority of this server (certificate-authority-data): \`kubectl config view --raw --minify --flatten\` on a machine where kubectl reaches it.`,
    );
  }
  return new RollbackError(
    'CLUSTER_UNREACHABLE',
    tr`No answer from ${server} within ${Math.round(seconds)} s (${failure.message}) to: ${purpose.verb} ${purpose.what}.`,
    tr`From this runner: \`curl -sk ${server}/version\`. A private cluster needs a runner inside its network; then run again.`,
  );
}
