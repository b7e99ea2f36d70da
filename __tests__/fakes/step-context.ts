import { systemClock } from '../../src/adapters/clock.ts';
import type { Config } from '../../src/core/config.ts';
import { refText } from '../../src/core/kubernetes.ts';
import type { RollbackRecord } from '../../src/core/ledger.ts';
import type { Said } from '../../src/core/said.ts';
import type { Situation } from '../../src/core/situation.ts';
import { readSituation } from '../../src/engine/situation.ts';
import type { ClusterReader, ClusterWriter } from '../../src/ports/cluster.ts';
import type { WriteContext } from '../../src/ports/context.ts';
import type { ManifestReader } from '../../src/ports/manifests.ts';

export interface StepContextOptions {
  readonly config: Config;
  readonly cluster: { readonly reader: ClusterReader; readonly writer: ClusterWriter };
  /** Named variables of the runner. */
  readonly values?: Readonly<Record<string, string>>;
  readonly run?: string;
  readonly manifests?: ManifestReader;
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
  /** What the situation is to say, whatever the cluster shows. */
  readonly situation?: Partial<Situation>;
}

/** A context as the engine gives it to one step, with what the step told and recorded: for tests of a step by itself. */
export interface StepScene {
  readonly ctx: WriteContext;
  readonly notes: Said[];
  /** The run's record in the ledger, as the step left it. */
  record(): RollbackRecord;
  /** Pretends that another step wrote it. */
  wrote(name: string): void;
  close(): void;
}

export async function stepContext(options: StepContextOptions): Promise<StepScene> {
  const { config, cluster, values = {}, run = 'run-1', deadlineMs = 60_000 } = options;
  const signal = options.signal ?? new AbortController().signal;
  const read = await readSituation({ config, cluster: cluster.reader, clock: systemClock, signal });
  const situation = { ...read.situation, ...options.situation };
  const notes: Said[] = [];
  const written = new Map<string, { at: number; generation: number | undefined }>();
  const inherited = situation.incident?.secrets;
  let record: RollbackRecord = {
    run,
    url: '',
    actor: 'ada',
    reason: '',
    at: new Date().toISOString(),
    members: [],
    ...(inherited ? { secrets: inherited } : {}),
  };
  const wrote: WriteContext['wrote'] = (ref, generation) => {
    written.set(refText(ref), { at: written.get(refText(ref))?.at ?? Date.now(), generation });
  };
  const ctx: Partial<WriteContext> = {
    config,
    run: { id: run, url: '', actor: 'ada', repository: '', commit: '', workflow: '', reason: '' },
    situation,
    view: read.view,
    cluster: cluster.reader,
    ...(options.manifests ? { manifests: options.manifests } : {}),
    values: { get: (variable) => values[variable] || undefined },
    clock: systemClock,
    log: { phase: () => {}, info: () => {}, warn: () => {}, debug: () => {} },
    signal,
    deadline: Date.now() + deadlineMs,
    irreversibleUntil: Date.now() + deadlineMs,
    note: (note) => notes.push(note),
    outcomeOf: () => undefined,
    writtenAt: (ref) => written.get(refText(ref))?.at,
    writtenGeneration: (ref) => written.get(refText(ref))?.generation,
    wrote,
    record: async (change) => {
      record = change(record);
    },
    write: { cluster: cluster.writer } as WriteContext['write'],
  };
  return {
    ctx: ctx as WriteContext,
    notes,
    record: () => record,
    wrote: (name) => wrote({ kind: 'Deployment', name }),
    close: () => read.view.close(),
  };
}
