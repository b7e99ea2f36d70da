import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Cluster as Connection, connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import type { WorkloadObject } from '../../src/core/kubernetes.ts';
import { revisionsOf, templateHash } from '../../src/core/workload.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import { type Kind, manifest, STORIES, type Story } from './cluster-manifests.ts';

/** A way to deploy: the arguments of kubectl, the manifest on its standard input. */
type Deploy = readonly string[];
const CREATE: Deploy = ['create', '--save-config=false', '-f', '-'];
const REPLACE: Deploy = ['replace', '-f', '-'];
const CLIENT_SIDE: Deploy = ['apply', '-f', '-'];
const SERVER_SIDE: Deploy = ['apply', '--server-side', '-f', '-'];
/** As Helm 4 does. */
const HELM: Deploy = ['apply', '--server-side', '--field-manager=helm', '-f', '-'];

interface Way {
  readonly name: string;
  readonly good: Deploy;
  readonly bad: Deploy;
  readonly next: Deploy;
}

const WAYS: readonly Way[] = [
  { name: 'kubectl apply', good: CLIENT_SIDE, bad: CLIENT_SIDE, next: CLIENT_SIDE },
  { name: 'kubectl apply, which then moves to --server-side', good: CLIENT_SIDE, bad: CLIENT_SIDE, next: SERVER_SIDE },
  { name: 'kubectl apply --server-side', good: SERVER_SIDE, bad: SERVER_SIDE, next: SERVER_SIDE },
  {
    name: 'kubectl apply, moved to --server-side by the bad release',
    good: CLIENT_SIDE,
    bad: SERVER_SIDE,
    next: SERVER_SIDE,
  },
  { name: 'a server-side applier of another name', good: HELM, bad: HELM, next: HELM },
  { name: 'kubectl create and replace', good: CREATE, bad: REPLACE, next: REPLACE },
];

let cluster: Cluster;
let namespace: string;
let connection: Connection;

beforeAll(async () => {
  cluster = await sharedCluster();
  namespace = await cluster.namespace('next-deploy');
  const access = await readKubeconfig({
    text: cluster.kubeconfig,
    workspace: '/nowhere',
    temp: '/nowhere',
    allowInsecure: [],
    allowExecPlugins: [],
  });
  connection = await connectCluster(access, namespace, { userAgent: 'test' });
});

afterAll(async () => {
  await connection?.close();
});

async function deploy(way: Deploy, object: object): Promise<void> {
  await cluster.kubectl(['-n', namespace, ...way], { input: JSON.stringify(object), check: true });
}

async function read(kind: Kind, name: string): Promise<WorkloadObject> {
  const object = await connection.reader.get(kind, name);
  if (!object) throw new Error(`${kind} ${name} is not there`);
  return object;
}

/** Waits until the controller keeps the template that runs now as a revision. */
async function stored(kind: Kind, name: string): Promise<WorkloadObject> {
  const object = await read(kind, name);
  await waitFor(
    `revision of ${name}`,
    async () => {
      const kept = await connection.reader.list(kind === 'Deployment' ? 'ReplicaSet' : 'ControllerRevision');
      return revisionsOf(object, kept).some((revision) => revision.hash === templateHash(object.spec.template));
    },
    { timeoutMs: 20_000 },
  );
  return object;
}

/** The template as a rollback finds it: in what the controller stored. */
async function storedTemplate(object: WorkloadObject, hash: string) {
  const kept = await connection.reader.list(object.kind === 'Deployment' ? 'ReplicaSet' : 'ControllerRevision');
  const revision = revisionsOf(object, kept).find((candidate) => candidate.hash === hash);
  if (!revision) throw new Error('no such revision');
  return revision.template;
}

function ownersOfSpec(object: WorkloadObject): string[] {
  return (object.metadata.managedFields ?? [])
    .filter((entry) => entry.fieldsV1?.['f:spec'] !== undefined && !entry.subresource)
    .map((entry) => `${entry.manager}/${entry.operation}`);
}

/** Good, bad, rolled back: what every test starts from. */
async function rolledBack(kind: Kind, name: string, way: Way, story: Story): Promise<WorkloadObject> {
  await deploy(way.good, manifest(kind, namespace, name, story.good));
  const good = await stored(kind, name);
  await deploy(way.bad, manifest(kind, namespace, name, story.bad));
  const bad = await stored(kind, name);
  const goodHash = templateHash(good.spec.template);
  const template = await storedTemplate(bad, goodHash);
  const change = { ref: { kind, name }, uid: bad.metadata.uid, from: templateHash(bad.spec.template), template };
  const tried = await connection.reader.dryRunTemplate(change);
  expect(tried.spec.template).toEqual(template);
  const done = await connection.writer.setTemplate(change);
  expect(done.spec.template).toEqual(good.spec.template);
  expect(done.spec.replicas).toBe(bad.spec.replicas);
  // An owner of nothing but what went away may be gone; nobody is added.
  expect(ownersOfSpec(bad)).toEqual(expect.arrayContaining(ownersOfSpec(done)));
  // Again is no change.
  const again = await connection.writer.setTemplate(change);
  expect(again.metadata.generation).toBe(done.metadata.generation);
  return done;
}

describe.each(WAYS)('after a rollback, the next deploy by $name', (way) => {
  it.each(STORIES)('yields exactly its manifest: $name', async (story) => {
    const id = `${WAYS.indexOf(way)}-${STORIES.indexOf(story)}`;
    await rolledBack('Deployment', `w${id}`, way, story);
    await deploy(way.next, manifest('Deployment', namespace, `w${id}`, story.fixed));
    await deploy(
      way.next === REPLACE ? CREATE : way.next,
      manifest('Deployment', namespace, `fresh${id}`, story.fixed),
    );
    const next = await read('Deployment', `w${id}`);
    const fresh = await read('Deployment', `fresh${id}`);
    expect(specOf(next)).toEqual(specOf(fresh));
  });
});

describe.each(['StatefulSet', 'DaemonSet'] as const)('%s', (kind) => {
  it.each(WAYS)('takes the next deploy by $name', async (way) => {
    const story = STORIES[4] as Story;
    const id = `${kind.toLowerCase()}${WAYS.indexOf(way)}`;
    await rolledBack(kind, `w${id}`, way, story);
    await deploy(way.next, manifest(kind, namespace, `w${id}`, story.fixed));
    await deploy(way.next === REPLACE ? CREATE : way.next, manifest(kind, namespace, `fresh${id}`, story.fixed));
    expect(specOf(await read(kind, `w${id}`))).toEqual(specOf(await read(kind, `fresh${id}`)));
  });
});

/** The spec, without what carries the object's own name. */
function specOf(object: WorkloadObject): unknown {
  const text = JSON.stringify(object.spec).replaceAll(object.metadata.name, 'NAME');
  return JSON.parse(text);
}
