import type { Surroundings } from '../config/surroundings.ts';
import { RollbackError } from '../core/errors.ts';
import { smtpAddress } from '../core/smtp-address.ts';
import { assertWebhookAddress } from '../core/webhook-address.ts';

interface ReceiverUrls {
  readonly slackWebhookUrl?: string;
  readonly smtpUrl?: string;
}

/** Shorter parts of a path are words that stand in other texts, too. */
const SHORTEST_TOKEN = 16;

/** What the rules of the config may know of the receivers of messages: whether they are given, and what is wrong with their addresses. */
export function receiversOf({ slackWebhookUrl, smtpUrl }: ReceiverUrls): Surroundings['receivers'] {
  return {
    mail: smtpUrl !== undefined,
    faults: (allowHttp) => [
      ...faultOf(() => slackWebhookUrl !== undefined && assertWebhookAddress(slackWebhookUrl, { allowHttp })),
      ...faultOf(() => smtpUrl !== undefined && smtpAddress(smtpUrl)),
    ],
  };
}

/** What must be masked of the addresses: they as a whole, and what is secret in them by itself. */
export function receiverSecrets({ slackWebhookUrl = '', smtpUrl = '' }: ReceiverUrls): string[] {
  const tokens = URL.canParse(slackWebhookUrl)
    ? [new URL(slackWebhookUrl).pathname, ...new URL(slackWebhookUrl).pathname.split('/')]
    : [];
  return [slackWebhookUrl, smtpUrl, ...tokens.filter((token) => token.length >= SHORTEST_TOKEN)].filter(
    (secret) => secret !== '',
  );
}

function faultOf(check: () => unknown): RollbackError[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof RollbackError) return [error];
    throw error;
  }
}
