/** Invented serial numbers of seven formats, and how people misread them: the same for the same seed. */

/** A number from 0 to 2^32 - 1 at each call (xorshift32). */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

type Numbers = () => number;

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const CYRILLIC = 'АВЕКМНОРСТУХ';

const below = (numbers: Numbers, bound: number): number => Math.floor((numbers() / 2 ** 32) * bound);
const pick = (numbers: Numbers, text: string): string => text[below(numbers, text.length)] ?? '';
const some = (numbers: Numbers, text: string, count: number): string =>
  Array.from({ length: count }, () => pick(numbers, text)).join('');
const digits = (numbers: Numbers, count: number): string => some(numbers, '0123456789', count);

export const SERIAL_FORMATS: readonly ((numbers: Numbers) => string)[] = [
  (numbers) => `${some(numbers, LETTERS, 2)}-${digits(numbers, 6)}`,
  (numbers) => digits(numbers, 8),
  (numbers) => `${digits(numbers, 2)}${some(numbers, LETTERS, 2)}${digits(numbers, 5)}`,
  (numbers) => `19${50 + below(numbers, 50)} ${some(numbers, LETTERS, 2)} ${digits(numbers, 4)}`,
  (numbers) => `${pick(numbers, LETTERS)}${digits(numbers, 6)}${pick(numbers, LETTERS)}`,
  (numbers) => `${some(numbers, LETTERS, 3)}/${digits(numbers, 5)}`,
  (numbers) => `${some(numbers, CYRILLIC, 2)} ${digits(numbers, 6)}`,
];

export const MAKERS = [
  'Quellmar Arms',
  'Tarrick & Daughters',
  'Vennhold Arsenal',
  'Kelp Foundry',
  'Sable Works',
];
export const CALIBRES = ['7.62x39', '9x19', '5.56x45', '7.62x51', '12.7x108'];

/** A serial of each format in turn. */
export function inventedSerials(count: number, seed: number): readonly string[] {
  const numbers = seededNumbers(seed);
  return Array.from(
    { length: count },
    (_, index) => SERIAL_FORMATS[index % SERIAL_FORMATS.length]?.(numbers) ?? '',
  );
}

/** Characters that look alike, a class each. */
const CLASSES = ['0OQ', '1IL', '2Z', '5S', '8B', '6G'];

const isRead = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);

const placesOf = (text: string, wanted: (character: string) => boolean): number[] =>
  Array.from(text, (character, index) => (wanted(character) ? index : -1)).filter((index) => index >= 0);

const replaceAt = (text: string, place: number, character: string): string =>
  text.slice(0, place) + character + text.slice(place + 1);

/** With `count` characters read as one that looks alike; fewer where fewer do. */
export function misread(text: string, count: number, numbers: Numbers): string {
  let read = text;
  const places = placesOf(text, (character) => CLASSES.some((one) => one.includes(character)));
  for (let misreads = 0; misreads < count && places.length > 0; misreads++) {
    const [place = 0] = places.splice(below(numbers, places.length), 1);
    const alike =
      CLASSES.find((one) => one.includes(read[place] ?? ''))?.replace(read[place] ?? '', '') ?? '';
    read = replaceAt(read, place, pick(numbers, alike));
  }
  return read;
}

/** With one character wrong: a digit for a digit, a letter for what is none. */
export function oneWrong(text: string, numbers: Numbers): string {
  const places = placesOf(text, isRead);
  const place = places[below(numbers, places.length)] ?? 0;
  const from = /[0-9]/.test(text[place] ?? '') ? '0123456789' : LETTERS;
  return replaceAt(text, place, pick(numbers, from.replace(text[place] ?? '', '')));
}

/** With one character that could not be read. */
export function oneUnread(text: string, numbers: Numbers): string {
  const places = placesOf(text, isRead);
  return replaceAt(text, places[below(numbers, places.length)] ?? 0, '?');
}
