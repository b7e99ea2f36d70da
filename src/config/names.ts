import { WORKLOAD_KINDS, type WorkloadKind, type WorkloadRef } from '../core/kubernetes.ts';
import { tr } from '../core/tr.ts';

/** Letters that Kubernetes calls a DNS-1123 label; it may begin with a digit. */
export const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** A DNS-1123 subdomain: labels with dots between, 253 characters at most. */
export const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
export const labelRule = () => tr`lower-case letters, digits and "-", beginning and ending with a letter or digit`;
export const nameRule = () => tr`lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit`;

const SHORT: ReadonlyMap<string, WorkloadKind> = new Map([
  ['deploy', 'Deployment'],
  ['sts', 'StatefulSet'],
  ['ds', 'DaemonSet'],
]);

/** Reads `deployment`, `deploy`, `Deployments`, `deployment.apps` as kubectl does. */
export function parseKind(text: string): WorkloadKind | undefined {
  const word = text.toLowerCase().replace(/\.apps$/, '');
  return (
    SHORT.get(word) ?? WORKLOAD_KINDS.find((kind) => word === kind.toLowerCase() || word === `${kind.toLowerCase()}s`)
  );
}

/** Reads `kind/name`; a string is the reason why it cannot be read. */
export function parseWorkload(text: string): WorkloadRef | string {
  const [kindText = '', name, ...rest] = text.split('/');
  if (name === undefined) return tr`kind/name, for example deployment/web`;
  const kind = parseKind(kindText);
  if (!kind) return tr`kind/name with the kind deployment, statefulset or daemonset (deploy, sts, ds)`;
  if (rest.length > 0 || !SUBDOMAIN.test(name)) return tr`kind/name with the name in ${nameRule()}`;
  return { kind, name };
}

const KEY = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/;

/** Whether the API server takes this text as a label selector. */
export function isSelector(text: string): boolean {
  const requirements = text.split(/,(?![^(]*\))/).map((part) => part.trim());
  return requirements.every((part) => {
    const set = /^(\S+)\s+(?:in|notin)\s*\(([^()]*)\)$/.exec(part);
    if (set) return KEY.test(set[1] ?? '') && (set[2] ?? '').split(',').every((value) => VALUE.test(value.trim()));
    const equal = /^([^=!\s]+)\s*(?:==|=|!=)\s*([^=!\s]*)$/.exec(part);
    if (equal) return KEY.test(equal[1] ?? '') && VALUE.test(equal[2] ?? '');
    return KEY.test(part.replace(/^!\s*/, ''));
  });
}

const DOMAIN = /^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const PATH_PART = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;

/** Whether this is an image reference by the grammar of the container registries (distribution/reference). */
export function isImage(text: string): boolean {
  const match =
    /^(?<name>[^@\s]+?)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>[A-Za-z][\w.+-]*:[0-9a-fA-F]{32,}))?$/.exec(text);
  const parts = match?.groups?.['name']?.split('/') ?? [''];
  const [first = '', ...others] = parts;
  const path = others.length > 0 && DOMAIN.test(first) && /[.:]|^localhost$/.test(first) ? others : parts;
  return path.every((part) => PATH_PART.test(part));
}
