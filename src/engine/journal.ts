import type { RunIdentity } from '../core/run.ts';
import type { Plan } from '../core/step.ts';
import { undoMembersOf } from '../core/undo.ts';
import type { ClusterReader, ClusterWriter } from '../ports/cluster.ts';
import type { Log } from '../ports/log.ts';

const LABEL = 'tiered-rollback/journal';
const KEEP = 20;
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

/** Writes and closes the journal of one run: a ConfigMap `tiered-rollback-run-ID`. */
export class Journal {
  readonly #writer: ClusterWriter;
  readonly #reader: ClusterReader;
  readonly #log: Log;
  readonly #content: JournalContent;
  readonly name: string;

  constructor(
    parts: { reader: ClusterReader; writer: ClusterWriter; log: Log },
    run: RunIdentity,
    plan: Plan,
    startedAt: string,
  ) {
    this.#reader = parts.reader;
    this.#writer = parts.writer;
    this.#log = parts.log;
    this.#content = { apiVersion: 'tiered-rollback/v1', run, plan, startedAt };
    this.name = `tiered-rollback-run-${run.id}`;
  }

  /** Before the first change: the plan with the templates that it replaces. */
  async open(): Promise<void> {
    await this.#writer.create('ConfigMap', {
      metadata: { name: this.name, labels: labels() },
      data: dataOf(this.#content),
    });
  }

  /** After the last one. Never throws: what happened is in the report and in the world. */
  async close(outcome: string, finishedAt: string): Promise<void> {
    try {
      const found = await this.#reader.get('ConfigMap', this.name);
      if (!found) return;
      const { resourceVersion } = found.metadata;
      const data = dataOf({ ...this.#content, outcome, finishedAt });
      await this.#writer.replace('ConfigMap', {
        metadata: { name: this.name, labels: labels(), resourceVersion },
        data,
      });
      await this.#collect();
    } catch (error) {
      this.#log.debug(`journal not closed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Only the newest journals are kept. */
  async #collect(): Promise<void> {
    const journals = await this.#reader.list('ConfigMap', { labelSelector: LABEL });
    const old = [...journals]
      .sort((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp))
      .slice(KEEP);
    await Promise.all(old.map((journal) => this.#writer.remove('ConfigMap', journal.metadata.name)));
  }
}

function labels(): Record<string, string> {
  return { 'app.kubernetes.io/managed-by': 'tiered-rollback', [LABEL]: 'true' };
}

/** The diffs are for people and stand in the report; where even the templates are too much, the revisions hold them. */
function dataOf(content: JournalContent): Record<string, string> {
  const steps = content.plan.steps.map(({ step, planned }) =>
    planned.kind === 'change'
      ? { step, planned: { kind: planned.kind, change: { ...planned.change, diffs: undefined } } }
      : { step, planned },
  );
  const text = JSON.stringify({ ...content, plan: { ...content.plan, steps } });
  if (Buffer.byteLength(text) <= MAX_BYTES) return { 'journal.json': text };
  const members = undoMembersOf(content.plan).map(({ template: _template, before: _before, ...rest }) => rest);
  const short = JSON.stringify({ ...content, plan: { tier: content.plan.tier, digest: content.plan.digest, members } });
  return {
    'journal.json': short.slice(0, MAX_BYTES),
    truncated: 'templates left out: the revisions of the workloads hold them',
  };
}
