/** What only the broker's administrator does: the stream of mailboxes and its durable consumers, and a look at the server. */
import { TransportError } from '../errors.ts';
import { allMail, LANES, mailDurable, mailFilter, mailStream } from '../subject.ts';
import { brokerWarnings } from './configuration.ts';
import type { NatsBroker } from './nats.ts';

export interface MailboxLimits {
  /** After this long mail is dropped unread; senders keep it and send again. Default 14 days. */
  readonly maxAgeMs?: number;
  /** Messages of one sender to one recipient and lane. Default 2,000. */
  readonly maxPerSubject?: number;
  /** All mailboxes together. Default 8 GiB. */
  readonly maxBytes?: number;
  readonly maxMessageBytes?: number;
  /** Messages handed out to one recipient and lane, not settled. Default 256. */
  readonly maxAckPending?: number;
}

const STREAM_NOT_FOUND = 10059;
const CONSUMER_NOT_FOUND = 10014;
const SECOND_NS = 1_000_000_000;
const ACK_WAIT_NS = 30 * SECOND_NS;

/**
 * Makes or adjusts the stream of a network's mailboxes and two durable consumers per node. Repeating it changes nothing;
 * nodes that are no longer listed keep their mail until it ages. Needs the administrator's connection.
 * Throws TransportError BROKER_REFUSED.
 */
export async function setUpMailboxes(
  administrator: NatsBroker,
  net: string,
  nodes: readonly string[],
  limits: MailboxLimits = {},
): Promise<void> {
  const stream = mailStream(net);
  const config = {
    name: stream,
    subjects: [allMail(net)],
    // Work queue: a message is gone once its one recipient has acknowledged it.
    retention: 'workqueue',
    storage: 'file',
    num_replicas: 1,
    max_consumers: -1,
    max_msgs: -1,
    max_bytes: limits.maxBytes ?? 8 * 1024 ** 3,
    max_age: (limits.maxAgeMs ?? 14 * 86_400_000) * 1_000_000,
    max_msg_size: limits.maxMessageBytes ?? 1024 * 1024,
    // A full mailbox refuses its sender, and no sender can fill another's.
    max_msgs_per_subject: limits.maxPerSubject ?? 2000,
    discard: 'new',
    discard_new_per_subject: true,
    duplicate_window: 120 * SECOND_NS,
    deny_delete: false,
    deny_purge: false,
  };
  const exists = await found(administrator.api(`STREAM.INFO.${stream}`), STREAM_NOT_FOUND);
  await administrator.api(`STREAM.${exists ? 'UPDATE' : 'CREATE'}.${stream}`, config);
  for (const node of nodes)
    for (const lane of LANES) {
      const durable = mailDurable(node, lane);
      if (await found(administrator.api(`CONSUMER.INFO.${stream}.${durable}`), CONSUMER_NOT_FOUND)) continue;
      await administrator.api(`CONSUMER.DURABLE.CREATE.${stream}.${durable}`, {
        stream_name: stream,
        config: {
          durable_name: durable,
          filter_subject: mailFilter(net, node, lane),
          deliver_policy: 'all',
          ack_policy: 'explicit',
          ack_wait: ACK_WAIT_NS,
          max_deliver: -1,
          max_ack_pending: limits.maxAckPending ?? 256,
          replay_policy: 'instant',
        },
      });
    }
}

async function found(request: Promise<object>, notFound: number): Promise<boolean> {
  try {
    await request;
    return true;
  } catch (error) {
    if (error instanceof TransportError && error.facts.errorCode === notFound) return false;
    throw error;
  }
}

export interface BrokerDescription {
  readonly version: string;
  /** What an operator should change, in whole sentences. */
  readonly warnings: readonly string[];
}

/** What the connected server is, and what is wrong with it. */
export const describeBroker = (broker: NatsBroker): BrokerDescription => ({
  version: broker.serverVersion,
  warnings: brokerWarnings(broker.serverVersion),
});
