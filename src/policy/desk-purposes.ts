/**
 * What each desk group may ask for (R7). A network convention, not a state's choice: a recipient that could name any
 * purpose would make purpose limitation void.
 */
import { DeskGroup, Purpose } from '../gen/tocsin/record/v1/marking.ts';

/**
 * A warning is for whoever stands where the danger is, so every operative desk may read for WARNING; the disclosure
 * table keeps it to the summary and to what the marking names.
 */
const PURPOSES: ReadonlyMap<DeskGroup, readonly Purpose[]> = new Map([
  [
    DeskGroup.DESK_GROUP_POLICE,
    [
      Purpose.PURPOSE_INVESTIGATION,
      Purpose.PURPOSE_IDENTIFY_OBJECT,
      Purpose.PURPOSE_TRACE,
      Purpose.PURPOSE_FORENSIC,
      Purpose.PURPOSE_WARNING,
      Purpose.PURPOSE_REDRESS,
    ],
  ],
  [
    DeskGroup.DESK_GROUP_CUSTOMS,
    [Purpose.PURPOSE_CUSTOMS_CONTROL, Purpose.PURPOSE_BORDER, Purpose.PURPOSE_WARNING],
  ],
  [DeskGroup.DESK_GROUP_LICENSING, [Purpose.PURPOSE_LICENSING, Purpose.PURPOSE_SECURITY_CHECK]],
  [
    DeskGroup.DESK_GROUP_MILITARY,
    [Purpose.PURPOSE_IDENTIFY_OBJECT, Purpose.PURPOSE_TRACE, Purpose.PURPOSE_WARNING],
  ],
  [DeskGroup.DESK_GROUP_BORDER, [Purpose.PURPOSE_BORDER, Purpose.PURPOSE_WARNING]],
  [DeskGroup.DESK_GROUP_HOTLINE, [Purpose.PURPOSE_WARNING]],
  [DeskGroup.DESK_GROUP_HUB, [Purpose.PURPOSE_THREAT_ANALYSIS, Purpose.PURPOSE_WARNING]],
  [DeskGroup.DESK_GROUP_REGISTER, [Purpose.PURPOSE_STATISTICS]],
]);

/** Purposes of a desk group, the usual one first; none for a number that is no desk group of people. */
export const purposesOf = (group: DeskGroup): readonly Purpose[] => PURPOSES.get(group) ?? [];
