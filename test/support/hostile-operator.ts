/**
 * The broker's operator: sees everything that passes or lies in the broker, and puts there what it likes under any name.
 * It holds every right at the broker and no key of any member.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ConnectionOptions,
  connect,
  headers,
  type NatsConnection,
  nkeyAuthenticator,
  type Subscription,
} from 'nats';
import { equalBytes, hex, utf8 } from '../../src/base/bytes.ts';
import { systemRandom } from '../../src/base/clock.ts';
import { connectBroker, inboxPrefix, mailStream, type NatsBroker } from '../../src/transport/index.ts';
import type { TestFederation } from './federation.ts';

/** A message as it passed the broker. */
export interface Seen {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly data: Uint8Array;
  /** Names and values of its headers, as text. */
  readonly headers: string;
}

export interface MailPlace {
  readonly sender: string;
  readonly recipient: string;
  readonly lane?: 0 | 1;
}

export class Operator implements AsyncDisposable {
  /** What others sent, oldest first. */
  readonly seen: Seen[] = [];
  readonly net: string;
  readonly #federation: TestFederation;
  readonly #connection: NatsConnection;
  #listening: Subscription | undefined;
  /** What it put there itself. */
  readonly #own: Uint8Array[] = [];

  private constructor(federation: TestFederation, connection: NatsConnection) {
    this.#federation = federation;
    this.#connection = connection;
    this.net = federation.federation.networkDigest.slice(0, 16);
  }

  /** Connects to the running broker and watches `>` from then on. */
  static async watch(federation: TestFederation): Promise<Operator> {
    const { servers, tls } = addressOf(federation);
    const connection = await connect({
      servers: [...servers],
      // `servername` is handed on to node:tls.
      tls: {
        ca: tls.ca,
        cert: tls.cert,
        key: tls.key,
        servername: tls.serverName,
      } as ConnectionOptions['tls'],
      authenticator: nkeyAuthenticator(utf8(federation.operatorSeed)),
    } as ConnectionOptions);
    const operator = new Operator(federation, connection);
    await operator.listen('>');
    return operator;
  }

  /** A connection with the same rights that speaks from the inbox of `as`. */
  static connectAs(federation: TestFederation, as: string): Promise<NatsBroker> {
    return connectBroker({
      ...addressOf(federation),
      nkeySeed: federation.operatorSeed,
      inboxPrefix: inboxPrefix(as),
      name: 'operator',
    });
  }

  /** Listens to these subjects from now on, and to no others. */
  async listen(subject: string): Promise<void> {
    this.#listening?.unsubscribe();
    this.#listening = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null || this.#own.some((own) => equalBytes(own, message.data))) return;
        const lines = [...(message.headers ?? [])].map(([name, values]) => `${name}: ${values.join(',')}`);
        this.seen.push({
          subject: message.subject,
          reply: message.reply === '' ? undefined : message.reply,
          data: Uint8Array.from(message.data),
          headers: lines.join('\n'),
        });
      },
    });
    await this.#connection.flush();
  }

  /** Parcels that passed, oldest first. */
  mail(of: MailPlace): readonly Seen[] {
    return this.seen.filter(({ subject, data }) => subject === this.#mailSubject(of) && data.length > 0);
  }

  /** Packets of calls from one node to another, oldest first. */
  calls(caller: string, callee: string): readonly Seen[] {
    return this.seen.filter(({ subject }) => subject === `tocsin.${this.net}.rpc.${callee}.${caller}`);
  }

  /** Puts bytes into a mailbox under any sender's name, with a message id of its own. */
  async putMail(of: MailPlace, data: Uint8Array): Promise<void> {
    await this.#put(this.#mailSubject(of), data);
  }

  /** All parcels that passed, of everybody, oldest first. */
  allMail(): readonly Seen[] {
    return this.seen.filter(
      ({ subject, data }) => subject.startsWith(`tocsin.${this.net}.mail.`) && data.length > 0,
    );
  }

  /** Puts a message that passed into its mailbox again. */
  async putAgain({ subject, data }: Seen): Promise<void> {
    await this.#put(subject, data);
  }

  /** Deletes the stream of the mailboxes with all that waits in it. */
  async deleteStream(): Promise<void> {
    const subject = `$JS.API.STREAM.DELETE.${mailStream(this.net)}`;
    const answer = await this.#connection.request(subject, '', { timeout: 5_000 });
    if (answer.json<{ success?: boolean }>().success !== true) throw new Error('the stream is still there');
  }

  /** Deletes all mail that waits, whether acknowledged or not. */
  async purgeMail(): Promise<void> {
    await this.#connection.request(`$JS.API.STREAM.PURGE.${mailStream(this.net)}`, '', { timeout: 5_000 });
  }

  publish(subject: string, data: Uint8Array, reply?: string): void {
    this.#own.push(data);
    this.#connection.publish(subject, data, reply === undefined ? {} : { reply });
  }

  /** Files in which the broker keeps mailboxes, as they are on disk now. */
  files(): readonly Uint8Array[] {
    const store = join(this.#federation.dir, 'broker', 'store');
    return readdirSync(store, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }

  async #put(subject: string, data: Uint8Array): Promise<void> {
    const fresh = headers();
    this.#own.push(data);
    fresh.set('Nats-Msg-Id', hex(systemRandom.bytes(8)));
    await this.#connection.request(subject, data, { headers: fresh, timeout: 5_000 });
  }

  #mailSubject({ sender, recipient, lane }: MailPlace): string {
    return `tocsin.${this.net}.mail.${recipient}.${sender}.${lane ?? 1}`;
  }
}

function addressOf(federation: TestFederation) {
  const dir = join(federation.dir, 'broker');
  const read = (name: string): string => readFileSync(join(dir, name), 'utf8');
  const { host, port, name } = JSON.parse(read('broker.json')) as {
    host: string;
    port: number;
    name: string;
  };
  return {
    servers: [`tls://${host}:${port}`],
    tls: { ca: read('ca.pem'), cert: read('admin.pem'), key: read('admin.key.pem'), serverName: name },
  };
}
