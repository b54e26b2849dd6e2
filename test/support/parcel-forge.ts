/** A broker's operator, or a dishonest sender, at work on real parcels: opens, changes, signs and seals again. */
import { Manifest, ParcelContent } from '../../src/gen/tocsin/exchange/v1/parcel.ts';
import type { HybridSignature } from '../../src/gen/tocsin/record/v1/identity.ts';
import { encodeSigned } from '../../src/record/index.ts';
import { judgeSealedParcel, sealParcel } from '../../src/seal/index.ts';
import { expectBelieved } from './authority.ts';
import type { TestNetwork } from './exchange-network.ts';
import type { Posted } from './memory-mail.ts';

export interface Opened {
  content: ParcelContent;
  manifest: Manifest;
}

const PREFIX_BYTES = encodeSigned('manifest', new Uint8Array(32), new Uint8Array(0)).length;

export class ParcelForge {
  readonly #network: TestNetwork;

  constructor(network: TestNetwork) {
    this.#network = network;
  }

  /** What a recipient reads in a parcel meant for it. */
  async open(mail: Posted): Promise<Opened> {
    const { federation } = this.#network;
    const { keyring } = federation.of(mail.recipient);
    const opened = expectBelieved(
      await judgeSealedParcel({
        bytes: mail.bytes,
        network: federation.network,
        recipient: mail.recipient,
        sender: mail.sender,
        lane: mail.lane,
        privateKeyOf: (id) => keyring.prekeys.open(id),
      }),
    );
    const content = ParcelContent.decode(opened.content);
    content.padding = Buffer.alloc(0);
    return { content, manifest: Manifest.decode(content.manifest.subarray(PREFIX_BYTES)) };
  }

  /** The manifest changed, and signed by `signer` as the sender would. */
  async sign(
    opened: Opened,
    change: Partial<Manifest>,
    options: { signer?: string; type?: 'manifest' | 'skip'; network?: Uint8Array } = {},
  ): Promise<ParcelContent> {
    const { federation } = this.#network;
    const manifest: Manifest = { ...opened.manifest, ...change };
    const type = options.type ?? 'manifest';
    const body = encodeSigned(
      type,
      options.network ?? federation.network,
      Manifest.encode(manifest).finish(),
    );
    const { keyring } = federation.of(options.signer ?? manifest.sender);
    const signature: HybridSignature = await keyring.sign('link', type, body);
    return { ...opened.content, manifest: Buffer.from(body), signature };
  }

  /** Sealed to the recipient's prekey, or under an envelope that lies. */
  async seal(
    content: ParcelContent,
    options: {
      sender?: string;
      recipient?: string;
      lane?: 0 | 1;
      network?: Uint8Array;
      prekeyId?: Uint8Array;
      format?: number;
    } = {},
  ): Promise<Uint8Array> {
    const { federation } = this.#network;
    const recipient = options.recipient ?? 'XB';
    const bundle = this.#network.of(recipient).directory.prekeysOf(recipient)?.bundle;
    const prekey = bundle?.prekeys[0];
    if (!prekey) throw new Error(`${recipient} has published no prekey`);
    return sealParcel({
      envelope: {
        format: options.format ?? 1,
        suite: 1,
        network: Buffer.from(options.network ?? federation.network),
        sender: options.sender ?? 'XA',
        recipient,
        lane: options.lane ?? 1,
        prekeyId: Buffer.from(options.prekeyId ?? prekey.id),
      },
      content: ParcelContent.encode(content).finish(),
      publicKey: prekey.publicKey,
    });
  }
}
