import type { Escalation } from '../core/escalation.ts';
import type { Report } from '../core/report.ts';

/** What people read outside of the report itself: the pure renderers of `report/`, as steps may use them. */
export interface Texts {
  /** Of the verdict, for the team's channel: plain text. */
  team(report: Report, about: { readonly application: string; readonly notRecorded?: readonly string[] }): string;
  /** Maintenance notice for users: plain text and HTML. An empty `application` has no name. */
  users(
    report: Report,
    about: { readonly application: string },
  ): { readonly subject: string; readonly text: string; readonly html: string };
  /** For the team's channel while the run goes on: the tier's time is over. */
  escalation(about: Escalation): string;
  postMortem(
    report: Report,
    about: {
      readonly incident: string;
      readonly dueInDays: number;
      /** Body of the issue as it is, where there is one. */
      readonly before?: string;
      /** False where everybody may read it: without log lines and addresses. */
      readonly details: boolean;
    },
  ): { readonly marker: string; readonly title: string; readonly body: string; readonly due: string | undefined };
  record(
    report: Report,
    about: { readonly postMortemUrl?: string; readonly details: boolean },
  ): { readonly path: string; readonly content: string; readonly message: string };
  /** Undefined where nothing was deployed. */
  deployment(
    report: Report,
  ): { readonly state: 'success' | 'failure' | 'error'; readonly description: string } | undefined;
}
