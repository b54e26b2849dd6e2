/**
 * Mailboxes: a sender puts, the recipient takes when it is there. No receipt and no archive (design §1.3): the broker may
 * lose, repeat and reorder, so what is in here is sealed, numbered and kept by its sender until a signed receipt comes.
 */
import type { MailBroker, PutResult, StoredMessage } from './ports.ts';
import { type Lane, mailDurable, mailStream, mailSubject, parseSubject } from './subject.ts';

export interface OutgoingMail {
  readonly recipient: string;
  readonly lane: Lane;
  readonly bytes: Uint8Array;
  /**
   * Suppresses a repetition within the broker's window, also where the broker no longer holds the first: so it has to
   * differ between attempts that must arrive.
   */
  readonly messageId: string;
}

export interface Mail {
  /** From the subject: not authenticated. */
  readonly sender: string;
  readonly lane: Lane;
  readonly bytes: Uint8Array;
  /** Handed out before; a recipient tells repetitions by its own store, this is a hint. */
  readonly redelivered: boolean;
  /** To be called after the commit. A lost acknowledgement means that the mail comes again. */
  ack(): Promise<void>;
  retryLater(delayMs: number): Promise<void>;
}

export interface MailboxConsumeOptions {
  readonly signal: AbortSignal;
  /** Mails handed out and not settled; default 32. */
  readonly maxInFlight?: number;
  readonly failed?: (error: unknown) => void;
}

export interface Mailbox {
  /** Throws TransportError PAYLOAD_TOO_LARGE; else says what the broker said. */
  put(mail: OutgoingMail): Promise<PutResult>;
  /** Runs until the signal aborts. A handler that rejects, or settles nothing, gets its mail again. */
  consume(lane: Lane, handle: (mail: Mail) => Promise<void>, options: MailboxConsumeOptions): Promise<void>;
  /** Mails of a lane not yet handed out. */
  backlog(lane: Lane): Promise<number>;
}

export interface MailboxDeps {
  readonly broker: MailBroker;
  /** Network token and own node id. */
  readonly net: string;
  readonly self: string;
}

const DEFAULT_IN_FLIGHT = 32;

/** The mailboxes of a node: its own two lanes to take from, everybody's to put into. */
export function openMailbox({ broker, net, self }: MailboxDeps): Mailbox {
  const stream = mailStream(net);
  return {
    put: ({ recipient, lane, bytes, messageId }) =>
      broker.put(mailSubject(net, recipient, self, lane), bytes, messageId),
    consume: (lane, handle, options) =>
      broker.consume(
        stream,
        mailDurable(self, lane),
        async (message) => {
          const subject = parseSubject(message.subject);
          if (
            subject?.kind !== 'mail' ||
            subject.net !== net ||
            subject.recipient !== self ||
            subject.lane !== lane
          ) {
            // Not addressed to this mailbox: it can be nobody's, and would come again for ever.
            message.ack();
            options.failed?.(new Error('mail of another mailbox was thrown away'));
            return;
          }
          await handle(toMail(message, subject.sender, lane));
        },
        {
          signal: options.signal,
          maxInFlight: options.maxInFlight ?? DEFAULT_IN_FLIGHT,
          ...(options.failed === undefined ? {} : { failed: options.failed }),
        },
      ),
    backlog: (lane) => broker.backlog(stream, mailDurable(self, lane)),
  };
}

const toMail = (message: StoredMessage, sender: string, lane: Lane): Mail => ({
  sender,
  lane,
  bytes: message.data,
  redelivered: message.redelivered,
  ack: async () => message.ack(),
  retryLater: async (delayMs) => message.retryLater(delayMs),
});
