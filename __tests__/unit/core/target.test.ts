import { describe, expect, it } from '@jest/globals';
import type { PodTemplate, ReplicaSetObject, WorkloadObject } from '../../../src/core/kubernetes.ts';
import { EMPTY_LEDGER, type Ledger, recordIntent } from '../../../src/core/ledger.ts';
import type { Choice, Member } from '../../../src/core/situation.ts';
import { candidatesOf, chooseTarget } from '../../../src/core/target.ts';
import { revisionsOf, templateHash } from '../../../src/core/workload.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-01-01T00:00:00Z');
const WINDOW = 30 * MINUTE;

interface Stored {
  image: string;
  number: number;
  /** Minutes after START of the first creation. */
  created: number;
  former?: number[];
  restartedAt?: string;
}

function template(image: string, restartedAt?: string): PodTemplate {
  return {
    metadata: {
      labels: { app: 'web' },
      ...(restartedAt ? { annotations: { 'kubectl.kubernetes.io/restartedAt': restartedAt } } : {}),
    },
    spec: { containers: [{ name: 'web', image }] },
  };
}

/** A Deployment that ran these releases, the last one live unless `live` says otherwise; `written` in minutes after START. */
function member(
  name: string,
  stored: readonly Stored[],
  options: { live?: string; written?: number; paused?: boolean; historyLimit?: number } = {},
): Member {
  const newest = [...stored].sort((a, b) => b.number - a.number)[0];
  const live = template(options.live ?? newest?.image ?? 'v0', options.live ? undefined : newest?.restartedAt);
  const at = (minutes: number) => new Date(START + minutes * MINUTE).toISOString();
  const workload: WorkloadObject = {
    kind: 'Deployment',
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: at(0),
      managedFields: [
        {
          manager: 'kubectl',
          operation: 'Update',
          time: at(options.written ?? Math.max(...stored.map((one) => one.created))),
          fieldsV1: { 'f:spec': { 'f:template': {} } },
        },
      ],
    },
    spec: {
      replicas: 2,
      selector: {},
      template: live,
      ...(options.paused ? { paused: true } : {}),
      ...(options.historyLimit === undefined ? {} : { revisionHistoryLimit: options.historyLimit }),
    },
  };
  const sets: ReplicaSetObject[] = stored.map((one) => ({
    metadata: {
      name: `${name}-${one.number}`,
      uid: `${name}-${one.number}`,
      resourceVersion: '1',
      creationTimestamp: at(one.created),
      ownerReferences: [{ kind: 'Deployment', name, uid: `uid-${name}`, controller: true }],
      annotations: {
        'deployment.kubernetes.io/revision': String(one.number),
        ...(one.former ? { 'deployment.kubernetes.io/revision-history': one.former.join(',') } : {}),
      },
    },
    spec: {
      template: {
        ...template(one.image, one.restartedAt),
        metadata: {
          ...template(one.image, one.restartedAt).metadata,
          labels: { app: 'web', 'pod-template-hash': `h${one.number}` },
        },
      },
    },
  }));
  return {
    ref: { kind: 'Deployment', name },
    workload,
    revisions: revisionsOf(workload, sets),
    hash: templateHash(live),
  };
}

function shown(choice: Choice): Record<string, string> | string {
  if (choice.kind === 'refused') return `${choice.failure.code}: ${choice.failure.message}`;
  return Object.fromEntries(
    choice.members.map((one) => [
      one.member.ref.name,
      one.kind === 'go' ? (one.to.images[0] ?? '') : `stays: ${one.why.key}`,
    ]),
  );
}

const auto = (members: readonly Member[], ledger: Ledger = EMPTY_LEDGER) =>
  chooseTarget(members, { kind: 'auto' }, ledger, WINDOW);

/** The ledger after a run rolled these members from one image to another. */
function rolledBack(
  moves: Readonly<Record<string, readonly [string, string]>>,
  ledger = EMPTY_LEDGER,
  run = 'run-1',
  toRevision?: number,
): Ledger {
  return recordIntent(ledger, {
    run,
    url: '',
    actor: 'ada',
    reason: 'bad',
    at: '2026-01-01T02:00:00Z',
    members: Object.entries(moves).map(([name, [from, to]]) => ({
      kind: 'Deployment' as const,
      name,
      uid: `uid-${name}`,
      from: templateHash(template(from)),
      to: templateHash(template(to)),
      fromImages: [from],
      toImages: [to],
      ...(toRevision === undefined ? {} : { toRevision }),
    })),
  });
}

describe('auto', () => {
  it('goes to what ran just before the newest rollout', () => {
    const web = member('web', [
      { image: 'v1', number: 1, created: 0 },
      { image: 'v2', number: 2, created: 60 },
      { image: 'v3', number: 3, created: 120 },
    ]);
    expect(shown(auto([web]))).toEqual({ web: 'v2' });
  });

  it('moves only what was changed within the window of the bad release', () => {
    const frontend = member('frontend', [
      { image: 'f1', number: 1, created: 0 },
      { image: 'f2', number: 2, created: 30 },
    ]);
    const backend = member('backend', [
      { image: 'b1', number: 1, created: 0 },
      { image: 'b2', number: 2, created: 120 },
    ]);
    expect(shown(auto([frontend, backend]))).toEqual({ frontend: 'stays: note.stays-changed-before', backend: 'b1' });
  });

  it('moves all that were changed together, however their clocks differ by seconds', () => {
    const frontend = member('frontend', [
      { image: 'f1', number: 1, created: 0 },
      { image: 'f2', number: 2, created: 119.5 },
    ]);
    const backend = member('backend', [
      { image: 'b1', number: 1, created: 0 },
      { image: 'b2', number: 2, created: 120 },
    ]);
    expect(shown(auto([frontend, backend]))).toEqual({ frontend: 'f1', backend: 'b1' });
  });

  it('does not take a restart for a release', () => {
    const web = member('web', [
      { image: 'v1', number: 1, created: 0 },
      { image: 'v2', number: 2, created: 60 },
      { image: 'v2', number: 3, created: 70, restartedAt: '2026-01-01T01:10:00Z' },
    ]);
    expect(shown(auto([web]))).toEqual({ web: 'v1' });
  });

  it('dates a restarted release by its first rollout, not by the restart', () => {
    const old = member('old', [
      { image: 'o1', number: 1, created: 0 },
      { image: 'o2', number: 2, created: 10 },
      { image: 'o2', number: 3, created: 121, restartedAt: '2026-01-01T02:01:00Z' },
    ]);
    const web = member('web', [
      { image: 'v1', number: 1, created: 0 },
      { image: 'v2', number: 2, created: 120 },
    ]);
    expect(shown(auto([old, web]))).toEqual({ old: 'stays: note.stays-changed-before', web: 'v1' });
  });

  it('stays when the last rollback has arrived: running again never toggles', () => {
    const web = member('web', [
      { image: 'v2', number: 2, created: 60 },
      { image: 'v1', number: 3, created: 0, former: [1] },
    ]);
    expect(shown(auto([web], rolledBack({ web: ['v2', 'v1'] })))).toEqual({ web: 'stays: skipped.at-target' });
  });

  it('goes on where an earlier run was killed half-way', () => {
    const ledger = rolledBack({ frontend: ['f2', 'f1'], backend: ['b2', 'b1'] });
    const frontend = member('frontend', [
      { image: 'f2', number: 2, created: 120 },
      { image: 'f1', number: 3, created: 0, former: [1] },
    ]);
    const backend = member('backend', [
      { image: 'b1', number: 1, created: 0 },
      { image: 'b2', number: 2, created: 120 },
    ]);
    expect(shown(auto([frontend, backend], ledger))).toEqual({ frontend: 'stays: skipped.at-target', backend: 'b1' });
  });

  it('rolls back again when the bad release was deployed again', () => {
    const web = member(
      'web',
      [
        { image: 'v1', number: 3, created: 0, former: [1] },
        { image: 'v2', number: 4, created: 60, former: [2] },
      ],
      { written: 180 },
    );
    expect(shown(auto([web], rolledBack({ web: ['v2', 'v1'] })))).toEqual({ web: 'v1' });
  });

  it('rolls back again when the bad release was deployed again and paused before it rolled out', () => {
    const web = member(
      'web',
      [
        { image: 'v2', number: 2, created: 60 },
        { image: 'v1', number: 3, created: 0, former: [1] },
      ],
      { live: 'v2', paused: true, written: 180 },
    );
    expect(shown(auto([web], rolledBack({ web: ['v2', 'v1'] })))).toEqual({ web: 'v1' });
  });

  it('goes back from a new release that was paused before it rolled out', () => {
    const web = member('web', [{ image: 'v1', number: 1, created: 0 }], { live: 'v2', paused: true, written: 60 });
    expect(shown(auto([web]))).toEqual({ web: 'v1' });
  });

  it('passes over what is under quarantine', () => {
    const web = member('web', [
      { image: 'v1', number: 1, created: 0 },
      { image: 'v2', number: 2, created: 60 },
      { image: 'v3', number: 3, created: 120 },
    ]);
    const ledger: Ledger = {
      ...EMPTY_LEDGER,
      quarantine: [
        {
          kind: 'Deployment',
          name: 'web',
          template: templateHash(template('v2')),
          images: ['v2'],
          run: 'r',
          reason: '',
          since: '',
        },
      ],
    };
    const choice = auto([web], ledger);
    expect(shown(choice)).toEqual({ web: 'v1' });
    expect(choice.kind === 'chosen' && choice.members[0]?.notes.map((note) => note.key)).toEqual([
      'note.revision-passed-over',
    ]);
  });

  it('refuses to guess when an old release came back and nobody recorded why: a kubectl undo by hand', () => {
    const web = member(
      'web',
      [
        { image: 'v2', number: 2, created: 60 },
        { image: 'v1', number: 3, created: 0, former: [1] },
      ],
      { written: 90 },
    );
    const choice = auto([web]);
    expect(shown(choice)).toMatch(/^TARGET_UNPROVEN: deployment\/web/);
    expect(choice.kind === 'refused' && choice.failure.hint).toContain('deployment/web=revision:2');
  });

  it('refuses when it cannot tell whether a workload belongs to the bad release', () => {
    const returned = member(
      'returned',
      [
        { image: 'r2', number: 2, created: 10 },
        { image: 'r1', number: 3, created: 0, former: [1] },
      ],
      { written: 115 },
    );
    const web = member('web', [
      { image: 'v1', number: 1, created: 0 },
      { image: 'v2', number: 2, created: 120 },
    ]);
    expect(shown(auto([returned, web]))).toMatch(/^TARGET_UNPROVEN: deployment\/returned/);
  });

  it('refuses when there is no history', () => {
    const pruned = member('web', [{ image: 'v7', number: 7, created: 60 }], { historyLimit: 0 });
    expect(shown(auto([pruned]))).toMatch(/^TARGET_NOT_FOUND: .*revisionHistoryLimit 0/);
    expect(shown(auto([member('web', [{ image: 'v1', number: 1, created: 0 }])]))).toMatch(/^TARGET_NOT_FOUND/);
  });

  it('leaves a workload alone that came with the bad release and never ran anything else', () => {
    const added = member('added', [{ image: 'a1', number: 1, created: 120 }]);
    const web = member('web', [
      { image: 'v1', number: 1, created: 0 },
      { image: 'v2', number: 2, created: 120 },
    ]);
    expect(shown(auto([added, web]))).toEqual({ added: 'stays: note.stays-never-changed', web: 'v1' });
  });

  it('refuses when all earlier releases are under quarantine', () => {
    const web = member('web', [
      { image: 'v1', number: 1, created: 0 },
      { image: 'v2', number: 2, created: 60 },
    ]);
    const ledger = rolledBack({ web: ['v1', 'v0'] });
    expect(shown(auto([web], ledger))).toMatch(/^TARGET_NOT_FOUND: .*quarantine/);
  });
});

describe('explicit', () => {
  const web = () =>
    member('web', [
      { image: 'v2', number: 2, created: 60 },
      { image: 'v1', number: 4, created: 0, former: [1] },
      { image: 'v3', number: 3, created: 90 },
    ]);
  const to = (line: { revision: number } | { image: string }, members: readonly Member[], ledger = EMPTY_LEDGER) =>
    chooseTarget(
      members,
      { kind: 'explicit', lines: [{ ref: { kind: 'Deployment', name: 'web' }, to: line }] },
      ledger,
      WINDOW,
    );

  it('finds a revision by its number, by a number that it had before, and by its image', () => {
    expect(shown(to({ revision: 3 }, [web()]))).toEqual({ web: 'v3' });
    expect(shown(to({ revision: 1 }, [web()]))).toEqual({ web: 'stays: skipped.at-target' });
    expect(shown(to({ image: 'v2' }, [web()]))).toEqual({ web: 'v2' });
  });

  it('stays when asked again for a number that has moved meanwhile', () => {
    const moved = member('web', [
      { image: 'v2', number: 2, created: 60 },
      { image: 'v1', number: 3, created: 0 },
    ]);
    expect(shown(to({ revision: 1 }, [moved], rolledBack({ web: ['v2', 'v1'] }, EMPTY_LEDGER, 'run-1', 1)))).toEqual({
      web: 'stays: skipped.at-target',
    });
  });

  it('refuses a number that never was, and lists what is kept', () => {
    expect(shown(to({ revision: 9 }, [web()]))).toMatch(
      /TARGET_NOT_FOUND: deployment\/web: revision 9 .*4 \(v1\); 3 \(v3\); 2 \(v2\)/,
    );
  });

  it('moves nothing that is not named', () => {
    const other = member('other', [
      { image: 'o1', number: 1, created: 0 },
      { image: 'o2', number: 2, created: 60 },
    ]);
    expect(shown(to({ revision: 3 }, [web(), other]))).toEqual({ web: 'v3', other: 'stays: note.stays-not-named' });
  });
});

describe('candidates', () => {
  it('lists each release once, newest first, with its line and what is known of it', () => {
    const web = member('web', [
      { image: 'v2', number: 2, created: 60 },
      { image: 'v1', number: 3, created: 0, former: [1] },
    ]);
    expect(
      candidatesOf([web], rolledBack({ web: ['v2', 'v1'] })).map(({ line, current, quarantined }) => ({
        line,
        current,
        quarantined,
      })),
    ).toEqual([
      { line: 'deployment/web=revision:3', current: true, quarantined: false },
      { line: 'deployment/web=revision:2', current: false, quarantined: true },
    ]);
  });
});
