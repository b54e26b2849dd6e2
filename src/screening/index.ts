/**
 * Screening: what a party, a number or a paper agrees with, what of it may be told to whom, and what came of it. Files of an officer
 * have a face of their own, `batch/index.ts`: nodes do not load what reads them.
 */

export { IdentifierError, type IdentifierErrorCode } from './identifiers/errors.ts';
export { IdentifierIndex } from './identifiers/identifier-index.ts';
export type {
  About,
  AboutField,
  Agreement,
  Alignment,
  Finding,
  IdentifierAnswer,
  IdentifierBand,
  IdentifierHit,
  IdentifierQuery,
  ListedIdentifier,
  Reading,
  ReadingNote,
  ReasonLine,
  Scheme,
} from './identifiers/listed.ts';
export { guessSchemes } from './identifiers/readings.ts';
export { identifiersOf, type RecordNumber, type ScreenedContent } from './identifiers/record-numbers.ts';
export { isScheme } from './identifiers/schemes.ts';
export { BANDS, SCORE_VERSION } from './names/bands.ts';
export { type EquivalenceClass, Equivalences } from './names/equivalence.ts';
export { SHIPPED_CLASSES } from './names/equivalence-data.ts';
export { NameError, type NameErrorCode } from './names/errors.ts';
export { NameIndex, type NameIndexOptions } from './names/name-index.ts';
export { NamePool } from './names/name-pool.ts';
export type {
  Agreement as NameAgreement,
  Band,
  BirthDate,
  ListedName,
  ListedNameKind,
  ListedParty,
  NameAnswer,
  NameHit,
  NameQuery,
  NotCompared,
  PartyIndex,
  ScoreLine,
  SubjectType,
} from './names/party.ts';
export {
  equivalencesOf,
  type JoinedEquivalences,
  type PublishedRow,
  type PublishedTable,
  type Unused,
  type UnusedRow,
} from './names/published.ts';
export { REFERENCE_TABLE, TABLE, tableIn } from './names/table-record.ts';
export {
  type AskedBy,
  type Inquiry,
  type OpenedHit,
  type PrivateAnswer,
  PrivateAsker,
} from './private/asker.ts';
export type { PrivateScreeningCalls } from './private/buckets.ts';
export { entriesOf } from './private/entries.ts';
export { PrivateScreeningError, type PrivateScreeningErrorCode } from './private/errors.ts';
export type { PrivateHit } from './private/hits.ts';
export { PrivateHolder } from './private/holder.ts';
export { createPrivateInquiries, type PrivateInquiries } from './private/inquiries.ts';
export type { PrivateIdentifier, PrivateScheme } from './private/keys.ts';
export { MonthKeys, type SecretMonthKeys } from './private/month-keys.ts';
export { type PrivateScreeningHandlers, privateScreeningHandlers } from './private/service.ts';
export { FLOOR_FORMS, type GradingFloor } from './service/grading.ts';
export { createScreening, type NodeOfScreening, type Screening } from './service/screening.ts';
