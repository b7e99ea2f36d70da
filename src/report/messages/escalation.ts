import type { Escalation } from '../../core/escalation.ts';
import { said } from '../../core/said.ts';
import { catalogueOf } from '../languages.ts';
import { oneLine } from '../neutral.ts';
import { say } from '../say.ts';

/** For the team's channel, while the run goes on: plain text. */
export function renderEscalation(about: Escalation): string {
  const { application, tier, namespace, budgetMs, running, url, contact = '', language } = about;
  const values = { application, tier, namespace, budget: budgetMs, steps: running.join(', '), contact, url };
  return say(catalogueOf(language), said('message.budget-over', values), (_, value) => oneLine(value));
}
