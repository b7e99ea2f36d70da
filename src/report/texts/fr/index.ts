import type { Translations } from '../../../core/tr.ts';
import { ADAPTERS } from './adapters.ts';
import { BACKUP } from './backup.ts';
import { CONFIG } from './config.ts';
import { CORE } from './core.ts';
import { DATABASE_STEPS } from './database-steps.ts';
import { DUMPS } from './dumps.ts';
import { ENGINE } from './engine.ts';
import { KUBERNETES } from './kubernetes.ts';
import { MONITORING_STEPS } from './monitoring-steps.ts';
import { POSTGRES } from './postgres.ts';
import { STEPS } from './steps.ts';

/** What `tr` says in French, one file for each part of the program. */
export const TEXTS: Translations = {
  ...CONFIG,
  ...CORE,
  ...ENGINE,
  ...STEPS,
  ...MONITORING_STEPS,
  ...DATABASE_STEPS,
  ...DUMPS,
  ...ADAPTERS,
  ...KUBERNETES,
  ...POSTGRES,
  ...BACKUP,
};
