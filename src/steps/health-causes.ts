import { type Finding, findingKey, findingSubject } from '../core/finding.ts';
import { causeOfCheck, causesOnRoute } from '../diagnosis/route/index.ts';
import { failedChecks } from '../diagnosis/route/read.ts';
import type { ReadContext } from '../ports/context.ts';

/** Right after a rollout the way to new pods takes a moment to be there; what still fails then has a cause. */
const SETTLES_MS = 2000;
const EVERY_MS = 2000;

/** Why health checks fail while a run waits for them: told in the log as soon as it shows, in the report only where the run gives up. */
export class HealthCauses {
  readonly #ctx: ReadContext;
  readonly #told = new Set<string>();
  #nextAt: number;

  constructor(ctx: ReadContext, since: number) {
    this.#ctx = ctx;
    this.#nextAt = since + SETTLES_MS;
  }

  /** Looks, if it is time to. */
  async look(): Promise<void> {
    const { clock, log } = this.#ctx;
    if (clock.now() < this.#nextAt) return;
    for (const finding of await this.#find()) {
      if (this.#told.has(findingKey(finding))) continue;
      this.#told.add(findingKey(finding));
      log.info(`${findingSubject(finding)}: ${finding.cause}: ${finding.evidence[0] ?? ''}`);
    }
    this.#nextAt = clock.now() + EVERY_MS;
  }

  /** Looks a last time, and puts what is found into the report. @returns the cause of this check, where there is one */
  async final(check: string): Promise<Finding | undefined> {
    const { config, probe } = this.#ctx;
    const findings = await this.#find();
    for (const finding of findings) this.#ctx.found(finding);
    const failed = failedChecks(config.health, probe.report()).find(({ name }) => name === check);
    return failed && causeOfCheck(findings, failed, config.namespace);
  }

  #find(): Promise<Finding[]> {
    const { cluster, view, situation, clock, config, probe } = this.#ctx;
    const failed = failedChecks(config.health, probe.report());
    return causesOnRoute(
      { cluster, view, situation, clock, namespace: config.namespace },
      failed,
      this.#ctx.findings(),
    );
  }
}
