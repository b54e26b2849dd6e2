/**
 * Parcels sealed to a prekey that is gone: their recipient says so in a signed notice, beside its next heartbeat, which it does
 * not wait with; their sender forgets the bundle that misled it, fetches the one in use, and seals the same signed bodies
 * again (design §5). The notice names keys and no numbers: who cannot open a parcel does not know which it is.
 */
import { equalBytes, fromHex, hex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { CLOCK_SKEW_MS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { PrekeyGone, type SignedPrekeyGone } from '../gen/tocsin/exchange/v1/prekey.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { encodeSigned, judgeMessage, judgeSigned } from '../record/index.ts';
import type { Directory } from './directory.ts';
import type { PeerKeys } from './keys.ts';
import { judgeLinkSignature } from './link-signature.ts';
import type { KeyringPort } from './ports.ts';

const ID_BYTES = 16;
/** Keys in one notice; a node offers two at a time. */
const MOST_KEYS = 16;
const NOTICE_BYTES = 4_096;

export interface GonePrekeysDeps {
  readonly directory: Directory;
  readonly keyring: KeyringPort;
  readonly keys: Pick<PeerKeys, 'refresh'>;
  readonly clock: Clock;
}

export class GonePrekeys {
  readonly #deps: GonePrekeysDeps;
  /** By sender, ids in hexadecimal that it was not told of yet. */
  readonly #untold = new Map<string, Set<string>>();

  constructor(deps: GonePrekeysDeps) {
    this.#deps = deps;
  }

  /** A parcel under the name of `sender` was sealed to this key. Whether that is to be told. */
  note(sender: string, prekey: string): boolean {
    if (this.#deps.directory.roster().member(sender) === undefined) return false;
    const ids = this.#untold.get(sender) ?? new Set<string>();
    this.#untold.set(sender, ids);
    if (ids.has(prekey) || ids.size >= MOST_KEYS) return false;
    ids.add(prekey);
    return true;
  }

  /** What is to be told to a peer. */
  async notice(peer: string): Promise<SignedPrekeyGone | undefined> {
    const ids = this.#untold.get(peer);
    if (!ids || ids.size === 0) return undefined;
    const { directory, keyring, clock } = this.#deps;
    const notice: PrekeyGone = {
      recipient: directory.self,
      sender: peer,
      prekeys: [...ids].map((id) => Buffer.from(fromHex(id))),
      at: BigInt(clock.nowMs()),
    };
    const body = Buffer.from(
      encodeSigned('prekey-gone', directory.network, PrekeyGone.encode(notice).finish()),
    );
    return { body, signature: await keyring.sign('link', 'prekey-gone', body) };
  }

  /** The peer has answered what this notice came with. */
  told(peer: string, { body }: SignedPrekeyGone): void {
    const said = judgeSigned('prekey-gone', this.#deps.directory.network, body);
    if (!said.ok) return;
    for (const id of PrekeyGone.decode(said.value).prekeys) this.#untold.get(peer)?.delete(hex(id));
  }

  /**
   * Judges what a peer says of our parcels, and fetches its prekeys anew where we would seal to one that is gone. SIGNATURE_INVALID,
   * MALFORMED, WRONG_SENDER, WRONG_DESTINATION, CLOCK_SKEW.
   */
  async learn(peer: string, signed: SignedPrekeyGone): Promise<Verdict<true, Reason>> {
    const { directory, keys, clock } = this.#deps;
    const body = judgeSigned('prekey-gone', directory.network, signed.body);
    if (!body.ok) return body;
    const read = judgeMessage(PrekeyGone, 'tocsin.exchange.v1.PrekeyGone', body.value, NOTICE_BYTES);
    if (!read.ok) return read;
    const { recipient, sender, prekeys, at } = read.value;
    if (recipient !== peer)
      return disbelieved(Reason.REASON_WRONG_SENDER, 'the notice of lost prekeys is of another node');
    if (sender !== directory.self)
      return disbelieved(Reason.REASON_WRONG_DESTINATION, 'the notice of lost prekeys is for another node');
    if (prekeys.length === 0 || prekeys.length > MOST_KEYS || prekeys.some((id) => id.length !== ID_BYTES))
      return disbelieved(Reason.REASON_MALFORMED, `expected 1 to ${MOST_KEYS} ids of ${ID_BYTES} bytes`);
    if (Math.abs(Number(at) - clock.nowMs()) > CLOCK_SKEW_MS)
      return disbelieved(Reason.REASON_CLOCK_SKEW, 'the notice of lost prekeys is of another time');
    if (!signed.signature)
      return disbelieved(Reason.REASON_SIGNATURE_INVALID, 'the notice of lost prekeys is not signed');
    const authentic = await judgeLinkSignature(
      this.#deps,
      peer,
      'prekey-gone',
      signed.body,
      signed.signature,
    );
    if (!authentic.ok) return authentic;
    const offered = directory.lastPrekeysOf(peer)?.bundle.prekeys ?? [];
    if (offered.some(({ id }) => prekeys.some((gone) => equalBytes(gone, id)))) directory.forgetPrekeys(peer);
    await keys.refresh(peer);
    return believed(true);
  }
}
