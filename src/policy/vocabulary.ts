/**
 * Wire numbers as the words that policies use. A number without a word is refused by whoever asked: an enum value that
 * a newer version added must never slip through a rule that does not know it.
 */

import { MemberRole } from '../gen/tocsin/record/v1/identity.ts';
import {
  DeskGroup,
  Evidence,
  Handling,
  Onward,
  Priority,
  Purpose,
  Status,
  Tlp,
} from '../gen/tocsin/record/v1/marking.ts';

type Codes = Readonly<Record<string, string | number>>;

/** A word per number above 0; the prefix of the enum falls away. */
function words(codes: Codes, prefix: string, shape: (word: string) => string): ReadonlyMap<number, string> {
  const table = new Map<number, string>();
  for (const [name, number] of Object.entries(codes))
    if (typeof number === 'number' && number > 0) table.set(number, shape(name.slice(prefix.length)));
  return table;
}

const upper = (word: string): string => word;
const lower = (word: string): string => word.toLowerCase();

const TLP = words(Tlp, 'TLP_', upper);
const HANDLING = words(Handling, 'HANDLING_', upper);
const ONWARD = words(Onward, 'ONWARD_', upper);
const EVIDENCE = words(Evidence, 'EVIDENCE_', upper);
const PRIORITY = words(Priority, 'PRIORITY_', lower);
const STATUS = words(Status, 'STATUS_', lower);
const PURPOSE = words(Purpose, 'PURPOSE_', upper);
const DESK_GROUP = words(DeskGroup, 'DESK_GROUP_', lower);
const MEMBER_ROLE = words(MemberRole, 'MEMBER_ROLE_', lower);

/** Undefined for a number that this version does not know. */
export const tlpWord = (tlp: number): string | undefined => TLP.get(tlp);
export const handlingWord = (handling: number): string | undefined => HANDLING.get(handling);
export const onwardWord = (onward: number): string | undefined => ONWARD.get(onward);
export const evidenceWord = (evidence: number): string | undefined => EVIDENCE.get(evidence);
export const priorityWord = (priority: number): string | undefined => PRIORITY.get(priority);
export const statusWord = (status: number): string | undefined => STATUS.get(status);
export const purposeWord = (purpose: number): string | undefined => PURPOSE.get(purpose);
export const deskGroupWord = (group: number): string | undefined => DESK_GROUP.get(group);
export const memberRoleWord = (role: number): string | undefined => MEMBER_ROLE.get(role);

const numberOf = (table: ReadonlyMap<number, string>, word: string): number | undefined => {
  for (const [number, known] of table) if (known === word) return number;
  return undefined;
};

/** The desk group of its word (`customs`), undefined for any other text. */
export const deskGroupOfWord = (word: string): DeskGroup | undefined =>
  numberOf(DESK_GROUP, word) as DeskGroup | undefined;

/** Every word that an attribute can take, where it is a closed set: for the lint of policies. */
export const CLOSED_SETS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['tlp', new Set(TLP.values())],
  ['handling', new Set(HANDLING.values())],
  ['onward', new Set(ONWARD.values())],
  ['evidence', new Set(EVIDENCE.values())],
  ['priority', new Set(PRIORITY.values())],
  ['world', new Set(['live', 'exercise'])],
  ['purpose', new Set(PURPOSE.values())],
  ['purposes', new Set(PURPOSE.values())],
  ['deskGroup', new Set(DESK_GROUP.values())],
  ['status', new Set(['active', 'suspended', 'expelled', 'pending'])],
  ['phase', new Set(['not-yet', 'current', 'review-overdue', 'lapsed', 'expired'])],
  ['class', new Set(['S', 'O', 'M', 'P', 'X', 'N', 'A'])],
  ['table', new Set(['yes', 'if-named', 'no'])],
]);
