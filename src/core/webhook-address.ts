import { RollbackError } from './errors.ts';
import { tr } from './tr.ts';

const hintText = () =>
  tr`Slack shows it under "Incoming Webhooks" of the app: it begins with https://hooks.slack.com/services/. Set it as a secret of the repository.`;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Holds `slack-webhook-url` to its form. Whoever knows it can post, so it goes over TLS, but for a receiver on the runner itself.
 *
 * @param allowHttp also takes `http://` (`allow-insecure: http`).
 * @throws INPUT_INVALID, which does not quote it
 */
export function assertWebhookAddress(url: string, { allowHttp }: { readonly allowHttp: boolean }): void {
  const invalid = (what: string, hint = hintText()) =>
    new RollbackError(
      'INPUT_INVALID',
      tr`input slack-webhook-url: ${what}; expected: an address like https://HOST/PATH`,
      hint,
    );
  const parsed = URL.canParse(url) && /^https?:\/\//i.test(url) ? new URL(url) : undefined;
  if (!parsed) throw invalid(tr`is not an address that begins with https://`);
  if (parsed.username !== '' || parsed.password !== '')
    throw invalid(tr`has a user or a password in it, which no webhook has`);
  if (parsed.pathname === '/' && parsed.search === '')
    throw invalid(tr`has no path, so it is not the address of a webhook`);
  if (parsed.protocol === 'http:' && !allowHttp && !LOOPBACK.test(parsed.hostname))
    throw invalid(
      tr`begins with http://: everybody on the way could read it and post`,
      tr`Use https://. For a receiver without TLS in your own network: \`allow-insecure: http\`.`,
    );
}
