import { sketchConfig } from './config.ts';
import { deliverDefect, deliverInterrupted } from './deliver.ts';
import { readInputs } from './inputs.ts';
import { speakIn } from './language.ts';

async function post(): Promise<void> {
  try {
    const { environment, options, file } = readInputs(process.env);
    const { language } = sketchConfig(options, file?.text);
    await deliverInterrupted(environment, language, async () => {
      // Only for a run that was killed: a language, and what talks to a cluster, take time to load.
      await speakIn(language);
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
}

void post();
