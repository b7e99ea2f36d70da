import type { Cause, CauseValue, Finding, Patient } from '../../core/finding.ts';
import { perContainer, type Seen, waitingFor } from './containers.ts';
import { containerEvents, eventsAbout, eventText } from './events.ts';
import { kubectl } from './kubectl.ts';
import { named } from './named.ts';

type PullCause = Extract<Cause, 'image-not-found' | 'image-pull-denied' | 'registry-unreachable' | 'image-pull-failed'>;

const WAITS = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'RegistryUnavailable', 'ImageInspectError'];

/**
 * First match decides. The network comes first: a token that could not be fetched says "failed to authorize" as well.
 * Docker Hub answers "pull access denied, repository does not exist or may require authorization" for both, hence denied.
 */
const TEXTS: readonly (readonly [PullCause, RegExp])[] = [
  [
    'registry-unreachable',
    /dial tcp|no such host|i\/o timeout|connection (?:refused|reset)|TLS handshake|x509|http: server gave HTTP response|deadline exceeded|network is unreachable|no route to host|server misbehaving|\bEOF\b|\b50[0234]\b|RegistryUnavailable/i,
  ],
  [
    'image-pull-denied',
    /denied|\b40[13]\b|\b429\b|unauthori[sz]ed|authentication required|no basic auth|insufficient_scope|authorization failed|forbidden|toomanyrequests|rate limit/i,
  ],
  [
    'image-not-found',
    /not ?found|\b404\b|manifest unknown|name unknown|does not exist|pull policy of Never|no match for platform|no matching manifest/i,
  ],
];

/** Too many pulls at once on the node: the kubelet pulls again by itself. */
const TRANSIENT = /pull QPS exceeded/i;

/** Why an image is not pulled, from the runtime's text without names (an image may be called "denied"). */
export function pullCause(text: string, image: string): PullCause {
  const words = (image === '' ? text : text.replaceAll(image, ' ')).replaceAll(/\bhttps?:\/\/[^\s"']+/g, ' ');
  return TEXTS.find(([, pattern]) => pattern.test(words))?.[0] ?? 'image-pull-failed';
}

/** Registry host of an image reference: the first part if it looks like a host, else Docker Hub's. */
export function registryOf(image: string): string {
  const first = image.includes('/') ? (image.split('/')[0] ?? '') : '';
  return /[.:]/.test(first) || first === 'localhost' ? first : 'docker.io';
}

/** Findings of one pull cause. Never fatal: a registry comes back, and a missing image can still be pushed. */
export function pullFindings<C extends PullCause>(
  patient: Patient,
  cause: C,
  valuesOf: (image: string) => Readonly<Record<CauseValue<C>, string>>,
): Finding[] {
  return perContainer(patient, (seen) => {
    const text = pullText(patient, seen);
    const image = seen.spec.image ?? '';
    if (text === undefined || TRANSIENT.test(text) || pullCause(text, image) !== cause) return undefined;
    const { pod, spec } = seen;
    const secrets = eventsAbout(patient, pod, 'FailedToRetrieveImagePullSecret');
    return named(patient, cause, {
      values: valuesOf(image),
      evidence: [text, ...secrets.map(eventText)],
      command: kubectl(patient, 'describe', 'pod', pod.metadata.name),
      pod: pod.metadata.name,
      container: spec.name,
    });
  });
}

/** What the runtime said: in the state, or (older kubelets back off without the reason) in the newest event. */
function pullText(patient: Patient, seen: Seen): string | undefined {
  const message = waitingFor(seen, ...WAITS);
  if (message === undefined) return undefined;
  if (pullCause(message, seen.spec.image ?? '') !== 'image-pull-failed') return message;
  const failed = containerEvents(patient, seen.pod, seen.spec.name, 'Failed').find((event) =>
    event.message?.startsWith('Failed to pull image'),
  );
  return failed?.message ?? message;
}
