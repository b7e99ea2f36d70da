import type { Application } from '../application.ts';
import type { OwnCluster } from '../cluster.ts';
import type { DemoData } from './data.ts';
import type { DemoOperations } from './operations.ts';

/** All that the demo is about; what its tier does not show is absent. */
export interface Scene {
  readonly cluster: OwnCluster;
  readonly application: Application;
  readonly data: DemoData | undefined;
  readonly operations: DemoOperations | undefined;
}
