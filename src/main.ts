import { cancelOnSignals } from './adapters/signals.ts';
import { deliver, deliverDefect } from './deliver.ts';
import { execute } from './execute.ts';
import { loadRun } from './inputs.ts';
import { STEPS } from './steps/index.ts';

try {
  const startedAt = Date.now();
  const loaded = loadRun(
    process.env,
    STEPS.map((step) => step.meta),
  );
  const report = await execute(loaded, startedAt, cancelOnSignals());
  process.exitCode = await deliver(report, loaded.environment);
} catch (error) {
  process.exitCode = deliverDefect(error);
}
// Sockets that a server keeps open must not hold the job: everything is written by now.
process.exit();
