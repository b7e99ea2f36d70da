/** What the action must reach, as ratios within one run, because seconds belong to a machine. */
export interface Goal {
  readonly workloads: number;
  readonly against: 'kubectl' | 'floor';
  readonly atMost: number;
}

export const GOALS: readonly Goal[] = [
  { workloads: 2, against: 'kubectl', atMost: 1.3 },
  { workloads: 50, against: 'kubectl', atMost: 0.33 },
  { workloads: 50, against: 'floor', atMost: 1.25 },
  { workloads: 500, against: 'kubectl', atMost: 0.33 },
  { workloads: 500, against: 'floor', atMost: 1.25 },
];

export const FIRST_REQUEST_SECONDS = 0.2;
export const FIRST_REQUEST_MEGABYTES = 120;
/** With 500 workloads. */
export const MEGABYTES = 250;
