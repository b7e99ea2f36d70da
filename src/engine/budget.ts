import { formatDuration } from '../core/duration.ts';
import { failuresOf } from '../core/errors.ts';
import { said } from '../core/said.ts';
import { TIER_BUDGET_MS } from '../core/tier.ts';
import { tr } from '../core/tr.ts';
import type { RunState } from './state.ts';

/**
 * Tells when the tier's time is over while the run still works, and calls for help where `at-budget-end: escalate` asks for it. It cuts nothing:
 * what may still begin is a matter of `irreversibleUntil` and of the deadline.
 * @returns what ends the watch; it settles once nothing is being sent any more.
 */
export function watchBudget(state: RunState): () => Promise<void> {
  const { clock } = state.parts;
  const stop = new AbortController();
  const budgetMs = TIER_BUDGET_MS[state.parts.config.tier];
  const watch = clock
    .sleep(budgetMs, stop.signal)
    .then(() => tellOver(state, stop.signal))
    .catch(() => {});
  return async () => {
    stop.abort();
    await watch;
  };
}

async function tellOver(state: RunState, signal: AbortSignal): Promise<void> {
  const { config, log, chat, texts, run } = state.parts;
  const { tier, atBudgetEnd, namespace, language, messages, contacts } = config;
  const budgetMs = TIER_BUDGET_MS[tier];
  const running = state.running();
  log.warn(
    tr`the ${formatDuration(budgetMs)} of tier ${tier} are over; under way: ${running.join(', ') || tr`nothing`}; at-budget-end: ${atBudgetEnd}`,
  );
  if (atBudgetEnd === 'stop') state.note(said('note.budget-stop', { tier }));
  if (atBudgetEnd !== 'escalate') return;
  if (!chat) {
    state.note(said('note.not-escalated', { why: tr`slack-webhook-url is not set` }));
    return;
  }
  try {
    await chat.send(
      texts.escalation({
        application: messages.application ?? namespace,
        tier,
        namespace,
        budgetMs,
        running,
        url: run.url,
        ...(contacts.devops === undefined ? {} : { contact: contacts.devops }),
        language,
      }),
      { signal },
    );
    state.note(said('note.escalated', { tier }));
  } catch (error) {
    const why = failuresOf(error)[0]?.message ?? '';
    if (!signal.aborted) state.note(said('note.not-escalated', { why }));
  }
}
