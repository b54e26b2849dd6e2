/**
 * What a device keeps is sealed under a key that the node gives to the officer who is signed in, and to nobody else: on a shared
 * device it is noise to the next one. AES-256-GCM and HMAC-SHA-256 under keys derived by HKDF (RFC 5869), by the browser's WebCrypto.
 */

export interface Sealed {
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly bytes: ArrayBuffer;
}

export interface Sealing {
  /** A name that tells nothing of the text to whoever has no key. */
  nameOf(text: string): Promise<string>;
  /** For one place alone: opened under another name it is refused. */
  seal(name: string, value: unknown): Promise<Sealed>;
  /** Undefined where another key sealed it, or something changed it. */
  open(name: string, sealed: Sealed): Promise<unknown>;
}

/** Random nonces under one key: far below the 2^32 messages of NIST SP 800-38D §8.3. */
const NONCE_BYTES = 12;

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const bytesOf = (base64url: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));

/** @param deviceKey 32 bytes in base64url, as the node gave it */
export async function openSealing(deviceKey: string): Promise<Sealing> {
  const { subtle } = crypto;
  const secret = await subtle.importKey('raw', bytesOf(deviceKey), 'HKDF', false, ['deriveKey']);
  const derived = (label: string) => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: encode(label),
  });
  const cipher = await subtle.deriveKey(
    derived('tocsin/device-content/v1'),
    secret,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
  const names = await subtle.deriveKey(
    derived('tocsin/device-names/v1'),
    secret,
    { name: 'HMAC', hash: 'SHA-256', length: 256 },
    false,
    ['sign'],
  );
  return {
    async nameOf(text) {
      const tag = new Uint8Array(await subtle.sign('HMAC', names, encode(text)));
      return Array.from(tag, (byte) => byte.toString(16).padStart(2, '0')).join('');
    },
    async seal(name, value) {
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const bytes = await subtle.encrypt(
        { name: 'AES-GCM', iv: nonce, additionalData: encode(name) },
        cipher,
        encode(JSON.stringify(value)),
      );
      return { nonce, bytes };
    },
    async open(name, { nonce, bytes }) {
      try {
        const plain = await subtle.decrypt(
          { name: 'AES-GCM', iv: nonce, additionalData: encode(name) },
          cipher,
          bytes,
        );
        return JSON.parse(new TextDecoder().decode(plain));
      } catch {
        return undefined;
      }
    },
  };
}
