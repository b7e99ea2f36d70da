import type { ContainerStatus, Pod } from './pod.ts';

interface Line {
  /** RFC 3339 with nanoseconds, as the container runtime writes it. */
  readonly at: string;
  readonly text: string;
}

export interface LogQuery {
  readonly previous: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  readonly sinceTime?: string;
  readonly limitBytes?: number;
  readonly timestamps: boolean;
}

/** The kubelet's refusal: the API server passes it on as 400. */
export class LogRefused extends Error {
  override readonly name = 'LogRefused';
}

/** What containers printed, by container id. */
export class LogStore {
  readonly #lines = new Map<string, Line[]>();

  write(containerID: string, text: string): void {
    const lines = this.#lines.get(containerID) ?? [];
    this.#lines.set(containerID, lines);
    for (const line of text.split('\n')) lines.push({ at: nanoseconds(new Date()), text: line });
  }

  /** The answer to a log request. Throws {@link LogRefused} with the kubelet's own words. */
  read(pod: Pod, container: string, query: LogQuery): string {
    const status = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])].find(
      ({ name }) => name === container,
    );
    if (!status) throw new LogRefused(`container "${container}" in pod "${pod.metadata.name}" is not available`);
    const id = query.previous ? previousId(pod, status) : currentId(pod, status);
    if (id === undefined) return '';
    // A pod with a fate prints what its script says, and nothing where it never runs.
    const hasFate = pod.metadata.annotations?.['testbed/fate'] !== undefined;
    return render(this.#lines.get(id) ?? (hasFate ? [] : spoken(pod, status)), query);
  }
}

/** The kubelet's words for a container that has printed nothing yet; other reasons stand for themselves. */
const WAITING: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
};

function currentId(pod: Pod, { name, state, lastState, containerID }: ContainerStatus): string | undefined {
  if (!state.waiting) return containerID;
  if (lastState?.terminated) return lastState.terminated.containerID;
  const { reason } = state.waiting;
  throw new LogRefused(
    `container "${name}" in pod "${pod.metadata.name}" is waiting to start: ${WAITING[reason] ?? reason}`,
  );
}

/**
 * A kubelet keeps one dead container. Once a later one has died too, the log of the one before is answered,
 * with success, by this sentence (seen on a real node).
 */
function previousId(pod: Pod, { name, state, lastState, restartCount }: ContainerStatus): string | undefined {
  const id = lastState?.terminated?.containerID;
  if (!id) throw new LogRefused(`previous terminated container "${name}" in pod "${pod.metadata.name}" not found`);
  if (state.terminated && restartCount >= 2) throw new LogGone(`unable to retrieve container logs for ${id}`);
  return id;
}

/** Not an error for the caller: it is the text of the answer. */
export class LogGone extends Error {
  override readonly name = 'LogGone';
}

/** A healthy pod's log: what its template says it prints (`testbed/log`), else two lines of any server. */
function spoken(pod: Pod, { image, state }: ContainerStatus): Line[] {
  const started = state.running?.startedAt ?? state.terminated?.startedAt ?? pod.status.startTime ?? timestampZero;
  const at = nanoseconds(new Date(started));
  const text = pod.metadata.annotations?.['testbed/log'] ?? `app ${tagOf(image)} starting\nlistening on :8080`;
  return text.split('\n').map((line) => ({ at, text: line }));
}

const timestampZero = '1970-01-01T00:00:00Z';

export const tagOf = (image: string) => /:([^:/@]+)(@|$)/.exec(image)?.[1] ?? 'latest';

function render(lines: readonly Line[], query: LogQuery): string {
  const since = query.sinceTime
    ? Date.parse(query.sinceTime)
    : query.sinceSeconds === undefined
      ? undefined
      : Date.now() - query.sinceSeconds * 1000;
  const recent = since === undefined ? lines : lines.filter(({ at }) => Date.parse(at) >= since);
  const tail = query.tailLines === undefined ? recent : query.tailLines === 0 ? [] : recent.slice(-query.tailLines);
  const text = tail.map(({ at, text }) => `${query.timestamps ? `${at} ` : ''}${text}\n`).join('');
  return query.limitBytes === undefined ? text : Buffer.from(text).subarray(0, query.limitBytes).toString();
}

const nanoseconds = (date: Date) => date.toISOString().replace('Z', '000000Z');
