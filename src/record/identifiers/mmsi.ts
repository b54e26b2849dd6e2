/** Maritime mobile service identities (ITU-R M.585). The table of country digits changes and is the caller's. */
import { bad, compact, good, type IdentifierCheck } from './check.ts';

export type MmsiUse =
  | 'ship'
  | 'coast'
  | 'group'
  | 'search-and-rescue'
  | 'aid-to-navigation'
  | 'craft'
  | 'other';

export interface MmsiCheck extends IdentifierCheck {
  readonly use: MmsiUse;
  /** Maritime identification digits, where the use has them. */
  readonly mid?: string;
}

const USES: readonly (readonly [RegExp, MmsiUse])[] = [
  [/^00([2-7][0-9]{2})[0-9]{4}$/, 'coast'],
  [/^0([2-7][0-9]{2})[0-9]{5}$/, 'group'],
  [/^111([2-7][0-9]{2})[0-9]{3}$/, 'search-and-rescue'],
  [/^99([2-7][0-9]{2})[0-9]{4}$/, 'aid-to-navigation'],
  [/^98([2-7][0-9]{2})[0-9]{4}$/, 'craft'],
  [/^([2-7][0-9]{2})[0-9]{6}$/, 'ship'],
];

/** Judges an MMSI; with `knownMids`, also whether its country digits are assigned. */
export function judgeMmsi(text: string, knownMids?: ReadonlySet<string>): MmsiCheck {
  const value = compact(text);
  if (!/^[0-9]*$/.test(value)) return { ...bad(value, 'format', 'expected nine digits'), use: 'other' };
  if (value.length !== 9)
    return { ...bad(value, 'length', `expected nine digits, got ${value.length}`), use: 'other' };
  for (const [form, use] of USES) {
    const mid = form.exec(value)?.[1];
    if (mid === undefined) continue;
    if (knownMids !== undefined && !knownMids.has(mid))
      return { ...bad(value, 'component', 'expected country digits that are assigned'), use, mid };
    return { ...good(value), use, mid };
  }
  return { ...bad(value, 'format', 'expected country digits from 200 to 799'), use: 'other' };
}
