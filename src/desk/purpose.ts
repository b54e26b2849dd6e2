/** Purposes and desk groups by their names as people and metadata write them. */
import { DeskGroup, Purpose } from '../gen/tocsin/record/v1/marking.ts';

/** Metadata key that states what the officer asks for. */
export const PURPOSE_KEY = 'tocsin-purpose';

/** Metadata key that states the world: `live`, the default, or `exercise`. Answers carry it back. */
export const MODE_KEY = 'tocsin-mode';

const numbers = (codes: Readonly<Record<string, string | number>>): readonly (readonly [string, number])[] =>
  Object.entries(codes).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] > 0,
  );

const spoken = (name: string, prefix: string): string =>
  name.slice(prefix.length).toLowerCase().replaceAll('_', '-');

const PURPOSES = new Map(
  numbers(Purpose).map(([name, number]) => [spoken(name, 'PURPOSE_'), number as Purpose]),
);
const DESK_GROUPS = new Map(
  numbers(DeskGroup).map(([name, number]) => [spoken(name, 'DESK_GROUP_'), number as DeskGroup]),
);

const nameIn = <Code>(table: ReadonlyMap<string, Code>, wanted: Code): string => {
  for (const [name, code] of table) if (code === wanted) return name;
  return 'unspecified';
};

/** `customs-control` of Purpose.PURPOSE_CUSTOMS_CONTROL. */
export const purposeName = (purpose: Purpose): string => nameIn(PURPOSES, purpose);

/** `customs` of DeskGroup.DESK_GROUP_CUSTOMS. */
export const deskGroupName = (group: DeskGroup): string => nameIn(DESK_GROUPS, group);

/** Reads `investigation`, `INVESTIGATION` or `PURPOSE_INVESTIGATION`; undefined for anything else. */
export function purposeFrom(text: string): Purpose | undefined {
  const name = text.trim().toLowerCase().replaceAll('_', '-');
  return PURPOSES.get(name) ?? PURPOSES.get(name.replace(/^purpose-/, ''));
}

/** Reads `customs` or `DESK_GROUP_CUSTOMS`; undefined for anything else. */
export function deskGroupFrom(text: string): DeskGroup | undefined {
  const name = text.trim().toLowerCase().replaceAll('_', '-');
  return DESK_GROUPS.get(name) ?? DESK_GROUPS.get(name.replace(/^desk-group-/, ''));
}

export const purposeNames = (): readonly string[] => [...PURPOSES.keys()];
