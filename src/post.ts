import { deliverDefect, deliverInterrupted } from './deliver.ts';
import { readInputs } from './inputs.ts';

try {
  const { environment, run } = readInputs(process.env);
  await deliverInterrupted(environment, run);
} catch (error) {
  process.exitCode = deliverDefect(error);
}
