/** Records: what is signed, how it is divided, what it may say. Pure: no clock, no randomness, no I/O. */
export { type AssembledRecord, type AssembleInput, assembleRecord } from './assemble.ts';
export { ATTACHMENT_TYPES, type AttachmentType, type CleanFile, cleanFile } from './attachment/clean.ts';
export { displayName } from './attachment/display-name.ts';
export { AttachmentError, type AttachmentErrorCode } from './attachment/errors.ts';
export type { RecordContent } from './content.ts';
export { type ContentDefaults, contentFromJson, contentToJson } from './content-json.ts';
export { RecordError, type RecordErrorCode } from './errors.ts';
export {
  commitFacet,
  type FacetPreimage,
  isForbiddenFacet,
  isNeverDisclosed,
  judgeFacets,
  SALT_BYTES,
} from './facet.ts';
export { type FieldChange, fieldChanges } from './field-changes.ts';
export {
  DIGEST_BYTES,
  encodeHeader,
  judgeHeader,
  MINUTE_MS,
  RECORD_ID_BYTES,
  type SignedHeader,
} from './header.ts';
export type { IdentifierCheck } from './identifiers/check.ts';
export { isUserAssigned, judgeCountry, judgeSubdivision } from './identifiers/country.ts';
export { formatPartialDate, isCalendarDate, parsePartialDate, rangeOfDate } from './identifiers/date.ts';
export { judgeImoCompany, judgeImoShip } from './identifiers/imo.ts';
export { iso6346CheckDigit, judgeIso6346 } from './identifiers/iso6346.ts';
export { judgeBic, judgeLei } from './identifiers/lei.ts';
export { judgeAircraftMark, judgeAirWaybill, judgeCallSign, judgeIcao24 } from './identifiers/marks.ts';
export { judgeMmsi, type MmsiCheck, type MmsiUse } from './identifiers/mmsi.ts';
export {
  isPartialSerial,
  MIN_KNOWN_CHARACTERS,
  parseSerialPattern,
  type SerialKeys,
  type SerialPattern,
  serialKeys,
} from './identifiers/serial.ts';
export { judgeUnlocode, parseLocodeCoordinates } from './identifiers/unlocode.ts';
export { messageFromJson, messageToJson } from './json.ts';
export type {
  ContentView,
  FacetClass,
  FacetCodec,
  FacetReader,
  FacetRow,
  Findings,
  KindRow,
  Retention,
  ValidationMode,
} from './kind-row.ts';
export { ANSWER, BREAK_GLASS, CONSENT, facetOf, KINDS, kindOf, TASKING } from './kinds.ts';
export { isUrgent, laneOf } from './lane.ts';
export { type OwnerFinding, ownerLint } from './lint.ts';
export {
  isFacetName,
  isGroupName,
  joinMarkings,
  judgeMarking,
  LOCAL_GROUP,
  worldOf,
} from './marking.ts';
export { type NamedPoint, placesIn } from './places.ts';
export { reasonFromName, reasonName } from './reason.ts';
export { subjectsOf } from './references.ts';
export { BREAK_GLASS_CLASSES, BREAK_GLASS_LASTS_MS } from './rules/break-glass.ts';
export { asksConsent } from './rules/tasking.ts';
export {
  encodeSigned,
  isNodeId,
  judgeSigned,
  type LogOrigin,
  logOrigin,
  NETWORK_DIGEST_BYTES,
  netToken,
  parseLogOrigin,
  type SignedType,
  sha256,
  signedLabel,
  type World,
  witnessName,
} from './signed.ts';
export { statedWorld } from './stated-world.ts';
export { type TitleFacets, titleOf } from './title.ts';
export { type ValidationOptions, validateContent } from './validate.ts';
export { type RecordView, viewOf } from './view.ts';
export { judgeMessage } from './wire.ts';
