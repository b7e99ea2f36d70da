import { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';
import type { Clock } from '../ports/clock.ts';
import type { ChatSender } from '../ports/messages.ts';
import { type Attempt, attempts } from './attempts.ts';
import { cancelled, connections, type ExchangeAnswer, exchange, NoExchange } from './http-exchange.ts';

export interface ChatOptions {
  /** A secret: whoever knows it can post. */
  readonly webhookUrl: string;
  readonly clock: Clock;
  /** PEM of one more authority. */
  readonly ca?: string;
  /** One attempt, ms. */
  readonly attemptMs?: number;
  /** All attempts, ms. */
  readonly budgetMs?: number;
}

const ATTEMPT_MS = 10_000;
const BUDGET_MS = 30_000;
/** Slack cuts longer texts itself (https://docs.slack.dev/changelog/2018-04-truncating-really-long-messages). */
const MAX_TEXT = 40_000;

/**
 * Messages to an incoming webhook of Slack, or of what takes the same JSON (`{"text": "…"}`: Mattermost, Rocket.Chat, Discord's `/slack`).
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export function createChat(options: ChatOptions): ChatSender & { close(): Promise<void> } {
  const { webhookUrl, clock, attemptMs = ATTEMPT_MS, budgetMs = BUDGET_MS } = options;
  if (!URL.canParse(webhookUrl) || !/^https?:$/.test(new URL(webhookUrl).protocol))
    throw new RollbackError(
      'INPUT_INVALID',
      tr`The webhook of the chat is not a URL.`,
      tr`Slack shows it under "Incoming Webhooks" of the app: it begins with https://. Set it as a secret of the repository.`,
    );
  const dispatcher = connections(options.ca);
  const post = async (text: string, signal: AbortSignal): Promise<Attempt<void>> => {
    try {
      return verdict(
        await exchange(dispatcher, {
          url: webhookUrl,
          method: 'POST',
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: JSON.stringify({ text }),
          timeoutMs: attemptMs,
          maxBytes: 64 * 1024,
          signal,
        }),
      );
    } catch (error) {
      if (!(error instanceof NoExchange)) throw error;
      if (error.unsent) return { failed: failure(error.message) };
      // Sent again it might stand there twice.
      throw failure(tr`${error.message}; it may have arrived`);
    }
  };
  return {
    async send(text, { signal }) {
      const safe = escaped(text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text);
      await attempts(() => post(safe, signal), { clock, budgetMs, signal }).catch((error: unknown) => {
        throw signal.aborted ? cancelled() : error;
      });
    },
    close: () => dispatcher.destroy(),
  };
}

function verdict(answer: ExchangeAnswer): Attempt<void> {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    // Slack says "ok" (as text/html), others nothing or JSON; a page is a login or a proxy that took the message for itself.
    if (!/^\s*</.test(answer.body)) return { done: undefined };
    throw failure(tr`it answered ${status} with an HTML page`);
  }
  // Slack's errors are single words, as no_service. Anything else could be anything.
  const word = /^[a-z_]{1,60}$/.test(answer.body.trim()) ? answer.body.trim() : '';
  const failed = failure(
    status >= 300 && status < 400
      ? tr`it redirects (${status}), which is not followed`
      : word === ''
        ? tr`it answered ${status}`
        : tr`it answered ${status} ${word}`,
  );
  if (status === 429 || (status >= 500 && status !== 501)) return { failed, afterMs: answer.retryAfterMs };
  throw failed;
}

const failure = (reason: string) =>
  new RollbackError(
    'MESSAGE_FAILED',
    tr`The message to the chat was not delivered: ${reason}.`,
    tr`Tell the team by hand. To try the webhook: \`curl -d '{"text":"test"}' -H 'content-type: application/json' "$SLACK_WEBHOOK_URL"\`.`,
  );

/**
 * https://docs.slack.dev/messaging/formatting-message-text#escaping: without it `<!channel>` in the text would call everybody. Others call
 * everybody by the bare word (https://docs.mattermost.com/collaborate/mention-people.html): a space of no width keeps it from being one.
 */
const escaped = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/@(?=(?:channel|here|all|everyone|group)\b)/gi, '@\u200b');
