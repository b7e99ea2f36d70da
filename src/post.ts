import { sketchConfig } from './config.ts';
import { deliverDefect, deliverInterrupted } from './deliver.ts';
import { readInputs } from './inputs.ts';

try {
  const { environment, options, file } = readInputs(process.env);
  await deliverInterrupted(environment, sketchConfig(options, file?.text).language, async () => {
    // Only for a run that was killed: what talks to a cluster takes time to load.
    const { unfenceLeft } = await import('./unfence-left.ts');
    return unfenceLeft(process.env);
  });
} catch (error) {
  process.exitCode = deliverDefect(error);
}
