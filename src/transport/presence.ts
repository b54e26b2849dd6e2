/** Small public messages that a node tells everyone: that it is there, and the newest checkpoint of its log. Unsealed. */
import { LIMITS } from '../base/limits.ts';
import { TransportError } from './errors.ts';
import type { Broker, Closing } from './ports.ts';
import { parseSubject, type Topic, topicFilter, topicSubject } from './subject.ts';

export interface Notice {
  /** From the subject: not authenticated. */
  readonly node: string;
  readonly bytes: Uint8Array;
}

export interface Presence {
  /** At most once, to whoever listens now. Throws TransportError like Broker.publish. */
  publish(topic: Topic, bytes: Uint8Array): void;
  /** Others' notices; one that is too large is dropped. */
  watch(topic: Topic, handle: (notice: Notice) => void): Closing;
}

export interface PresenceDeps {
  readonly broker: Broker;
  /** Network token and own node id. */
  readonly net: string;
  readonly self: string;
}

export function openPresence({ broker, net, self }: PresenceDeps): Presence {
  return {
    publish: (topic, bytes) => {
      if (bytes.length > LIMITS.noticeBytes)
        throw new TransportError(
          'PAYLOAD_TOO_LARGE',
          `expected a notice of at most ${LIMITS.noticeBytes} bytes, got ${bytes.length}`,
        );
      broker.publish(topicSubject(topic, net, self), bytes);
    },
    watch: (topic, handle) =>
      broker.subscribe(topicFilter(topic, net), (message) => {
        const subject = parseSubject(message.subject);
        if (subject?.kind !== topic || subject.net !== net || subject.node === self) return;
        if (message.data.length <= LIMITS.noticeBytes) handle({ node: subject.node, bytes: message.data });
      }),
  };
}
