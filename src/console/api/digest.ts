/** Digests between their two forms: base64 in JSON, hexadecimal in addresses and for people. Pure. */

/** `Dw==` → `0f`. */
export const hexOf = (base64: string): string =>
  [...atob(base64)].map((sign) => sign.charCodeAt(0).toString(16).padStart(2, '0')).join('');

/** `0f` → `Dw==`. */
export const base64OfHex = (hex: string): string =>
  btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))));
