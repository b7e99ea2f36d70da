import { formatDuration } from '../core/duration.ts';
import type { Evidence } from '../core/outcome.ts';
import { kubectl } from '../core/shell.ts';
import type { Member } from '../core/situation.ts';
import { templateWrittenAt } from '../core/timeline.ts';
import { tr } from '../core/tr.ts';
import { type PassedOver, type Warning, warningsOf } from '../core/warnings.ts';
import { templateHash } from '../core/workload.ts';
import { indexView } from '../diagnosis/patient.ts';
import { evidenceLine } from '../diagnosis/reading/evidence.ts';
import type { ReadContext } from '../ports/context.ts';
import { defineStep } from './contract.ts';
import { missingPart } from './missing-part.ts';

const MOST_ROWS = 10;

/**
 * The cluster warns of nothing about the target release since the rollback, beyond what it has overcome (`core/warnings.ts`). `kubectl get events`, as the
 * checklist has it, cannot fail, and shows the end of the bad release above all.
 */
export const checkEvents = defineStep({
  meta: {
    id: 'check-events',
    tiers: ['rapid', 'complete', 'secure', 'emergency'],
    required: false,
    // After the pods have stayed ready: what happens meanwhile counts.
    needs: ['undo-workloads', 'unblock-pods', 'check-pods'],
  },

  async plan() {
    return { kind: 'check' };
  },

  async apply() {},

  async verify(ctx) {
    const { namespace, events } = ctx.config;
    if (ctx.view.missing.includes('Event')) {
      return { status: 'unknown', failure: missingPart('events', namespace), evidence: [] };
    }
    const now = ctx.clock.now();
    const warnings = ctx.situation.members
      .flatMap((member) => warningsAbout(ctx, member, now, events.ignore))
      .toSorted((a, b) => b.lastSeen - a.lastSeen);
    const counted = warnings.filter(({ passedOver }) => passedOver === undefined);
    const others = warnings.filter(({ passedOver }) => passedOver !== undefined);
    const rows = [...counted, ...others].slice(0, MOST_ROWS).map((warning) => rowOf(warning, now));
    const evidence: [Evidence, ...Evidence[]] = [
      {
        subject: tr`events`,
        observed: tr`${counted.length} warnings${others.length > 0 ? tr`, and ${others.length} that say nothing` : ''}`,
        expected: tr`0 warnings since the rollback`,
      },
      ...rows,
    ];
    const [newest, ...more] = counted;
    if (!newest) return { status: 'passed', evidence };
    return {
      status: 'failed',
      evidence,
      failure: {
        code: 'WARNING_EVENTS',
        message: `${subjectOf(newest)}: ${textOf(newest, now)}${more.length > 0 ? tr` (and ${more.length} more)` : ''}`,
        hint: commandOf(newest, namespace),
        causes: more.slice(0, 5).map((warning) => `${subjectOf(warning)}: ${textOf(warning, now)}`),
      },
    };
  },
});

function warningsAbout(ctx: ReadContext, { ref }: Member, now: number, ignore: readonly string[]): Warning[] {
  const workload = ctx.view.get(ref.kind, ref.name);
  if (!workload) return [];
  const hash = templateHash(workload.spec.template);
  return warningsOf(indexView(ctx.view).patientOf(workload, hash, since(ctx, ref, workload), now), ignore);
}

/**
 * The moment of the rollback. Where this run wrote the workload, when that was by the cluster's clock; else when the incident began, or this run, by
 * the runner's, unless the cluster says that the template is younger.
 */
function since(ctx: ReadContext, ref: Member['ref'], workload: Member['workload']): number {
  const changed = templateWrittenAt(workload);
  const isKnown = Number.isFinite(changed);
  const written = ctx.writtenAt(ref);
  if (written !== undefined) return isKnown ? changed : written;
  const began = Date.parse(ctx.situation.incident?.at ?? '') || ctx.situation.readAt;
  return isKnown ? Math.max(changed, began) : began;
}

function subjectOf({ kind, name, objects }: Warning): string {
  return `${kind.toLowerCase()}/${name}${objects > 1 ? tr` and ${objects - 1} more` : ''}`;
}

/** `FailedMount ×3, 12.0 s ago: MountVolume.SetUp failed ...` */
function textOf({ reason, count, lastSeen, message }: Warning, now: number): string {
  const ago = formatDuration(Math.max(0, now - lastSeen));
  return evidenceLine(tr`${reason} ×${count}, ${ago} ago: ${message}`);
}

const PASSED_OVER: Readonly<Record<PassedOver, () => string>> = {
  healed: () => tr`healed`,
  harmless: () => tr`harmless`,
  ignored: () => tr`ignored`,
};

function rowOf(warning: Warning, now: number): Evidence {
  const { passedOver } = warning;
  return {
    subject: subjectOf(warning),
    observed: passedOver ? tr`${PASSED_OVER[passedOver]()}: ${textOf(warning, now)}` : textOf(warning, now),
    expected: passedOver ? tr`healed, harmless or ignored` : tr`no warning`,
  };
}

function commandOf({ kind, name }: Warning, namespace: string): string {
  const selector = `involvedObject.kind=${kind},involvedObject.name=${name},type=Warning`;
  return kubectl(namespace, 'get', 'events', '--field-selector', selector, '--sort-by=.lastTimestamp');
}
