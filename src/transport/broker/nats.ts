/**
 * The connection to NATS, behind the Broker and MailBroker ports; beside this folder nothing knows the client library.
 * The broker is untrusted (design §1.1): no decision reads a header, and what it says of itself is a hint.
 */
import {
  type ConnectionOptions,
  connect,
  headers,
  type Msg,
  type NatsConnection,
  type NatsError,
  nkeyAuthenticator,
  nkeys,
} from 'nats';
import { textOf, utf8 } from '../../base/bytes.ts';
import { TransportError } from '../errors.ts';
import type {
  Broker,
  BrokerMessage,
  BrokerStatus,
  Closing,
  ConsumeOptions,
  MailBroker,
  PutResult,
  StoredMessage,
} from '../ports.ts';
import { consumeMail } from './consume.ts';
import { dialPace } from './dial-pace.ts';

export interface BrokerTls {
  /** PEM texts. */
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
  /** Name that the server's certificate must carry, where it is not the host that is dialled. */
  readonly serverName?: string;
}

export interface BrokerOptions {
  /** `nats://host:port` or `host:port`. */
  readonly servers: readonly string[];
  /** Absent = no TLS: for tests only. */
  readonly tls?: BrokerTls;
  /** Private nkey of the user (`SU…`). */
  readonly nkeySeed?: string;
  /** `inboxPrefix(self)`: what permissions bind. */
  readonly inboxPrefix: string;
  /** Name of the connection, for the broker's operator. */
  readonly name: string;
  /** Wait between two attempts to reconnect; default 500 ms. */
  readonly reconnectDelayMs?: number;
  /** How long the first connection may take; default: for ever, as a node starts before its broker. */
  readonly firstConnectTimeoutMs?: number;
  /** How long an answer of the mailboxes may take; default 5 s. */
  readonly requestTimeoutMs?: number;
}

/** JetStream's code for a stream that takes no more (maximum messages, bytes, or messages per subject). */
const STORE_FAILED = 10077;
const JETSTREAM_FULL = new Set([STORE_FAILED, 10023, 10047, 10028]);

interface PubAck {
  readonly stream?: string;
  readonly duplicate?: boolean;
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
}

export class NatsBroker implements Broker, MailBroker {
  readonly #connection: NatsConnection;
  readonly #options: BrokerOptions;
  readonly #listeners = new Set<(status: BrokerStatus) => void>();
  #connected = true;
  #closed = false;

  constructor(connection: NatsConnection, options: BrokerOptions) {
    this.#connection = connection;
    this.#options = options;
    void this.#watch();
    void connection.closed().then((error) => {
      this.#closed = true;
      this.#connected = false;
      this.#tell('closed', error instanceof Error ? error.message : 'closed');
    });
  }

  get connected(): boolean {
    return this.#connected;
  }

  get maxPayload(): number {
    return this.#connection.info?.max_payload ?? 1024 * 1024;
  }

  /** What the server says it is; empty before the first connection. */
  get serverVersion(): string {
    return this.#connection.info?.version ?? '';
  }

  publish(subject: string, data: Uint8Array, reply?: string): void {
    this.#assertConnected();
    if (data.length > this.maxPayload)
      throw new TransportError(
        'PAYLOAD_TOO_LARGE',
        `expected at most ${this.maxPayload} bytes (the broker's max_payload), got ${data.length}`,
      );
    this.#connection.publish(subject, data, reply === undefined ? undefined : { reply });
  }

  subscribe(subject: string, handle: (message: BrokerMessage) => void): Closing {
    if (this.#closed) throw new TransportError('BROKER_CLOSED', 'the connection to the broker is closed');
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) handle(toMessage(message));
      },
    });
    return {
      close: () => {
        if (!this.#closed) subscription.unsubscribe();
      },
    };
  }

  flush(): Promise<void> {
    if (!this.#connected) return Promise.reject(this.#disconnected());
    return this.#connection.flush();
  }

  onStatus(listener: (status: BrokerStatus) => void): Closing {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  async put(subject: string, data: Uint8Array, messageId: string): Promise<PutResult> {
    if (data.length > this.maxPayload)
      throw new TransportError(
        'PAYLOAD_TOO_LARGE',
        `expected at most ${this.maxPayload} bytes (the broker's max_payload), got ${data.length}`,
      );
    if (!this.#connected) return 'unknown';
    const messageHeaders = headers();
    messageHeaders.set('Nats-Msg-Id', messageId);
    let answer: PubAck;
    try {
      const message = await this.#connection.request(subject, data, {
        timeout: this.#options.requestTimeoutMs ?? 5000,
        headers: messageHeaders,
      });
      answer = JSON.parse(textOf(message.data));
    } catch {
      return 'unknown';
    }
    const code = answer.error?.err_code;
    if (code !== undefined && JETSTREAM_FULL.has(code)) return 'full';
    if (answer.error !== undefined || typeof answer.stream !== 'string') return 'unknown';
    return answer.duplicate === true ? 'duplicate' : 'stored';
  }

  consume(
    stream: string,
    durable: string,
    handle: (message: StoredMessage) => Promise<void>,
    options: ConsumeOptions,
  ): Promise<void> {
    return consumeMail(
      this.#connection,
      this,
      { stream, durable, inboxPrefix: this.#options.inboxPrefix },
      handle,
      options,
    );
  }

  async backlog(stream: string, durable: string): Promise<number> {
    const info = await this.api(`CONSUMER.INFO.${stream}.${durable}`);
    const pending: unknown = Reflect.get(info, 'num_pending');
    if (typeof pending !== 'number')
      throw new TransportError('BROKER_REFUSED', `expected num_pending of consumer ${durable}, got none`);
    return pending;
  }

  /**
   * One request of JetStream's API. Throws TransportError BROKER_REFUSED, with JetStream's error code among the facts,
   * for an error or no answer.
   */
  async api(name: string, body?: object): Promise<object> {
    if (!this.#connected) throw this.#disconnected();
    let answer: unknown;
    try {
      const message = await this.#connection.request(
        `$JS.API.${name}`,
        body === undefined ? undefined : utf8(JSON.stringify(body)),
        { timeout: this.#options.requestTimeoutMs ?? 5000 },
      );
      answer = JSON.parse(textOf(message.data));
    } catch (cause) {
      throw new TransportError(
        'BROKER_REFUSED',
        `the broker did not answer ${name}: is JetStream on, and permitted?`,
        {
          retry: 'later',
          cause,
        },
      );
    }
    if (typeof answer !== 'object' || answer === null)
      throw new TransportError('BROKER_REFUSED', `expected an answer to ${name}, got none`);
    const error: unknown = Reflect.get(answer, 'error');
    if (typeof error === 'object' && error !== null)
      throw new TransportError(
        'BROKER_REFUSED',
        `the broker refused ${name}: ${Reflect.get(error, 'description')}`,
        {
          facts: { errorCode: Number(Reflect.get(error, 'err_code') ?? 0) },
        },
      );
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    if (this.#connected) await this.#connection.flush().catch(() => undefined);
    await this.#connection.close();
    // The client does not always report its own closing.
    this.#closed = true;
    this.#connected = false;
  }

  #disconnected(): TransportError {
    return this.#closed
      ? new TransportError('BROKER_CLOSED', 'the connection to the broker is closed for good', {
          retry: 'fatal',
        })
      : new TransportError('BROKER_DISCONNECTED', 'there is no connection to the broker at the moment', {
          retry: 'later',
        });
  }

  /** The client would keep what is published without a connection, in memory without bound and after its time. */
  #assertConnected(): void {
    if (!this.#connected || this.#connection.isClosed()) throw this.#disconnected();
  }

  #tell(type: BrokerStatus['type'], detail: string): void {
    for (const listener of [...this.#listeners]) listener({ type, detail });
  }

  async #watch(): Promise<void> {
    for await (const status of this.#connection.status()) {
      const detail = typeof status.data === 'string' ? status.data : '';
      switch (status.type) {
        case 'disconnect':
          this.#connected = false;
          this.#tell('disconnected', detail);
          break;
        case 'reconnect':
          this.#connected = true;
          this.#tell('connected', detail);
          break;
        case 'error':
          if (status.permissionContext !== undefined)
            this.#tell(
              'refused',
              `${status.permissionContext.operation} ${status.permissionContext.subject}`,
            );
          else if (/slow consumer/i.test(detail)) this.#tell('slow-consumer', detail);
          break;
        default:
      }
    }
  }
}

const toMessage = (message: Msg): BrokerMessage => ({
  subject: message.subject,
  reply: message.reply === undefined || message.reply === '' ? undefined : message.reply,
  data: message.data,
  noResponders: message.data.length === 0 && message.headers?.code === 503,
});

/**
 * Connects, waiting for a broker that is not there yet, and reconnects without end; a rotated certificate or credential is
 * tried again too. Only `close` ends it. Throws TransportError CONFIGURATION_INVALID for a bad seed, BROKER_DISCONNECTED
 * where `firstConnectTimeoutMs` passes.
 */
export async function connectBroker(options: BrokerOptions): Promise<NatsBroker> {
  const { tls, nkeySeed } = options;
  const delayMs = options.reconnectDelayMs ?? 500;
  const connecting = connect({
    servers: [...options.servers],
    name: options.name,
    inboxPrefix: options.inboxPrefix,
    maxReconnectAttempts: -1,
    waitOnFirstConnect: true,
    ignoreAuthErrorAbort: true,
    ignoreClusterUpdates: true,
    reconnectDelayHandler: dialPace(() => delayMs * (1 + Math.random() / 2)),
    // A half-open connection is noticed after two missed pings.
    pingInterval: 10_000,
    maxPingOut: 2,
    timeout: 10_000,
    noAsyncTraces: true,
    ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
    ...(nkeySeed === undefined ? {} : { authenticator: nkeyAuthenticator(seedBytes(nkeySeed)) }),
  });
  const limitMs = options.firstConnectTimeoutMs;
  if (limitMs === undefined) return new NatsBroker(await connecting, options);
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new TransportError(
            'BROKER_DISCONNECTED',
            `no broker at ${options.servers.join(', ')} within ${limitMs} ms`,
            {
              retry: 'later',
            },
          ),
        ),
      limitMs,
    );
  });
  try {
    return new NatsBroker(await Promise.race([connecting, timeout]), options);
  } catch (error) {
    void connecting.then((late) => late.close()).catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** `servername` is not among the client's declared options, but handed on to node:tls. */
function tlsOptions(tls: BrokerTls): ConnectionOptions['tls'] & { servername?: string } {
  return {
    ca: tls.ca,
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

function seedBytes(seed: string): Uint8Array {
  try {
    const bytes = utf8(seed.trim());
    nkeys.fromSeed(bytes);
    return bytes;
  } catch (cause) {
    throw new TransportError(
      'CONFIGURATION_INVALID',
      'expected a private nkey of a user (SU…) for the broker',
      {
        cause: cause as NatsError,
      },
    );
  }
}

/** A fresh user for the broker: the seed is secret, the public key goes into roster and broker configuration. */
export function newBrokerUser(): { readonly seed: string; readonly publicKey: string } {
  const pair = nkeys.createUser();
  return { seed: textOf(pair.getSeed()), publicKey: pair.getPublicKey() };
}
