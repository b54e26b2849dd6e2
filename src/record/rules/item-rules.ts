/** Weapons, ammunition, identifiers, totals and trade codes, wherever they occur. */
import {
  type AmmoLot,
  type CategoryTotal,
  ItemKind,
  MarkState,
  type TradeCode,
  TradeCodeSystem,
  Unit,
  type Weapon,
  WeaponCategory,
  type WeaponId,
} from '../../gen/tocsin/record/v1/item.ts';
import { isPartialSerial, parseSerialPattern, serialKeys } from '../identifiers/serial.ts';
import type { ContentView } from '../kind-row.ts';
import { checkCountry, checkDigest, expectChoice, expectSome } from './basics.ts';

/** What an item line amounts to. */
export interface ItemLine {
  readonly category: WeaponCategory;
  readonly unit: Unit;
  readonly quantity: number;
}

export type ItemLines = Map<number, ItemLine>;

const { WEAPON_CATEGORY_AMMUNITION, WEAPON_CATEGORY_EXPLOSIVE, WEAPON_CATEGORY_PART } = WeaponCategory;
const OLDEST_YEAR = 1500;

/** Categories that an item kind can have; small arms end at OTHER_SMALL_ARM, light weapons at MORTAR_FROM_75. */
const FITS: Readonly<Record<number, (category: number) => boolean>> = {
  [ItemKind.ITEM_KIND_FIREARM]: (category) => category <= WeaponCategory.WEAPON_CATEGORY_OTHER_SMALL_ARM,
  [ItemKind.ITEM_KIND_LIGHT_WEAPON]: (category) =>
    category >= WeaponCategory.WEAPON_CATEGORY_HEAVY_MACHINE_GUN &&
    category <= WeaponCategory.WEAPON_CATEGORY_MORTAR_FROM_75,
  [ItemKind.ITEM_KIND_PART]: (category) => category === WEAPON_CATEGORY_PART,
  [ItemKind.ITEM_KIND_AMMUNITION]: (category) => category === WEAPON_CATEGORY_AMMUNITION,
  [ItemKind.ITEM_KIND_EXPLOSIVE]: (category) => category === WEAPON_CATEGORY_EXPLOSIVE,
  [ItemKind.ITEM_KIND_REPLICA_OR_CONVERTED]: (category) =>
    category <= WeaponCategory.WEAPON_CATEGORY_OTHER_SMALL_ARM,
};

/** A weapon's unit where none is stated. */
const unitOf = (category: WeaponCategory, unit: Unit): Unit =>
  unit !== Unit.UNIT_UNSPECIFIED
    ? unit
    : category === WEAPON_CATEGORY_AMMUNITION
      ? Unit.UNIT_ROUND
      : Unit.UNIT_PIECE;

function checkYear(view: ContentView, path: string, year: number): void {
  if (year === 0) return;
  if (year < OLDEST_YEAR || year > new Date(view.nowMs).getUTCFullYear() + 1)
    view.doubt(path, 'YEAR', `expected a year from ${OLDEST_YEAR} that is not in the future`);
}

function declareLine(view: ContentView, path: string, line: number, lines: ItemLines, item: ItemLine): void {
  if (line === 0) view.fault(`${path}.line`, 'REQUIRED', 'expected a line number from 1');
  else if (lines.has(line)) view.fault(`${path}.line`, 'DUPLICATE', 'expected each line number once');
  else lines.set(line, item);
  if (item.quantity === 0) view.fault(`${path}.quantity`, 'REQUIRED', 'expected a quantity of at least 1');
}

export function checkWeapons(
  view: ContentView,
  path: string,
  weapons: readonly Weapon[],
  lines: ItemLines,
): void {
  weapons.forEach((weapon, index) => {
    const at = `${path}[${index}]`;
    const { category, quantity } = weapon;
    expectChoice(view, `${at}.kind`, weapon.kind);
    expectChoice(view, `${at}.category`, category);
    if (weapon.kind !== ItemKind.ITEM_KIND_AMMUNITION && weapon.kind !== ItemKind.ITEM_KIND_EXPLOSIVE)
      expectChoice(view, `${at}.state`, weapon.state);
    if (category !== 0 && FITS[weapon.kind]?.(category) === false)
      view.doubt(`${at}.category`, 'CATEGORY_MISMATCH', 'expected a category that the kind of item can have');
    declareLine(view, at, weapon.line, lines, { category, quantity, unit: unitOf(category, weapon.unit) });
    checkCountry(view, `${at}.countryOfManufacture`, weapon.countryOfManufacture);
    checkYear(view, `${at}.yearOfManufacture`, weapon.yearOfManufacture);
    if (weapon.kind === ItemKind.ITEM_KIND_PART && weapon.description === '')
      view.doubt(`${at}.description`, 'REQUIRED', 'expected the name of the part');
    if (weapon.model !== '' && weapon.referenceCode === '')
      view.flag(`${at}.model`, 'NOT_IN_TABLE', 'the model is free text; the reference table may know it');
  });
}

export function checkAmmunition(
  view: ContentView,
  path: string,
  lots: readonly AmmoLot[],
  lines: ItemLines,
): void {
  lots.forEach((lot, index) => {
    const at = `${path}[${index}]`;
    const unit = unitOf(WEAPON_CATEGORY_AMMUNITION, lot.unit);
    declareLine(view, at, lot.line, lines, {
      category: WEAPON_CATEGORY_AMMUNITION,
      unit,
      quantity: lot.quantity,
    });
    expectSome(view, `${at}.calibre`, lot.calibre);
    checkYear(view, `${at}.yearOfManufacture`, lot.yearOfManufacture);
    if (unit === Unit.UNIT_PIECE)
      view.flag(`${at}.unit`, 'ROUNDS', 'ammunition is counted in rounds; pieces are read as rounds');
  });
}

/** Identifiers against the item lines they belong to: never more of them than weapons. */
export function checkIdentifiers(
  view: ContentView,
  path: string,
  ids: readonly WeaponId[],
  lines: ItemLines,
): void {
  const counts = new Map<number, number>();
  const seen = new Map<string, string>();
  ids.forEach((id, index) => {
    const at = `${path}[${index}]`;
    checkWeaponId(view, at, id);
    if (!lines.has(id.line))
      view.fault(`${at}.line`, 'UNRESOLVED', 'expected the line of an item of this record');
    counts.set(id.line, (counts.get(id.line) ?? 0) + 1);
    if (id.frameSerial === '' || isPartialSerial(id.frameSerial)) return;
    const key = `${id.line}/${serialKeys(id.frameSerial).strict}`;
    const before = seen.get(key);
    if (before !== undefined)
      view.flag(`${at}.frameSerial`, 'DUPLICATE_SERIAL', `the same number stands in ${before}`);
    else seen.set(key, at);
  });
  for (const [line, count] of counts) {
    const item = lines.get(line);
    if (item !== undefined && item.unit === Unit.UNIT_PIECE && count > item.quantity)
      view.fault(
        path,
        'TOO_MANY_IDENTIFIERS',
        `expected at most ${item.quantity} identifiers for line ${line}, got ${count}`,
      );
  }
}

function checkWeaponId(view: ContentView, at: string, id: WeaponId): void {
  expectChoice(view, `${at}.markState`, id.markState);
  const marks = [id.frameSerial, id.manufacturerMark, id.stateMark, ...id.proofMarks];
  const said =
    marks.some((mark) => mark !== '') ||
    id.otherSerials.some((serial) => serial.value !== '') ||
    id.importMark !== undefined ||
    id.photos.length > 0;
  if (!said && id.markState !== MarkState.MARK_STATE_UNMARKED)
    view.fault(at, 'NO_IDENTIFIER', 'expected at least one serial, mark or photo');
  checkSerial(view, `${at}.frameSerial`, id.frameSerial);
  id.otherSerials.forEach((serial, index) => {
    expectSome(view, `${at}.otherSerials[${index}].part`, serial.part);
    expectSome(view, `${at}.otherSerials[${index}].value`, serial.value);
    checkSerial(view, `${at}.otherSerials[${index}].value`, serial.value);
  });
  if (id.importMark !== undefined) {
    checkCountry(view, `${at}.importMark.country`, id.importMark.country, true);
    checkYear(view, `${at}.importMark.year`, id.importMark.year);
  }
  id.photos.forEach((photo, index) => {
    checkDigest(view, `${at}.photos[${index}]`, photo);
  });
  const unreadable =
    id.markState === MarkState.MARK_STATE_UNMARKED || id.markState === MarkState.MARK_STATE_OBLITERATED;
  if (unreadable && id.frameSerial !== '')
    view.flag(`${at}.markState`, 'MARK_STATE', 'a number is stated for marks said to be absent or removed');
  if (id.markState === MarkState.MARK_STATE_INTACT && isPartialSerial(id.frameSerial))
    view.flag(`${at}.markState`, 'MARK_STATE', 'marks are said to be intact but the number is partial');
}

function checkSerial(view: ContentView, path: string, serial: string): void {
  if (serial === '') return;
  if (isPartialSerial(serial)) {
    const pattern = parseSerialPattern(serial);
    if (!pattern.ok) view.doubt(path, 'PARTIAL_SERIAL', pattern.detail);
  } else if (serialKeys(serial).strict === '')
    view.doubt(path, 'SERIAL', 'expected a number with letters or digits');
}

/** Totals against item lines: a list may fall short of the total, never exceed it. */
export function checkTotals(
  view: ContentView,
  path: string,
  totals: readonly CategoryTotal[],
  lines: ItemLines,
): void {
  const stated = new Map<string, { readonly quantity: number; readonly at: string }>();
  totals.forEach((total, index) => {
    const at = `${path}[${index}]`;
    expectChoice(view, `${at}.category`, total.category);
    const key = `${total.category}/${unitOf(total.category, total.unit)}`;
    if (stated.has(key)) view.fault(at, 'DUPLICATE', 'expected each category and unit once');
    stated.set(key, { quantity: total.quantity, at });
  });
  const sums = new Map<string, number>();
  for (const { category, unit, quantity } of lines.values()) {
    const key = `${category}/${unit}`;
    sums.set(key, (sums.get(key) ?? 0) + quantity);
  }
  for (const [key, sum] of sums) {
    const total = stated.get(key);
    if (total === undefined)
      view.doubt(path, 'SUM_MISMATCH', 'expected a total for every category and unit among the items');
    else if (sum > total.quantity)
      view.doubt(
        `${total.at}.quantity`,
        'SUM_MISMATCH',
        `expected at least the ${sum} of the items, got less`,
      );
    else if (sum < total.quantity)
      view.flag(`${total.at}.quantity`, 'LIST_INCOMPLETE', `items list ${sum} of ${total.quantity}`);
  }
}

/** HS 2022, chapter 93: arms and ammunition, parts and accessories thereof. */
const CHAPTER_93 = new Set(
  '930110 930120 930190 930200 930310 930320 930330 930390 930400 930510 930520 930591 930599 930621 930629 930630 930690 930700'.split(
    ' ',
  ),
);

const CODE_FORMS: Readonly<Record<number, RegExp>> = {
  [TradeCodeSystem.TRADE_CODE_SYSTEM_HS]: /^[0-9]{4}(\.?[0-9]{2}){0,3}$/,
  [TradeCodeSystem.TRADE_CODE_SYSTEM_EU_ML]: /^ML([1-9]|1[0-9]|2[0-2])(\.[a-z0-9]+)*$/,
  [TradeCodeSystem.TRADE_CODE_SYSTEM_US_ML]:
    /^(I|II|III|IV|V|VI|VII|VIII|IX|X|XI|XII|XIII|XIV|XV|XVI|XVIII|XX|XXI)(\([a-z0-9]+\))*$/,
  [TradeCodeSystem.TRADE_CODE_SYSTEM_ECCN]: /^[0-9][A-E][0-9]{3}(\.[a-z0-9]+)*$/,
};

export function checkTradeCodes(view: ContentView, path: string, codes: readonly TradeCode[]): void {
  codes.forEach((code, index) => {
    const at = `${path}[${index}]`;
    expectChoice(view, `${at}.system`, code.system);
    if (code.declared === '' && code.actual === '')
      view.fault(at, 'REQUIRED', 'expected a code as declared or as found');
    const form = CODE_FORMS[code.system];
    for (const side of ['declared', 'actual'] as const) {
      const value = code[side];
      if (value === '' || form === undefined) continue;
      if (!form.test(value)) view.doubt(`${at}.${side}`, 'TRADE_CODE', 'expected a code of the nomenclature');
      else if (code.system === TradeCodeSystem.TRADE_CODE_SYSTEM_HS) checkHs(view, `${at}.${side}`, value);
    }
    if (code.declared !== '' && code.actual !== '' && plain(code.declared) !== plain(code.actual))
      view.flag(at, 'MISDECLARED', 'goods were declared under another code than found');
  });
}

const plain = (code: string): string => code.replaceAll('.', '').toUpperCase();

function checkHs(view: ContentView, path: string, value: string): void {
  const digits = plain(value);
  if (digits.startsWith('93') && digits.length >= 6 && !CHAPTER_93.has(digits.slice(0, 6)))
    view.doubt(path, 'TRADE_CODE', 'expected a six-digit code that chapter 93 of HS 2022 has');
}
