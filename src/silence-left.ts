import { maskSecrets } from './adapters/actions.ts';
import { composeAlerts } from './compose.ts';
import { failuresOf } from './core/errors.ts';
import { loadRun, secretsToMask, secretValues } from './inputs.ts';
import { Redactor } from './report/redact.ts';
import { endSilences, silenceLeft } from './steps/alerts/silence.ts';
import { STEPS } from './steps/index.ts';

/** `post` has 10 s at most when a job is cancelled. */
const WITHIN_MS = 5000;

/** What became of the silences of a killed run. */
export interface LeftSilenced {
  /** Ids of those that were ended. */
  readonly ended: readonly string[];
  /** Set where alerts may still be silenced. */
  readonly failure?: string;
}

/**
 * Ends the silences that a killed run left in Alertmanager; no cluster is needed for it. Bounded to a few seconds; never throws.
 * Undefined where such a run made none.
 */
export async function endLeftSilences(
  env: NodeJS.ProcessEnv,
  mask: (secrets: readonly string[]) => void = maskSecrets,
): Promise<LeftSilenced | undefined> {
  const redactor = new Redactor();
  const told = (error: unknown): LeftSilenced => {
    const [{ message = '', hint = '' } = {}] = failuresOf(error);
    return { ended: [], failure: redactor.redact(`${message} ${hint}`) };
  };
  try {
    const loaded = loadRun(
      env,
      STEPS.map((step) => step.meta),
    );
    const { request, secrets } = loaded;
    if (request.kind !== 'ready' || request.config.mode === 'plan' || !request.config.alerts.silence) return undefined;
    redactor.add(secretValues(secrets));
    mask(secretsToMask(secrets));
    const alerts = composeAlerts(loaded);
    if (!alerts) return undefined;
    try {
      const { matchers } = request.config.alerts;
      const one = { reader: alerts, writer: alerts };
      const { ended, left, cause } = await endSilences(one, matchers, AbortSignal.timeout(WITHIN_MS));
      return left.length > 0 ? { ...told(silenceLeft(left, cause)), ended } : { ended };
    } finally {
      await alerts.close();
    }
  } catch (error) {
    return told(error);
  }
}
