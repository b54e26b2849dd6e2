/**
 * Pulls messages of a durable consumer over plain requests, so that what is asked, what is outstanding and what happens
 * at a reconnect is in sight here. A message is ours because it came to this pull's inbox, whatever its subject says; an
 * acknowledgement goes only to the acknowledgement subject of this very consumer.
 */
import { randomBytes } from 'node:crypto';
import type { Msg, NatsConnection } from 'nats';
import { sleep, Wake } from '../../base/async.ts';
import { hex, utf8 } from '../../base/bytes.ts';
import type { Broker, ConsumeOptions, StoredMessage } from '../ports.ts';

/** How long one pull stays open at the broker. */
const PULL_MS = 20_000;
/** Below the consumer's ack_wait of 30 s: a handler that takes longer keeps its message. */
const WORKING_MS = 10_000;
const RETRY_MS = 1000;
const HANDLER_FAILED_MS = 5000;

export interface Consumer {
  readonly stream: string;
  readonly durable: string;
  readonly inboxPrefix: string;
}

/** Resolves when the signal aborts and the messages in hand are settled. */
export async function consumeMail(
  connection: NatsConnection,
  broker: Broker,
  consumer: Consumer,
  handle: (message: StoredMessage) => Promise<void>,
  options: ConsumeOptions,
): Promise<void> {
  const { signal, maxInFlight } = options;
  const pullSubject = `$JS.API.CONSUMER.MSG.NEXT.${consumer.stream}.${consumer.durable}`;
  const wake = new Wake();
  const running = new Set<Promise<void>>();
  const status = broker.onStatus(({ type }) => {
    if (type === 'connected' || type === 'disconnected' || type === 'closed') wake.wake();
  });
  const failed = (error: unknown) => options.failed?.(error);

  const take = (message: Msg): void => {
    const delivery = parseAckSubject(message.reply ?? '', consumer);
    if (delivery === undefined) {
      failed(new Error(`a message without an acknowledgement subject of ${consumer.durable} was ignored`));
      return;
    }
    const task = settle(connection, message, delivery, handle, failed).finally(() => {
      running.delete(task);
      wake.wake();
    });
    running.add(task);
  };

  try {
    while (!signal.aborted && !connection.isClosed()) {
      // Half the slots free: fewer, larger pulls.
      if (!broker.connected || running.size > maxInFlight / 2) {
        await wake.wait(RETRY_MS, signal);
        continue;
      }
      const batch = maxInFlight - running.size;
      let open = batch;
      let over = false;
      let mishap: string | undefined;
      // One inbox per pull: late messages of an earlier one still have their subscription until it is closed.
      const inbox = `${consumer.inboxPrefix}.pull.${hex(randomBytes(12))}`;
      const subscription = connection.subscribe(inbox, {
        callback: (error, message) => {
          const code = message?.headers?.code ?? 0;
          if (error === null && code === 0) {
            open--;
            take(message);
          } else if (code !== 100) {
            over = true;
            if (
              code !== 404 &&
              code !== 408 &&
              !/completed|exceeded/i.test(message?.headers?.description ?? '')
            )
              mishap = error?.message ?? `${code} ${message?.headers?.description ?? ''}`;
          }
          wake.wake();
        },
      });
      const until = Date.now() + PULL_MS + RETRY_MS;
      try {
        connection.publish(pullSubject, utf8(JSON.stringify({ batch, expires: PULL_MS * 1_000_000 })), {
          reply: inbox,
        });
        while (!over && open > 0 && broker.connected && Date.now() < until && !connection.isClosed())
          await wake.wait(Math.max(1, until - Date.now()), signal);
      } finally {
        if (!connection.isClosed()) subscription.unsubscribe();
      }
      if (mishap !== undefined) {
        failed(new Error(`pulling from ${consumer.durable} failed: ${mishap}`));
        await sleep(RETRY_MS, signal);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    status.close();
    await Promise.all(running);
  }
}

interface Delivery {
  readonly reply: string;
  readonly count: number;
}

/**
 * `$JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>`, with domain and account hash
 * before the stream in newer servers (ADR-15). Undefined for any other subject, so that we acknowledge nowhere else.
 */
function parseAckSubject(reply: string, consumer: Consumer): Delivery | undefined {
  const tokens = reply.split('.');
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK') return undefined;
  const at = tokens.length === 9 ? 2 : tokens.length >= 11 ? 4 : -1;
  if (at < 0 || tokens[at] !== consumer.stream || tokens[at + 1] !== consumer.durable) return undefined;
  const count = Number(tokens[at + 2]);
  return Number.isSafeInteger(count) && count > 0 ? { reply, count } : undefined;
}

async function settle(
  connection: NatsConnection,
  message: Msg,
  delivery: Delivery,
  handle: (message: StoredMessage) => Promise<void>,
  failed: (error: unknown) => void,
): Promise<void> {
  let settled = false;
  const answer = (text: string, last: boolean) => {
    if (settled) return;
    settled = last;
    // Lost with the connection at worst: then the message comes again.
    if (!connection.isClosed()) connection.publish(delivery.reply, utf8(text));
  };
  const working = setInterval(() => answer('+WPI', false), WORKING_MS);
  try {
    await handle({
      subject: message.subject,
      data: message.data,
      redelivered: delivery.count > 1,
      ack: () => answer('+ACK', true),
      retryLater: (delayMs) =>
        answer(`-NAK {"delay": ${Math.max(1, Math.round(delayMs)) * 1_000_000}}`, true),
    });
  } catch (error) {
    failed(error);
    answer(`-NAK {"delay": ${HANDLER_FAILED_MS * 1_000_000}}`, true);
  } finally {
    clearInterval(working);
  }
}
