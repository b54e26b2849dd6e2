/** What is known beside the numbers, each combination once: a million weapons have a few thousand makers, models and calibres. */
import { z } from 'zod';
import { utf8 } from '../../base/bytes.ts';
import { refuse } from './errors.ts';
import type { About } from './listed.ts';
import { jsonOf, type Sections } from './sections.ts';

/** Longest text of a field; issuers of papers are the longest. */
const MAX_FIELD = 200;

const text = z.string().max(MAX_FIELD).exactOptional();
const whole = z.number().finite().exactOptional();
const AboutForm = z.strictObject({
  maker: text,
  model: text,
  calibre: text,
  country: text,
  year: whole,
  flag: text,
  name: text,
  issuer: text,
  issued: text,
  expires: text,
  quantity: whole,
  signatory: text,
});

const FIELDS = Object.keys(AboutForm.shape) as readonly (keyof About)[];

const keyOf = (about: About): string => JSON.stringify(FIELDS.map((field) => about[field]));

export class AboutList {
  readonly #abouts: About[] = [{}];
  readonly #numbers = new Map<string, number>([[keyOf({}), 0]]);

  /** Throws ENTRY_INVALID for fields that are none or too long. */
  numberFor(about: About | undefined): number {
    if (about === undefined) return 0;
    const key = keyOf(about);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const judged = AboutForm.safeParse(about);
    if (!judged.success)
      throw refuse(
        'ENTRY_INVALID',
        `expected fields beside a number of at most ${MAX_FIELD} characters, got others: shorten them`,
        { field: judged.error.issues[0]?.path.join('.') ?? '' },
      );
    const number = this.#abouts.push(judged.data) - 1;
    this.#numbers.set(key, number);
    return number;
  }

  about(number: number): About {
    return this.#abouts[number] ?? {};
  }

  save(sections: Sections): void {
    sections.put('abouts', utf8(JSON.stringify(this.#abouts.slice(1))));
  }

  load(sections: Sections): void {
    const judged = z.array(AboutForm).safeParse(jsonOf(sections.take('abouts')));
    if (!judged.success)
      throw refuse(
        'SNAPSHOT_CORRUPT',
        'expected fields beside numbers in a snapshot, got others: build the index anew',
      );
    for (const about of judged.data) this.numberFor(about);
  }
}
