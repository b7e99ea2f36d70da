import { journalName } from '../core/access.ts';
import type { RunIdentity } from '../core/run.ts';
import type { Plan } from '../core/step.ts';
import { withoutTemplates } from '../core/undo.ts';
import type { ClusterReader, ClusterWriter } from '../ports/cluster.ts';
import type { Log } from '../ports/log.ts';

const LABELS = { 'app.kubernetes.io/managed-by': 'tiered-rollback' };
/** A ConfigMap holds 1 MiB; the rest is room for the metadata. */
const MAX_BYTES = 900_000;

/** What a run set out to do, what it replaced, and how it ended. */
interface JournalContent {
  readonly apiVersion: 'tiered-rollback/v1';
  readonly run: RunIdentity;
  readonly plan: Plan;
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly outcome?: string;
}

/**
 * The journal of one run. A fixed ring of ConfigMaps holds the last ones: nothing has to be collected, and a Role can name
 * them all instead of granting every ConfigMap of the namespace.
 */
export class Journal {
  readonly #writer: ClusterWriter;
  readonly #reader: ClusterReader;
  readonly #log: Log;
  readonly #content: JournalContent;
  readonly #name: string;
  #resourceVersion: string | undefined;

  /** @param sequence which journal this is since the ledger began. */
  constructor(
    parts: { readonly reader: ClusterReader; readonly writer: ClusterWriter; readonly log: Log },
    run: RunIdentity,
    plan: Plan,
    startedAt: string,
    sequence: number,
  ) {
    this.#name = journalName(sequence);
    this.#reader = parts.reader;
    this.#writer = parts.writer;
    this.#log = parts.log;
    this.#content = { apiVersion: 'tiered-rollback/v1', run, plan, startedAt };
  }

  /** Before the first change: what is about to be done. */
  async open(): Promise<void> {
    const name = this.#name;
    const found = await this.#reader.get('ConfigMap', name);
    const object = { metadata: { name, labels: LABELS }, data: dataOf(this.#content) };
    const written = found
      ? await this.#writer.replace('ConfigMap', {
          ...object,
          metadata: { ...object.metadata, resourceVersion: found.metadata.resourceVersion },
        })
      : await this.#writer.create('ConfigMap', object);
    this.#resourceVersion = written?.metadata.resourceVersion;
  }

  /** After the last one. Never throws: what happened is in the report and in the world. */
  async close(outcome: string, finishedAt: string): Promise<void> {
    if (this.#resourceVersion === undefined) return;
    const metadata = { name: this.#name, labels: LABELS, resourceVersion: this.#resourceVersion };
    try {
      const data = dataOf({ ...this.#content, outcome, finishedAt });
      await this.#writer.replace('ConfigMap', { metadata, data });
    } catch (error) {
      this.#log.debug(`journal not closed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Hashes and revision names only: diffs are for people and stand in the report, templates in the revisions of the workloads. */
function dataOf(content: JournalContent): Record<string, string> {
  const plan = withoutTemplates(content.plan);
  const steps = plan.steps.map(({ step, planned }) => {
    if (planned.kind !== 'change') return { step, planned };
    const { diffs: _diffs, ...change } = planned.change;
    return { step, planned: { kind: planned.kind, change } };
  });
  const text = JSON.stringify({ ...content, plan: { ...plan, steps } });
  if (Buffer.byteLength(text) <= MAX_BYTES) return { 'journal.json': text };
  const { tier, digest } = plan;
  return {
    'journal.json': JSON.stringify({ ...content, plan: { tier, digest } }),
    truncated: 'the ledger has the workloads',
  };
}
