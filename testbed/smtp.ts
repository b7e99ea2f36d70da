import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  /** Of the envelope. */
  readonly from: string;
  readonly to: readonly string[];
  /** Whole message, as it came. */
  readonly content: string;
  readonly secure: boolean;
  /** Who was logged in; empty without. */
  readonly user: string;
}

export interface SmtpServerOptions {
  /** PEM; of an authority of testbed/certificates.ts. */
  readonly tls: { readonly cert: string; readonly key: string };
  /** `starttls` unless told; `none`: it does not even offer it. */
  readonly mode?: 'starttls' | 'implicit' | 'none';
  /** Without it nobody needs to log in. */
  readonly login?: { readonly user: string; readonly password: string };
}

/** A refusal: three digits and a text, as a real server words it. */
export interface Refusal {
  readonly code: number;
  readonly text: string;
}

export interface SmtpReceiver extends AsyncDisposable {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Connections so far. */
  readonly connections: number;
  /** Refuses recipients of which it says so, at RCPT TO. */
  refuseRecipients(refusal: (address: string) => Refusal | undefined): void;
  /** Refuses the next mails at their end, in order. */
  refuseMails(...refusals: readonly Refusal[]): void;
  /** Forgets mails and refusals. */
  clear(): void;
  stop(): Promise<void>;
}

/** A real SMTP server on the loopback interface that keeps what it gets. */
export async function startSmtp({ tls, mode = 'starttls', login }: SmtpServerOptions): Promise<SmtpReceiver> {
  const mails: ReceivedMail[] = [];
  let connections = 0;
  let refuse: (address: string) => Refusal | undefined = () => undefined;
  let refusals: Refusal[] = [];
  const errorOf = ({ code, text }: Refusal) => Object.assign(new Error(text), { responseCode: code });
  const server = new SMTPServer({
    ...tls,
    secure: mode === 'implicit',
    disabledCommands: [...(mode === 'none' ? ['STARTTLS'] : []), ...(login ? [] : ['AUTH'])],
    authOptional: !login,
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    onConnect(_session, done) {
      connections++;
      done();
    },
    onAuth({ username, password }, _session, done) {
      if (username === login?.user && password === login?.password) done(null, { user: username });
      else done(errorOf({ code: 535, text: `5.7.8 Authentication failed for ${username} ${password}` }));
    },
    onRcptTo({ address }, _session, done) {
      const refusal = refuse(address);
      done(refusal ? errorOf(refusal) : undefined);
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const refusal = refusals.shift();
        if (refusal) {
          done(errorOf(refusal));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          content: Buffer.concat(chunks).toString('utf8'),
          secure: session.secure,
          user: typeof session.user === 'string' ? session.user : '',
        });
        done();
      });
    },
  });
  // Clients that leave in the middle, as those that do not like the certificate.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= new Promise<void>((resolve) => server.close(resolve));
    return stopped;
  };
  return {
    port,
    mails,
    get connections() {
      return connections;
    },
    refuseRecipients: (refusal) => {
      refuse = refusal;
    },
    refuseMails: (...more) => {
      refusals.push(...more);
    },
    clear: () => {
      mails.length = 0;
      refusals = [];
      refuse = () => undefined;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
