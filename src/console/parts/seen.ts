/** Characters that one does not see, or that turn what stands beside them around, made visible. Pure. */

/** Controls, bidirectional overrides and isolates, zero-width and other invisible characters, tags (Unicode TR36 §2.1, TR39). */
const UNSEEN =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: each is meant by itself
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff]|[\u{e0000}-\u{e0fff}]/gu;

/** Each unseen character as `[U+202E]`. */
export const seen = (text: string): string =>
  text.replace(
    UNSEEN,
    (found) => `[U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
  );
