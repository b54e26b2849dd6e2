/**
 * Questions to whoever else runs under this node's name: asked on the node's own subject, answered into its own inbox, both
 * bound by the broker's permissions to this one member. Unsealed and unauthenticated: what an answer proves is its reader's
 * affair.
 */
import { hex } from '../base/bytes.ts';
import type { Random } from '../base/clock.ts';
import { LIMITS } from '../base/limits.ts';
import type { Broker, Closing } from './ports.ts';
import { parseRpcInbox, rpcInbox, rpcInboxFilter, rpcSubject } from './subject.ts';

const TOKEN_BYTES = 11;

export interface Namesakes extends Closing {
  /** Asks all processes of this name, this one included. Throws TransportError like Broker.publish. */
  ask(question: Uint8Array): void;
  /** Resolves when whatever the broker had for us until now has been handed over. Rejects without a connection. */
  flush(): Promise<void>;
}

export interface NamesakesDeps {
  readonly broker: Broker;
  /** Network token and own node id. */
  readonly net: string;
  readonly self: string;
  readonly random: Random;
}

export interface NamesakesHandlers {
  /** A question, also this process's own. `answer` throws TransportError like Broker.publish. */
  readonly asked: (question: Uint8Array, answer: (bytes: Uint8Array) => void) => void;
  readonly answered: (answer: Uint8Array) => void;
}

/** Messages beyond `LIMITS.handshakeBytes` are dropped, as are questions that want their answer anywhere but in our inbox. */
export function openNamesakes(deps: NamesakesDeps, handlers: NamesakesHandlers): Namesakes {
  const { broker, net, self, random } = deps;
  const token = hex(random.bytes(TOKEN_BYTES));
  const subject = rpcSubject(net, self, self);
  const fits = (data: Uint8Array): boolean => data.length > 0 && data.length <= LIMITS.handshakeBytes;
  const subscriptions = [
    broker.subscribe(rpcInboxFilter(self, token), ({ data }) => {
      if (fits(data)) handlers.answered(data);
    }),
    broker.subscribe(subject, ({ data, reply = '' }) => {
      const inbox = parseRpcInbox(reply);
      if (!fits(data) || inbox?.caller !== self || inbox.callee !== self) return;
      handlers.asked(data, (bytes) => broker.publish(reply, bytes));
    }),
  ];
  return {
    ask: (question) => broker.publish(subject, question, rpcInbox(self, token, self)),
    flush: () => broker.flush(),
    close: () => {
      for (const one of subscriptions.splice(0)) one.close();
    },
  };
}
