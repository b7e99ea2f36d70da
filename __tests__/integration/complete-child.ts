/**
 * A whole run that may be killed: rolls the scene back that it is told of as one JSON argument, says on its output where it
 * is, and stays at the point named by `stopAt` until the signal comes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Parts } from '../../src/engine/state.ts';
import type { ClusterWriter } from '../../src/ports/cluster.ts';
import type { DatabaseWriter } from '../../src/ports/database.ts';
import { type RollbackOptions, Scene } from './scene.ts';

export interface ChildTask {
  readonly namespace: string;
  readonly workloads: Parameters<Scene['rollback']>[0];
  readonly options: RollbackOptions;
  /** `before:METHOD` or `after:METHOD` of the database's writer, the same of the cluster's with `METHOD NAME`, or `loading`. */
  readonly stopAt?: string;
}

const task = JSON.parse(process.argv[2] as string) as ChildTask;

async function at(point: string): Promise<void> {
  process.stdout.write(`${point}\n`);
  if (point === task.stopAt) await delay(3_600_000);
}

function told(writer: DatabaseWriter): DatabaseWriter {
  const around = <A extends unknown[], R>(name: string, method: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      await at(`before:${name}`);
      const result = await method(...args);
      await at(`after:${name}`);
      return result;
    };
  };
  return {
    createSide: around('createSide', (...args) => writer.createSide(...args)),
    load: around('load', (side, items, options) => writer.load(side, halting(items), options)),
    loadArchive: around('loadArchive', (...args) => writer.loadArchive(...args)),
    analyze: around('analyze', (...args) => writer.analyze(...args)),
    copyState: around('copyState', (...args) => writer.copyState(...args)),
    swap: around('swap', (...args) => writer.swap(...args)),
    setOpen: around('setOpen', (...args) => writer.setOpen(...args)),
    dropSide: around('dropSide', (...args) => writer.dropSide(...args)),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: arguments of all methods
type Given = any;

/** Each method of the cluster's writer, with the name of the object that it writes. */
function toldOfObjects(writer: ClusterWriter): ClusterWriter {
  const nameOf = ([first, second]: Given[]) =>
    (first?.ref ?? first)?.name ?? first?.metadata?.name ?? second?.metadata?.name ?? first;
  return new Proxy(writer, {
    get:
      (target, method) =>
      async (...given: Given[]) => {
        const what = `${String(method)} ${nameOf(given)}`;
        await at(`before:${what}`);
        const result = await Reflect.get(target, method).apply(target, given);
        await at(`after:${what}`);
        return result;
      },
  });
}

/** In the middle of a COPY: some rows are on their way, others are not. */
async function* halting<T extends { readonly kind: string }>(items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    yield item;
    if (item.kind === 'rows') await at('loading');
  }
}

const scene = await Scene.at(task.namespace);
const report = await scene.rollback(task.workloads, {
  ...task.options,
  parts: ({ cluster, database, ...real }: Parts): Parts => ({
    ...real,
    cluster: { ...cluster, writer: toldOfObjects(cluster.writer) },
    ...(database ? { database: { ...database, writer: told(database.writer) } } : {}),
  }),
});
process.stdout.write(`outcome ${report.outcome} ${JSON.stringify(report.failures)}\n`);
