/** CRC-32 of ISO/IEC 3309 as PNG uses it, over bytes that come in pieces. */
const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

export class Crc32 {
  #sum = 0xffffffff;

  update(bytes: Uint8Array): void {
    let sum = this.#sum;
    for (const byte of bytes) sum = (TABLE[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8);
    this.#sum = sum;
  }

  get value(): number {
    return (this.#sum ^ 0xffffffff) >>> 0;
  }
}
