/** What a list says and no field holds: it stays with the originator, in `internal`, and is flagged where it should have fitted. */
import type { FieldFault } from '../base/error.ts';

const MAX_NOTES = 18_000;
/** With the notes, the line break and both ellipses it stays within LIMITS.textLength. */
const MAX_PROVENANCE = 1_500;

/** Half a surrogate pair would make the whole entry ill-formed: a cut falls before the pair. */
export function cutAt(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  const splits = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, splits ? most - 1 : most)}…`;
}

export class Notes {
  readonly flags: FieldFault[] = [];
  readonly #lines: string[] = [];

  keep(label: string, text: string): void {
    if (text !== '') this.#lines.push(`${label}: ${text}`);
  }

  unfit(path: string, code: string, message: string, text: string): void {
    this.flags.push({ path, code, message });
    this.keep(path, text);
  }

  /** All of it as one text, below a line that says where the entry comes from. */
  under(provenance: string): string {
    return `${cutAt(provenance, MAX_PROVENANCE)}\n${cutAt(this.#lines.join('\n'), MAX_NOTES)}`;
  }
}
