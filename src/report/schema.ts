import { z } from 'zod';
import { LANGUAGES, MODES } from '../core/config.ts';
import type { TablePrice } from '../core/database/database.ts';
import { ERROR_CODES, type ErrorCode, type Failure } from '../core/errors.ts';
import { CAUSES, type Finding } from '../core/finding.ts';
import { SILENCES } from '../core/health.ts';
import { WORKLOAD_KINDS, type WorkloadRef } from '../core/kubernetes.ts';
import type { Evidence, Outcome } from '../core/outcome.ts';
import {
  type CandidateReport,
  type DatabaseReport,
  type Discovery,
  type KeptEvidence,
  type ProbeReport,
  type RecordsReport,
  type ReleaseReport,
  type Report,
  RUN_OUTCOMES,
  VALIDATION_ITEMS,
  type ValidationItem,
  type WorkloadReport,
} from '../core/report.ts';
import type { RunIdentity } from '../core/run.ts';
import { SAID_KEYS, type Said } from '../core/said.ts';
import type { Change, CheckItem, Plan, Planned, StepReport } from '../core/step.ts';
import { TIERS } from '../core/tier.ts';
import { PROBLEMS, type TroubleshootingEntry } from '../core/troubleshooting.ts';

/** The same data as zod infers it: mutable, and optional properties may be undefined. */
type Loose<T> = T extends readonly [infer First, ...infer Rest]
  ? [Loose<First>, ...Loose<Rest>]
  : T extends readonly (infer Item)[]
    ? Loose<Item>[]
    : T extends object
      ? { -readonly [K in keyof T]: undefined extends T[K] ? Loose<T[K]> | undefined : Loose<T[K]> }
      : T;

type KeysOf<T> = T extends unknown ? keyof T : never;
type Matches<Schema, Type> = [Schema] extends [Type]
  ? [Type] extends [Schema]
    ? [KeysOf<Type>] extends [KeysOf<Schema>]
      ? true
      : { readonly missingInSchema: Exclude<KeysOf<Type>, KeysOf<Schema>> }
    : 'the schema is narrower than the type'
  : 'the schema is wider than the type';
/** Holds a schema to a type of `core`, in both directions and with every optional property, or this file does not compile. */
type Same<S extends z.ZodType, T> = Matches<z.infer<S>, Loose<T>>;
type Must<T extends true> = T;

const time = z.string().meta({ description: 'RFC 3339', examples: ['2026-03-01T14:02:11.000Z'] });
const milliseconds = z.number().min(0).meta({ description: 'Milliseconds' });
const values = z.record(z.string(), z.union([z.string(), z.number()]));

const said = z
  .strictObject({ key: z.enum(SAID_KEYS), values: values.optional() })
  .meta({ id: 'Said', description: 'A sentence as data: its key in the catalogues, and its values.' });

const failure = z
  .strictObject({
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    hint: z.string().meta({ description: 'What to do next; where a command helps, the command to type.' }),
    causes: z.array(z.string()),
  })
  .meta({ id: 'Failure' });

const ref = z.strictObject({ kind: z.enum(WORKLOAD_KINDS), name: z.string() }).meta({ id: 'WorkloadRef' });

const evidence = z
  .strictObject({ subject: z.string(), observed: z.string(), expected: z.string() })
  .meta({ id: 'Evidence', description: 'One observed fact next to what was expected.' });

const outcome = z
  .discriminatedUnion('status', [
    z.strictObject({ status: z.literal('passed'), evidence: z.tuple([evidence], evidence) }),
    z.strictObject({ status: z.literal('failed'), failure, evidence: z.array(evidence) }),
    z.strictObject({ status: z.literal('unknown'), failure, evidence: z.array(evidence) }),
    z.strictObject({ status: z.literal('skipped'), reason: said }),
  ])
  .meta({
    id: 'Outcome',
    description: 'Result of one item. It is never passed without evidence; unknown is not passed.',
  });

const release = z
  .strictObject({
    hash: z.string(),
    images: z.array(z.string()),
    revision: z.number().optional(),
    since: time.optional(),
  })
  .meta({ id: 'Release' });

const workload = z
  .strictObject({
    ref,
    before: release,
    target: release.optional(),
    now: release.extend({ ready: z.number(), desired: z.number() }).optional(),
  })
  .meta({ id: 'Workload' });

const candidate = z
  .strictObject({
    ref,
    release,
    verified: z.string().optional(),
    quarantined: z.boolean(),
    current: z.boolean(),
    line: z.string().meta({ description: 'The line of the input `to` that asks for this release.' }),
  })
  .meta({ id: 'Candidate' });

const change = z
  .looseObject({
    summary: z.array(z.string()),
    diffs: z.array(z.strictObject({ object: z.string(), diff: z.string() })).optional(),
    after: z
      .array(z.string())
      .optional()
      .meta({ description: 'Steps that are applied before this one, as the plan decided.' }),
  })
  .meta({ id: 'Change', description: 'What a step would do; each step adds fields of its own.' });

const planned = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('change'), change }),
    z.strictObject({ kind: z.literal('no-op'), reason: said }),
    z.strictObject({ kind: z.literal('check'), summary: z.array(z.string()).optional() }),
    z.strictObject({ kind: z.literal('skipped'), reason: said }),
  ])
  .meta({ id: 'Planned' });

const plan = z
  .strictObject({
    tier: z.enum(TIERS),
    steps: z.array(z.strictObject({ step: z.string(), planned })),
    digest: z.string(),
  })
  .meta({ id: 'Plan' });

const checkItem = z
  .strictObject({
    check: z.string(),
    subject: z.string(),
    severity: z.enum(['refuse', 'warn', 'info']),
    failure: failure.optional(),
    note: said.optional(),
    problem: z
      .enum(PROBLEMS)
      .optional()
      .meta({ description: 'Line of the troubleshooting, where the code alone does not say.' }),
  })
  .meta({ id: 'CheckItem' });

const stepReport = z
  .strictObject({
    step: z.string(),
    required: z.boolean(),
    outcome,
    changed: z.boolean(),
    startedAt: time.optional(),
    durationMs: milliseconds,
  })
  .meta({ id: 'Step' });

const validationItem = z
  .strictObject({ id: z.enum(VALIDATION_ITEMS), outcome, durationMs: milliseconds.optional() })
  .meta({ id: 'ValidationItem' });

const finding = z
  .strictObject({
    cause: z.enum(CAUSES),
    workload: ref.optional().meta({ description: 'Absent where the cause lies before any workload.' }),
    object: z.string().optional().meta({ description: 'A Service or a host, on the way to the pods.' }),
    pod: z.string().optional(),
    container: z.string().optional(),
    values,
    evidence: z.array(z.string()),
    command: z.string(),
    fatal: z.boolean(),
    contact: z.enum(['devops', 'database', 'security']),
  })
  .meta({ id: 'Finding', description: 'A named cause with its proof.' });

const troubleshootingEntry = z
  .strictObject({
    problem: z.enum(PROBLEMS).meta({ description: "The checklist's line of troubleshooting." }),
    cause: z.enum([...CAUSES, ...(Object.keys(ERROR_CODES) as ErrorCode[])]),
    subject: z.string(),
    evidence: z.array(z.string()),
    command: z.string().meta({ description: 'What to do next; where a command helps, the command to type.' }),
    contact: z.enum(['devops', 'database', 'security']),
    left: z.literal(true).optional().meta({ description: 'A cause of the release that was left.' }),
  })
  .meta({ id: 'TroubleshootingEntry' });

const kept = z
  .strictObject({ pod: z.string(), container: z.string(), log: z.array(z.string()) })
  .meta({ id: 'KeptLog' });

const probe = z
  .strictObject({
    name: z.string(),
    samples: z.number(),
    failures: z.number(),
    downtimeMs: milliseconds,
    firstHealthyAt: time.optional(),
    last: z.strictObject({
      ok: z.boolean(),
      observed: z.string(),
      expected: z.string(),
      status: z.number().int().optional().meta({ description: 'HTTP status' }),
      silence: z.enum(SILENCES).optional().meta({ description: 'Why there was no answer, where it is known.' }),
      host: z.string().optional().meta({ description: 'The name that does not resolve.' }),
    }),
    spans: z.array(z.strictObject({ ok: z.boolean(), from: time, to: time })),
  })
  .meta({ id: 'Probe' });

const oid = z.number().int().min(0);
const bytes = z.number().min(0).meta({ description: 'Bytes' });
const count = z.number().int().min(0);
const sha256 = z.string().meta({ description: 'SHA-256, in hexadecimal digits' });

const tablePrice = z
  .strictObject({
    table: z.string().meta({ description: '`schema.table`' }),
    rowsNow: count,
    rowsAfter: count,
    changes: z.strictObject({ inserted: count, updated: count, deleted: count }),
    newer: count.optional(),
    givenUp: count.optional(),
  })
  .meta({ id: 'TablePrice', description: 'Rows of one table in the live database, and in the other one.' });

const database = z
  .strictObject({
    name: z.string(),
    server: z.string().meta({ description: '`HOST:PORT`' }),
    backup: z
      .strictObject({
        name: z.string(),
        madeAt: time.optional(),
        bytes,
        sha256,
        integrity: z.enum(['proven', 'not-proven']),
        why: z.enum(['only-one', 'newest', 'newest-before-bad-release']),
        passedOver: z.array(z.strictObject({ name: z.string(), why: z.string() })),
      })
      .optional(),
    price: z
      .strictObject({
        tables: z.array(tablePrice),
        rowsGivenUp: count,
        basis: z.enum(['exact', 'at-least']),
        ageMs: milliseconds.optional(),
        estimatedMs: milliseconds.optional(),
        exported: z.array(z.string()).optional(),
      })
      .optional(),
    live: z.strictObject({ oid, is: z.enum(['before', 'restored', 'another']) }).optional(),
    kept: z.strictObject({ name: z.string(), oid }).optional(),
    safetyBackup: z.strictObject({ path: z.string(), bytes, sha256 }).optional(),
    byHand: z.array(z.string()).optional().meta({ description: 'Commands for a person, in order.' }),
  })
  .meta({ id: 'Database', description: 'What became of the database, as far as it is known.' });

const discovery = z
  .strictObject({
    workloads: z.array(z.strictObject({ ref, canGoBack: z.boolean(), why: z.union([said, failure]) })),
    files: z.array(z.strictObject({ name: z.string(), content: z.string() })),
  })
  .meta({ id: 'Discovery' });

const run = z
  .strictObject({
    id: z.string(),
    url: z.string(),
    actor: z.string(),
    repository: z.string(),
    commit: z.string(),
    workflow: z.string(),
    reason: z.string(),
  })
  .meta({ id: 'Run' });

const records = z.strictObject({
  issueUrl: z.string().optional(),
  due: z.string().optional(),
  deployment: z.number().optional(),
  recordUrl: z.string().optional(),
});

/** The JSON report as a schema; strict, so that a field which nobody described is noticed. */
export const reportSchema = z
  .strictObject({
    apiVersion: z.literal('tiered-rollback/v1'),
    run,
    mode: z.enum(MODES),
    tier: z.enum(TIERS),
    language: z.enum(LANGUAGES),
    cluster: z.strictObject({
      server: z.string(),
      context: z.string(),
      uid: z.string().optional(),
      version: z.string().optional(),
    }),
    namespace: z.string(),
    outcome: z.enum(RUN_OUTCOMES),
    startedAt: time,
    finishedAt: time,
    durationMs: milliseconds,
    budgetMs: milliseconds,
    healthy: z.union([z.boolean(), z.literal('unknown')]),
    rolledBack: z.boolean(),
    workloads: z.array(workload),
    candidates: z.array(candidate),
    plan: plan.optional(),
    preflight: z.array(checkItem),
    steps: z.array(stepReport),
    validation: z.array(validationItem),
    findings: z
      .strictObject({ before: z.array(finding), after: z.array(finding) })
      .meta({ description: 'Causes named for the release that was left, and for the target.' }),
    kept: z.array(kept).meta({ description: 'Logs of the release that was left.' }),
    probes: z.array(probe),
    downtimeSeconds: z.number().min(0).optional(),
    notes: z.array(said),
    failures: z.array(failure),
    next: z.array(z.string()).meta({ description: 'What a person should do next, most urgent first.' }),
    contacts: z.strictObject({
      devops: z.string().optional(),
      database: z.string().optional(),
      security: z.string().optional(),
    }),
    troubleshooting: z.array(troubleshootingEntry).optional().meta({ description: 'What went wrong, by cause.' }),
    database: database.optional(),
    records: records.optional(),
    discovery: discovery.optional(),
  })
  .meta({
    title: 'Report of a tiered rollback',
    description: 'What is true at the end of one run, with the evidence.',
  });

/** JSON Schema (draft 2020-12) of the JSON report, for `schemas/report.schema.json`. */
export function reportJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(reportSchema, { target: 'draft-2020-12', io: 'input' }) as Record<string, unknown>;
}

/** Every schema with its type, one per line, so that a difference is reported at the part where it is. */
export type Held = [
  Must<Same<typeof said, Said>>,
  Must<Same<typeof failure, Failure>>,
  Must<Same<typeof ref, WorkloadRef>>,
  Must<Same<typeof evidence, Evidence>>,
  Must<Same<typeof outcome, Outcome>>,
  Must<Same<typeof release, ReleaseReport>>,
  Must<Same<typeof workload, WorkloadReport>>,
  Must<Same<typeof candidate, CandidateReport>>,
  Must<Same<typeof change, Change>>,
  Must<Same<typeof planned, Planned>>,
  Must<Same<typeof plan, Plan>>,
  Must<Same<typeof checkItem, CheckItem>>,
  Must<Same<typeof stepReport, StepReport>>,
  Must<Same<typeof validationItem, ValidationItem>>,
  Must<Same<typeof finding, Finding>>,
  Must<Same<typeof troubleshootingEntry, TroubleshootingEntry>>,
  Must<Same<typeof kept, KeptEvidence>>,
  Must<Same<typeof probe, ProbeReport>>,
  Must<Same<typeof tablePrice, TablePrice>>,
  Must<Same<typeof database, DatabaseReport>>,
  Must<Same<typeof records, RecordsReport>>,
  Must<Same<typeof discovery, Discovery>>,
  Must<Same<typeof run, RunIdentity>>,
  Must<Same<typeof reportSchema, Report>>,
];
