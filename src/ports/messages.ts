/** A chat channel, e.g. Slack. */
export interface ChatSender {
  /**
   * Posts one message of plain text: what the receiver would take for markup or for a mention is escaped.
   * Retried within a bound while the receiver says that it did not take it.
   * @throws MESSAGE_FAILED, without the receiver's address; CANCELLED
   */
  send(text: string, options: { readonly signal: AbortSignal }): Promise<void>;
}

export interface Mail {
  /** Addresses alone, without names. No recipient sees another. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Counts only: addresses are personal data. */
export interface MailDelivery {
  readonly accepted: number;
  readonly rejected: number;
}

export interface MailSender {
  /**
   * Hands one mail to the server for all recipients, as text and HTML.
   * @throws INPUT_INVALID (an address that is none), MESSAGE_FAILED (no recipient was accepted), CANCELLED; without addresses and passwords
   */
  send(mail: Mail, options: { readonly signal: AbortSignal }): Promise<MailDelivery>;
}
