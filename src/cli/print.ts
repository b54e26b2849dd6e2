/** How commands answer: text for people on a terminal, one JSON document with --json. No command prints by another way. */

export interface Output {
  readonly json: boolean;
  readonly colour: boolean;
  /** A line for people; silent with --json. */
  line(text?: string): void;
  /** Rows under a header, columns aligned; silent with --json. */
  table(header: readonly string[], rows: readonly (readonly string[])[]): void;
  /** The command's one document; printed with --json only. */
  document(value: unknown): void;
}

/** Columns of a terminal cell, near enough: combining marks and format characters take none, wide ones two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) {
    if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(char)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
        char,
      )
        ? 2
        : 1;
  }
  return width;
}

/**
 * Text of a partner as it may be shown on a terminal: control characters, which could move the cursor or change what was
 * printed before, and bidirectional overrides, which could disguise a name, are shown as their code.
 */
export const shown = (text: string): string =>
  text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Text cut to a number of columns, with `…` where something is missing. */
export function clip(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let width = 0;
  let kept = '';
  for (const char of text) {
    width += displayWidth(char);
    if (width >= columns) break;
    kept += char;
  }
  return `${kept}…`;
}

const pad = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - displayWidth(text)));

export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((name, column) =>
    Math.max(displayWidth(name), ...rows.map((row) => displayWidth(row[column] ?? ''))),
  );
  const format = (row: readonly string[]) =>
    widths
      .map((width, column) => pad(row[column] ?? '', width))
      .join('  ')
      .trimEnd();
  return [format(header), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(format)];
}

/** JSON of what commands return: bigint as a decimal string, bytes as hexadecimal, a map as an object. */
export const toJson = (value: unknown, indent = 2): string =>
  JSON.stringify(
    value,
    function (this: unknown, key: string, item: unknown) {
      // A Buffer has turned itself into an object already by the time it is handed in.
      const held = (this as Readonly<Record<string, unknown>>)[key];
      if (held instanceof Uint8Array) return Buffer.from(held).toString('hex');
      if (typeof item === 'bigint') return item.toString();
      if (item instanceof Map) return Object.fromEntries(item);
      return item;
    },
    indent,
  );

export const EXERCISE_BANNER = '━━━ EXERCISE ━━━ EXERCISE ━━━ EXERCISE ━━━ nothing here is real ━━━';

export function createOutput(options: {
  readonly json: boolean;
  /** Text begins with a banner, the document says `mode: exercise`. */
  readonly exercise?: boolean;
  readonly stream?: NodeJS.WriteStream;
}): Output {
  const stream = options.stream ?? process.stdout;
  let banner = options.exercise === true && !options.json;
  const write = (text: string) => {
    if (banner) {
      banner = false;
      stream.write(`${EXERCISE_BANNER}\n`);
    }
    stream.write(`${text}\n`);
  };
  const marked = (value: unknown) =>
    options.exercise === true && typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { mode: 'exercise', ...value }
      : value;
  return {
    json: options.json,
    colour: !options.json && stream.isTTY === true && process.env.NO_COLOR === undefined,
    line: (text = '') => {
      if (!options.json) write(text);
    },
    table: (header, rows) => {
      if (!options.json) for (const line of formatTable(header, rows)) write(line);
    },
    document: (value) => {
      if (options.json) write(toJson(marked(value)));
    },
  };
}
