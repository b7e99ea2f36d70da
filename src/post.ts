import { sketchConfig } from './config.ts';
import { deliverDefect, deliverInterrupted } from './deliver.ts';
import { readInputs } from './inputs.ts';

try {
  const { environment, options, file } = readInputs(process.env);
  await deliverInterrupted(environment, sketchConfig(options, file?.text).language, async () => {
    // Only for a run that was killed: what talks to a cluster takes time to load.
    const [{ unfenceLeft }, { endLeftSilences }] = await Promise.all([
      import('./unfence-left.ts'),
      import('./silence-left.ts'),
    ]);
    const [writers, silences] = await Promise.all([unfenceLeft(process.env), endLeftSilences(process.env)]);
    return { writers, silences };
  });
} catch (error) {
  process.exitCode = deliverDefect(error);
}
