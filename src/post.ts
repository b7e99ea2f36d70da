import { deliverDefect, deliverInterrupted } from './deliver.ts';
import { readInputs } from './inputs.ts';
import { speakAsAsked } from './language.ts';

async function post(): Promise<void> {
  try {
    const language = await speakAsAsked(process.env);
    await deliverInterrupted(readInputs(process.env).environment, language, async () => {
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
}

void post();
