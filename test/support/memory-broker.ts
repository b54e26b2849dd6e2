/** A broker within one process: the Broker port for tests that need to see, drop, repeat or forge single messages. */
import { TransportError } from '../../src/transport/errors.ts';
import type { Broker, BrokerMessage, BrokerStatus, Closing } from '../../src/transport/ports.ts';

interface Subscription {
  readonly pattern: readonly string[];
  readonly handle: (message: BrokerMessage) => void;
}

function matches(pattern: readonly string[], subject: string): boolean {
  const tokens = subject.split('.');
  for (const [index, part] of pattern.entries()) {
    if (part === '>') return tokens.length > index;
    if (part !== '*' && part !== tokens[index]) return false;
  }
  return pattern.length === tokens.length;
}

export interface Carried {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly reply: string | undefined;
}

export class MemoryBroker implements Broker {
  connected = true;
  readonly maxPayload = 1024 * 1024;
  /** Everything published, in order. */
  readonly carried: Carried[] = [];
  /** Decides what becomes of a message: as many deliveries of whatever it returns. */
  deliver: (message: Carried) => readonly Carried[] = (message) => [message];
  readonly #subscriptions = new Set<Subscription>();
  readonly #listeners = new Set<(status: BrokerStatus) => void>();

  publish(subject: string, data: Uint8Array, reply?: string): void {
    if (!this.connected) throw new TransportError('BROKER_DISCONNECTED', 'there is no connection');
    const message = { subject, data: data.slice(), reply };
    this.carried.push(message);
    for (const one of this.deliver(message)) this.inject(one);
  }

  /** Delivers a message as if somebody had published it. */
  inject(message: Carried): void {
    setImmediate(() => {
      let heard = false;
      for (const one of this.#subscriptions)
        if (matches(one.pattern, message.subject)) {
          heard = true;
          one.handle({ ...message, noResponders: false });
        }
      if (!heard && message.reply !== undefined && message.data.length > 0) this.#noResponders(message.reply);
    });
  }

  #noResponders(reply: string): void {
    for (const one of this.#subscriptions)
      if (matches(one.pattern, reply))
        one.handle({ subject: reply, reply: undefined, data: new Uint8Array(), noResponders: true });
  }

  subscribe(subject: string, handle: (message: BrokerMessage) => void): Closing {
    const subscription = { pattern: subject.split('.'), handle };
    this.#subscriptions.add(subscription);
    return { close: () => void this.#subscriptions.delete(subscription) };
  }

  async flush(): Promise<void> {}

  onStatus(listener: (status: BrokerStatus) => void): Closing {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  tell(type: BrokerStatus['type']): void {
    if (type === 'disconnected') this.connected = false;
    if (type === 'connected') this.connected = true;
    for (const listener of this.#listeners) listener({ type, detail: '' });
  }
}
