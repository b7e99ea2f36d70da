import { sketchConfig } from './config.ts';
import { deliverDefect, deliverInterrupted } from './deliver.ts';
import { readInputs } from './inputs.ts';

try {
  const { environment, options, file } = readInputs(process.env);
  await deliverInterrupted(environment, sketchConfig(options, file?.text).language);
} catch (error) {
  process.exitCode = deliverDefect(error);
}
