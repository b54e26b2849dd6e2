/** Members and records of a scenario file, built through `record/` as a node would build them. */
import type { FieldFault } from '../base/error.ts';
import { Member } from '../gen/tocsin/record/v1/identity.ts';
import { Marking, type Purpose } from '../gen/tocsin/record/v1/marking.ts';
import {
  assembleRecord,
  contentFromJson,
  logOrigin,
  netToken,
  type RecordContent,
  sha256,
  validateContent,
  worldOf,
} from '../record/index.ts';
import type { PolicyRoster } from './entities.ts';
import type { SharedRecord } from './facts.ts';
import { invalid, type ScenarioFile, type ScenarioMember, type ScenarioRecord } from './scenario-format.ts';
import * as word from './vocabulary.ts';

const DAY_MS = 86_400_000;
const NETWORK = sha256(new Uint8Array([0x73]));

/** The number of a word that a scenario uses. Throws PolicyError `SCENARIO_INVALID` for any other. */
export function numberOf(wordOf: (number: number) => string | undefined, text: string): number {
  for (let number = 1; number < 64; number += 1) if (wordOf(number) === text) return number;
  throw invalid([`${JSON.stringify(text)} is no word of the policies`]);
}

export const deskNumber = (text: string) => numberOf(word.deskGroupWord, text) as ReturnType<typeof asDesk>;
export const purposeNumber = (text: string): Purpose => numberOf(word.purposeWord, text) as Purpose;
const asDesk = (text: string) => word.deskGroupOfWord(text) ?? 0;

const STATUS: Readonly<Record<ScenarioMember['status'], number>> = { active: 1, suspended: 2, expelled: 3 };

/** The file's members as a roster: its form only, since nobody signs a scenario. */
export function scenarioRoster(file: ScenarioFile, atMs: number): PolicyRoster {
  const members = file.members.map((one) =>
    Member.fromPartial({
      node: one.node,
      name: one.name,
      country: one.country,
      role: numberOf(word.memberRoleWord, one.role) as Member['role'],
      status: STATUS[one.status] as Member['status'],
      statusFrom: one.statusFrom === undefined ? 0n : BigInt(atMs + one.statusFrom * DAY_MS),
      groups: one.groups,
      deskGroups: one.desks.map(deskNumber),
    }),
  );
  const byNode = new Map(members.map((one) => [one.node, one]));
  return {
    digest: sha256(new TextEncoder().encode(JSON.stringify(file.members))),
    roster: { members },
    member: (node) => byNode.get(node),
  };
}

/** A record, or the faults that keep its content from becoming one. */
export type BuiltRecord =
  | { readonly record: SharedRecord; readonly faults: readonly FieldFault[] }
  | { readonly record?: undefined; readonly faults: readonly FieldFault[] };

/** Assembles the record of a scenario as released at `atMs`; validation faults are reported beside it. */
export function buildRecord(given: ScenarioRecord, atMs: number): BuiltRecord {
  const read = contentFromJson(
    { kind: given.kind, facets: given.facets },
    { deskGroup: deskNumber(given.desk), nowMs: atMs },
  );
  if (read.content === undefined) return { faults: read.faults };
  const content: RecordContent = {
    ...read.content,
    marking: markingOf(read.content.marking, given.marking, atMs),
    ...(given.expires !== undefined && { expires: atMs + given.expires * DAY_MS }),
    ...(given.reviewBy !== undefined && { reviewBy: atMs + given.reviewBy * DAY_MS }),
  };
  const { faults } = validateContent(content, { mode: 'typed', nowMs: atMs });
  const seed = new TextEncoder().encode(JSON.stringify(given));
  let salts = 0;
  const assembled = assembleRecord({
    network: NETWORK,
    logOrigin: logOrigin(netToken(NETWORK), given.originator, worldOf(content.marking.status), 1),
    originator: given.originator,
    recordId: sha256(seed).subarray(0, 16),
    revision: 1,
    content,
    released: atMs - (atMs % 60_000),
    salt: () => {
      salts += 1;
      return sha256(seed, new Uint8Array([salts]));
    },
  });
  return { record: assembled, faults };
}

/** The kind's default marking with what the scenario says laid over it. */
function markingOf(base: Marking, given: ScenarioRecord['marking'], atMs: number): Marking {
  const one = (wordOf: (number: number) => string | undefined, text: string | undefined) =>
    text === undefined ? undefined : numberOf(wordOf, text);
  const changes = {
    tlp: one(word.tlpWord, given.tlp),
    onward: one(word.onwardWord, given.onward),
    evidence: one(word.evidenceWord, given.evidence),
    status: one(word.statusWord, given.status),
    handling: given.handling?.map((text) => numberOf(word.handlingWord, text)),
    purposes: given.purposes?.map(purposeNumber),
    releasableTo: given.releasableTo,
    alsoFacets: given.alsoFacets,
    condition: given.condition,
    notBefore: given.notBefore === undefined ? undefined : BigInt(atMs + given.notBefore * DAY_MS),
  };
  const stated = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return Marking.fromPartial({ ...base, ...stated });
}
