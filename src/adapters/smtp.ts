import { getCACertificates } from 'node:tls';
import { createTransport } from 'nodemailer';
import { RollbackError } from '../core/errors.ts';
import { isMailAddress, type SmtpAddress, smtpAddress } from '../core/smtp-address.ts';
import { tr } from '../core/tr.ts';
import type { Clock } from '../ports/clock.ts';
import type { Mail, MailDelivery, MailSender } from '../ports/messages.ts';
import { type Attempt, attempts } from './attempts.ts';
import { isErrorLike } from './http.ts';
import { cancelled } from './http-exchange.ts';

export interface MailOptions {
  /** `smtp://user:password@host:587` or `smtps://…:465`; a secret. */
  readonly url: string;
  /** Address of the sender. */
  readonly from: string;
  readonly clock: Clock;
  /** PEM of one more authority. */
  readonly ca?: string;
  /** One attempt, ms. */
  readonly attemptMs?: number;
  /** All attempts for one mail, ms. */
  readonly budgetMs?: number;
}

const ATTEMPT_MS = 20_000;
const BUDGET_MS = 60_000;
/** Servers must take a hundred recipients at once (RFC 5321, 4.5.3.1.8); more is up to them. */
const RECIPIENTS_AT_ONCE = 100;

/** Mail by SMTP over TLS whose certificate is checked. @throws INPUT_INVALID */
export function createMail(options: MailOptions): MailSender {
  const address = smtpAddress(options.url);
  requireAddresses((at) => tr`The sender of the mail is not a mail address ${at}.`, [options.from]);
  const { clock, budgetMs = BUDGET_MS } = options;
  return {
    async send(mail, { signal }) {
      requireAddresses((at) => tr`A recipient of the mail is not a mail address ${at}.`, mail.to);
      const recipients = [...new Set(mail.to)];
      const total = { accepted: 0, rejected: 0 };
      for (let from = 0; from < recipients.length; from += RECIPIENTS_AT_ONCE) {
        const some = recipients.slice(from, from + RECIPIENTS_AT_ONCE);
        const once = () => handOver(address, options, { ...mail, to: some }, signal);
        const part = await attempts(once, { clock, budgetMs, signal }).catch((error: unknown) => {
          if (signal.aborted) throw cancelled();
          throw total.accepted > 0 ? partly(error, total.accepted, recipients.length) : error;
        });
        total.accepted += part.accepted;
        total.rejected += part.rejected;
      }
      if (total.accepted === 0) throw failure(address, tr`all ${total.rejected} recipients were refused`);
      return total;
    },
  };
}

async function handOver(
  address: SmtpAddress,
  options: MailOptions,
  { to, subject, text, html }: Mail,
  signal: AbortSignal,
): Promise<Attempt<MailDelivery>> {
  if (signal.aborted) throw cancelled();
  const timeout = options.attemptMs ?? ATTEMPT_MS;
  const transport = createTransport({
    host: address.host,
    port: address.port,
    secure: address.tls === 'implicit',
    requireTLS: address.tls === 'starttls',
    ignoreTLS: address.tls === 'none',
    ...(address.user === '' ? {} : { auth: { user: address.user, pass: address.password } }),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED in the environment cannot switch it off.
    tls: {
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(options.ca ? { ca: [...getCACertificates('default'), options.ca] } : {}),
    },
    // Texts are texts, never names of files or addresses to be read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // The library's own timeouts start anew with every byte: a server that drips must not hold the run up.
  const limit = AbortSignal.any([signal, AbortSignal.timeout(options.budgetMs ?? BUDGET_MS)]);
  const ended = new Promise<never>((_, reject) =>
    limit.addEventListener('abort', () => reject(failure(address, tr`no answer in time`)), { once: true }),
  );
  try {
    const sent = await Promise.race([
      transport.sendMail({
        from: options.from,
        // Several do not see each other: they stand on the envelope alone.
        to: to.length === 1 ? to[0] : options.from,
        envelope: { from: options.from, to: [...to] },
        subject: subject.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim(),
        text,
        html,
        // So that no out-of-office answers come back (RFC 3834).
        headers: { 'auto-submitted': 'auto-generated' },
      }),
      ended,
    ]);
    return { done: { accepted: sent.accepted.length, rejected: sent.rejected.length } };
  } catch (error) {
    if (signal.aborted) throw cancelled();
    if (limit.aborted) throw error;
    return judged(address, error, to.length);
  } finally {
    // Nobody waits for it any more.
    ended.catch(() => undefined);
    transport.close();
  }
}

/** The library's error is no cause: it quotes the server, which quotes addresses. */
function judged(address: SmtpAddress, thrown: unknown, recipients: number): Attempt<MailDelivery> {
  const { code, responseCode, response, command } = thrown as {
    code?: string;
    responseCode?: number;
    response?: string;
    command?: string;
  };
  const temporary = responseCode !== undefined && responseCode >= 400 && responseCode < 500;
  if (responseCode !== undefined && code !== 'ETLS') {
    if (code === 'EENVELOPE' && !temporary && command !== 'MAIL FROM')
      return { done: { accepted: 0, rejected: recipients } };
    const status = /\b[45]\.\d{1,3}\.\d{1,3}\b/.exec(response ?? '')?.[0];
    const number = status ? `${responseCode} (${status})` : responseCode;
    const failed = failure(
      address,
      code === 'EAUTH'
        ? tr`the server answered ${number}: user or password is not accepted`
        : tr`the server answered ${number}`,
    );
    if (temporary) return { failed };
    throw failed;
  }
  const said = saidBy(thrown);
  const tlsFault = tlsFaultOf(said);
  const failed = failure(address, tlsFault ?? reasonOf(said, code));
  // Once the content is on its way a second attempt might deliver it twice.
  if (command === 'CONN' && ['ECONNREFUSED', 'ETIMEDOUT', 'ESOCKET', 'ECONNECTION', 'EDNS'].includes(code ?? '')) {
    if (tlsFault === undefined) return { failed };
  }
  throw failed;
}

function saidBy(thrown: unknown): string {
  const chain: { code?: unknown; message?: unknown }[] = [];
  for (let one = thrown; isErrorLike(one) && chain.length < 6; one = one.cause) chain.push(one as never);
  return chain.map((one) => `${one.code ?? ''} ${one.message ?? ''}`).join(' ');
}

function tlsFaultOf(said: string): string | undefined {
  if (/ALTNAME|altnames/i.test(said)) return tr`the server's certificate is for another name`;
  if (/certificate|SELF_SIGNED|ISSUER|CERT_/i.test(said)) return tr`the server's certificate is not accepted`;
  if (/STARTTLS|ETLS/i.test(said)) return tr`the server offers no TLS (STARTTLS), which is required`;
  if (/wrong version number|SSL routines/i.test(said))
    return tr`the server does not speak TLS on this port: port 587 is smtp://, port 465 is smtps://`;
  return undefined;
}

function reasonOf(said: string, code: string | undefined): string {
  if (/ECONNREFUSED/.test(said)) return tr`connection refused`;
  if (/ENOTFOUND|EAI_AGAIN|EDNS/.test(said)) return tr`the name does not resolve`;
  if (/ETIMEDOUT|timeout/i.test(said)) return tr`no answer in time`;
  if (/EAUTH/.test(said)) return tr`user or password is not accepted`;
  return code && /^[A-Z]{3,20}$/.test(code) ? tr`no usable answer (${code})` : tr`no usable answer`;
}

function requireAddresses(wrongOne: (at: string) => string, addresses: readonly string[]): void {
  const wrong = addresses.findIndex((one) => !isMailAddress(one));
  if (addresses.length > 0 && wrong < 0) return;
  throw new RollbackError(
    'INPUT_INVALID',
    addresses.length === 0
      ? tr`The mail has no recipient.`
      : wrongOne(tr`(number ${wrong + 1} of ${addresses.length})`),
    tr`Give addresses alone, as \`ops@example.com\`, one per entry, without names and without quotes.`,
  );
}

/** Whoever sends it again by hand must know that some have it. */
function partly(error: unknown, accepted: number, recipients: number): unknown {
  if (!(error instanceof RollbackError)) return error;
  return new RollbackError(
    error.code,
    tr`${error.message} Before that it was taken for ${accepted} of ${recipients} recipients.`,
    error.hint,
  );
}

function failure({ host, port }: SmtpAddress, reason: string): RollbackError {
  const options = port === 465 ? '' : ' -starttls smtp';
  return new RollbackError(
    'MESSAGE_FAILED',
    tr`The mail was not delivered by ${host}:${port}: ${reason}.`,
    tr`Tell the users by hand. To look at the server: \`openssl s_client -connect ${host}:${port}${options}\`.`,
  );
}
