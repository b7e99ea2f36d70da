import type { HeadlineText } from './catalogue.ts';

/** Headlines of runs that somebody is told of; plans tell nobody. */
export type ToldHeadline = Exclude<keyof HeadlineText, 'planned' | 'plannedRefused' | 'plannedNothing' | 'discovered'>;

/** A moment as people say it, in UTC: `1 March 2026` and `14:01`. */
export interface Moment {
  readonly day: string;
  readonly time: string;
}

/** Words of the messages to team and users. Names that a sentence gets are one line already. */
export interface MessageWords {
  /** First sentence to the team. That the application is stable is said by `succeeded` and `noOp` alone. */
  readonly team: Readonly<Record<ToldHeadline, (application: string) => string>>;
  readonly by: (actor: string) => string;
  readonly noReason: string;
  readonly run: string;
  readonly postMortem: string;
  readonly due: (day: string) => string;
  /** Maintenance notice; `our service` stands for an application without a name. */
  readonly users: {
    readonly ourService: string;
    /** `en-GB`: how days are written. */
    readonly locale: string;
    readonly time: (hour: string, minute: string) => string;
    readonly subject: Readonly<Record<'back' | 'over' | 'working', (application: string) => string>>;
    readonly state: Readonly<Record<'back' | 'over' | 'working', string>>;
    readonly greeting: string;
    /** Unavailable between two moments; `open`: it had begun before the first. */
    readonly was: (application: string, from: Moment, to: Moment, open: boolean) => string;
    readonly is: (application: string, from: Moment, open: boolean) => string;
    readonly mayBe: (application: string) => string;
    readonly lasted: (minutes: number) => string;
    readonly maintained: (application: string, at: Moment) => string;
    readonly worksAgain: string;
    readonly nothingToDo: string;
    readonly checkYours: string;
    readonly restoring: string;
    readonly stillChecking: string;
    readonly thanks: string;
    readonly team: (application: string) => string;
    readonly theTeam: string;
    readonly automatic: string;
  };
}
