/** What one officer may meet: the desk policy asked for `screen`, of the record and of every facet that an entry rests on. */
import type { DisclosedFacet } from '../../gen/tocsin/record/v1/header.ts';
import type { DeskGroup, Purpose } from '../../gen/tocsin/record/v1/marking.ts';
import { type Decision, type DeskRequest, isMeant, type Meant } from '../../policy/index.ts';
import { facetOf, type SignedHeader } from '../../record/index.ts';
import type { StoredScreening } from '../../store/index.ts';

/** Who asks. */
export interface Searcher {
  readonly node: string;
  readonly deskGroup: DeskGroup;
  readonly role: string;
  /** Absent = any purpose that the desk group has. */
  readonly purpose?: Purpose;
  /** The purposes that count for what was meant for the desk group. */
  readonly purposes: readonly Purpose[];
  readonly world: 'live' | 'exercise';
}

export interface DeskJudge {
  /** Changes whenever policies change. */
  readonly digest: string;
  judgeDesk(request: DeskRequest, atMs: number): Decision;
}

/** One way in which a record came: what came with it, and for whom. */
export interface Came extends Meant {
  readonly facets: readonly string[];
}

/** A record, or what stands for many like it. */
export interface Screened {
  readonly signed: SignedHeader;
  readonly facets: readonly DisclosedFacet[];
  /** Undefined for a record of this node. */
  readonly items: readonly Came[] | undefined;
}

/** Whether the searcher may meet what stands in one facet of the record and rests on others; any way in which all came is enough. */
export function mayScreen(
  policy: DeskJudge,
  searcher: Searcher,
  { signed, facets, items }: Screened,
  restsOn: readonly string[],
  atMs: number,
  conditionAccepted: boolean,
): boolean {
  const { node, deskGroup, role, purpose, world } = searcher;
  const officer = {
    node,
    deskGroup,
    role,
    exercise: world === 'exercise',
    ...(purpose === undefined ? {} : { purpose }),
  };
  const judge = (item: Came | undefined, facet: string | undefined): boolean =>
    policy.judgeDesk(
      {
        action: 'screen',
        officer,
        record: {
          signed,
          facets,
          own: item === undefined,
          meant: item === undefined || isMeant(item, searcher, facet),
          conditionAccepted,
          facetClass: facet === undefined ? '' : (facetOf(signed.header.kind, facet)?.class ?? ''),
        },
      },
      atMs,
    ).allowed;
  const through = (item: Came | undefined): boolean =>
    judge(item, undefined) && restsOn.every((facet) => judge(item, facet));
  if (items === undefined) return through(undefined);
  return items.some((item) => restsOn.every((facet) => item.facets.includes(facet)) && through(item));
}

/** The node whose desks ask. */
interface Asking {
  readonly self: string;
  readonly purposesOf: (deskGroup: DeskGroup) => readonly Purpose[];
}

/**
 * Who a kept question stands for: any officer of the desk group that asked. Its commonest role, so that nothing is told to the desk
 * that only some of it may know.
 */
export function searcherOf(
  { self, purposesOf }: Asking,
  { deskGroup, purpose, exercise }: Pick<StoredScreening, 'deskGroup' | 'purpose' | 'exercise'>,
): Searcher {
  const group = deskGroup as DeskGroup;
  const own = purpose === 0 ? undefined : (purpose as Purpose);
  return {
    node: self,
    deskGroup: group,
    role: ROLES[group] ?? 'officer',
    ...(own === undefined ? {} : { purpose: own }),
    purposes: own === undefined ? purposesOf(group) : [own],
    world: exercise ? 'exercise' : 'live',
  };
}

/** DESK_GROUP_HOTLINE and DESK_GROUP_HUB have roles of their own. */
const ROLES: Readonly<Partial<Record<DeskGroup, string>>> = { 6: 'operator', 7: 'analyst' };
