/** Mailboxes in memory, with the broker's habits: it forgets, repeats, reorders, and swallows a message id that it saw. */
import type { Mail, MailboxPort, PutOutcome } from '../../src/exchange/index.ts';

type Lane = 0 | 1;

export interface Posted {
  readonly sender: string;
  readonly recipient: string;
  readonly lane: Lane;
  readonly bytes: Uint8Array;
  readonly messageId: string;
}

/** What becomes of one message: how often it is delivered, and after how many later ones. */
export type Fate = { readonly copies: number; readonly behind: number };
export const DELIVER: Fate = { copies: 1, behind: 0 };

interface Box {
  readonly queue: Posted[];
  wake: () => void;
  /** Who consumes it. */
  handle?: (mail: Mail) => Promise<void>;
}

export class MemoryMail {
  /** Everything that was ever put, for replaying and for counting. */
  readonly posted: Posted[] = [];
  fate: (mail: Posted, index: number) => Fate = () => DELIVER;
  outcome: (mail: Posted) => PutOutcome = () => 'stored';
  readonly #boxes = new Map<string, Box>();
  readonly #seen = new Set<string>();

  /** Puts bytes into a mailbox as the broker's operator could, under any name. */
  deliver(mail: Omit<Posted, 'messageId'>): void {
    const box = this.#box(mail.recipient, mail.lane);
    box.queue.push({ ...mail, messageId: '' });
    box.wake();
  }

  /** Hands bytes to who consumes the mailbox, at once, and says what became of them. Throws what the consumer throws. */
  async offer(mail: Omit<Posted, 'messageId'>): Promise<'acknowledged' | 'later' | 'left'> {
    const { handle } = this.#box(mail.recipient, mail.lane);
    if (!handle) throw new Error(`nobody consumes lane ${mail.lane} of ${mail.recipient}`);
    let became: 'acknowledged' | 'later' | 'left' = 'left';
    await handle({
      ...mail,
      ack: async () => {
        became = 'acknowledged';
      },
      retryLater: async () => {
        became = 'later';
      },
    });
    return became;
  }

  backlog(recipient: string, lane: Lane): number {
    return this.#box(recipient, lane).queue.length;
  }

  /** The mailbox of one node. */
  mailboxOf(self: string): MailboxPort {
    return {
      put: async (mail) => {
        const posted = { ...mail, sender: self };
        const outcome = this.outcome(posted);
        if (outcome !== 'stored') return outcome;
        const id = `${mail.recipient} ${mail.messageId}`;
        if (this.#seen.has(id)) return 'duplicate';
        this.#seen.add(id);
        const index = this.posted.push(posted) - 1;
        const { copies, behind } = this.fate(posted, index);
        const box = this.#box(mail.recipient, mail.lane);
        for (let copy = 0; copy < copies; copy++) {
          box.queue.splice(Math.max(0, box.queue.length - behind), 0, posted);
        }
        box.wake();
        return 'stored';
      },
      consume: (lane, handle, { signal, maxInFlight }) =>
        this.#consume(this.#box(self, lane), handle, signal, maxInFlight),
    };
  }

  async #consume(
    box: Box,
    handle: (mail: Mail) => Promise<void>,
    signal: AbortSignal,
    maxInFlight: number,
  ): Promise<void> {
    const working = new Set<Promise<void>>();
    box.handle = handle;
    signal.addEventListener('abort', () => box.wake(), { once: true });
    while (!signal.aborted) {
      const posted = working.size < maxInFlight ? box.queue.shift() : undefined;
      if (!posted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        box.wake = resolve;
        if (signal.aborted) break;
        await Promise.race([promise, ...working]);
        continue;
      }
      const work = this.#hand(box, posted, handle).finally(() => working.delete(work));
      working.add(work);
    }
    await Promise.all(working);
  }

  async #hand(box: Box, posted: Posted, handle: (mail: Mail) => Promise<void>): Promise<void> {
    let settled = false;
    const again = () => {
      box.queue.push(posted);
      box.wake();
    };
    try {
      await handle({
        sender: posted.sender,
        lane: posted.lane,
        bytes: posted.bytes,
        ack: async () => {
          settled = true;
        },
        retryLater: async (delayMs) => {
          settled = true;
          setTimeout(again, delayMs).unref();
        },
      });
    } catch {
      // As a broker does: what was not settled comes again.
    }
    if (!settled) again();
  }

  #box(node: string, lane: Lane): Box {
    const key = `${node} ${lane}`;
    const known = this.#boxes.get(key);
    if (known) return known;
    const box: Box = { queue: [], wake: () => undefined };
    this.#boxes.set(key, box);
    return box;
  }
}
