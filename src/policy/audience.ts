/** Desk groups × purposes: the form in which a view travels, and the cells that it may stand for. */
import type { Audience, FacetAudience } from '../gen/tocsin/exchange/v1/parcel.ts';
import type { DeskGroup, Purpose } from '../gen/tocsin/record/v1/marking.ts';
import { purposesOf } from './desk-purposes.ts';

/** One desk group with one purpose: the unit of decision. */
export interface Cell {
  readonly deskGroup: DeskGroup;
  readonly purpose: Purpose;
}

export const NOBODY: Audience = { deskGroups: [], purposes: [] };

/** Every cell of the desks of a member, in their order. */
export const cellsOf = (desks: readonly DeskGroup[]): readonly Cell[] =>
  desks.flatMap((deskGroup) => purposesOf(deskGroup).map((purpose) => ({ deskGroup, purpose })));

/** Whether an audience stands for a cell. */
export const includesCell = (audience: Audience, cell: Cell): boolean =>
  audience.deskGroups.includes(cell.deskGroup) && audience.purposes.includes(cell.purpose);

/**
 * The widest audience that stands for permitted cells only. An audience is a rectangle: every desk group in it may use
 * every purpose in it that the desk group has. Where the permitted cells are no rectangle, the desk group or the purpose
 * whose loss costs fewer cells is left out, so that the rectangle is never wider than what was decided.
 */
export function audienceOf(desks: readonly DeskGroup[], permitted: readonly Cell[]): Audience {
  const key = (cell: Cell) => `${cell.deskGroup}/${cell.purpose}`;
  const allowed = new Set(permitted.map(key));
  let deskGroups = desks.filter((desk) => permitted.some((cell) => cell.deskGroup === desk));
  let purposes = [...new Set(permitted.map((cell) => cell.purpose))];
  for (;;) {
    const inside = cellsOf(deskGroups).filter((cell) => purposes.includes(cell.purpose));
    const wrong = inside.find((cell) => !allowed.has(key(cell)));
    if (wrong === undefined) {
      deskGroups = deskGroups.filter((desk) => inside.some((cell) => cell.deskGroup === desk));
      purposes = purposes.filter((purpose) => inside.some((cell) => cell.purpose === purpose));
      return { deskGroups: [...deskGroups], purposes: purposes.sort((a, b) => a - b) };
    }
    const right = inside.filter((cell) => allowed.has(key(cell)));
    const ofDesk = right.filter((cell) => cell.deskGroup === wrong.deskGroup).length;
    const ofPurpose = right.filter((cell) => cell.purpose === wrong.purpose).length;
    if (ofDesk <= ofPurpose) deskGroups = deskGroups.filter((desk) => desk !== wrong.deskGroup);
    else purposes = purposes.filter((purpose) => purpose !== wrong.purpose);
  }
}

/** Whom the sender of an item meant it for. */
export interface Meant {
  readonly audience: Audience;
  readonly facetAudiences: readonly FacetAudience[];
}

/**
 * Whether the sender meant the record, or one facet of it, for the viewer. The audience holds for desk group and purpose
 * together, a facet's is the narrower of the two; an empty list is nobody, never everybody.
 */
export function isMeant(
  { audience: widest, facetAudiences }: Meant,
  viewer: { readonly deskGroup: DeskGroup; readonly purposes: readonly Purpose[] },
  facet?: string,
): boolean {
  const narrower = facetAudiences.filter((entry) => entry.facet === facet);
  const audiences = [widest, ...narrower.map(({ audience }) => audience)];
  return viewer.purposes.some((purpose) =>
    audiences.every(
      (audience) =>
        audience?.deskGroups.includes(viewer.deskGroup) === true && audience.purposes.includes(purpose),
    ),
  );
}
