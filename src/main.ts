import { cancelOnSignals } from './adapters/signals.ts';
import { deliver, deliverDefect } from './deliver.ts';
import { execute } from './execute.ts';
import { loadRun } from './inputs.ts';
import { speakAsAsked } from './language.ts';
import { STEPS } from './steps/index.ts';

async function main(): Promise<number> {
  try {
    const startedAt = Date.now();
    await speakAsAsked(process.env);
    const loaded = loadRun(
      process.env,
      STEPS.map((step) => step.meta),
    );
    const report = await execute(loaded, startedAt, cancelOnSignals());
    return await deliver(report, loaded.environment);
  } catch (error) {
    return deliverDefect(error);
  }
}

// Should nothing be left to wait for before the report is out, that is no success.
process.exitCode = 1;
// Not awaited here: the packager would wrap the whole bundle for it, and the engine would read all of it twice.
// Sockets that a server keeps open must not hold the job: everything is written by then.
void main().then((exitCode) => process.exit(exitCode));
