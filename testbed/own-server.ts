import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinaries, type ToolName } from './binaries.ts';
import { Guard } from './guard.ts';
import { freePorts } from './ports.ts';
import { ServerExited, ServerProcess } from './server-process.ts';

export interface OwnServer extends AsyncDisposable {
  readonly ports: readonly number[];
  /** Its data and its log; gone after `stop`. */
  readonly folder: string;
  readonly process: ServerProcess;
  stop(): Promise<void>;
}

export interface OwnServerPlan {
  readonly tool: ToolName;
  readonly ports: number;
  /** Writes what the server reads into the folder, and returns its arguments. */
  arguments(folder: string, ports: readonly number[]): Promise<readonly string[]>;
  ready(ports: readonly number[]): Promise<boolean>;
}

const START_TIMEOUT_MS = 60_000;

/** Starts one server of the testbed on free ports in a folder of its own; both are gone with this process however that ends. */
export async function startOwnServer(plan: OwnServerPlan): Promise<OwnServer> {
  const binary = (await findBinaries([plan.tool]))[plan.tool];
  for (let attempt = 1; ; attempt++) {
    const ports = await freePorts(plan.ports);
    const folder = await mkdtemp(join(tmpdir(), `tiered-rollback-${plan.tool}-`));
    const guard = new Guard();
    guard.folder(folder);
    let server: ServerProcess | undefined;
    const stop = async () => {
      await server?.kill();
      await guard.release();
    };
    try {
      const args = await plan.arguments(folder, ports);
      server = await ServerProcess.start(plan.tool, [binary, ...args], { logPath: join(folder, 'server.log'), guard });
      await server.ready('ready to serve', () => plan.ready(ports), START_TIMEOUT_MS);
      return { ports, folder, process: server, stop, [Symbol.asyncDispose]: stop };
    } catch (error) {
      await stop();
      if (error instanceof ServerExited && error.portTaken && attempt < 5) continue;
      throw error;
    }
  }
}

export const answers = async (url: string): Promise<boolean> =>
  (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
