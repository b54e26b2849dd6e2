/** What a column of a batch file can be. */

/** Names of parties and numbers: each column is a question of its own, and several columns may have the same field. */
export const ASKED_FIELDS = [
  'name',
  'vessel',
  'imo',
  'mmsi',
  'call-sign',
  'mark',
  'container',
  'serial',
  'certificate',
  'bill-of-lading',
  'awb',
  'lei',
  'passport',
] as const;

/** What is known beside them; one column each. */
export const BESIDE_FIELDS = [
  'given-name',
  'family-name',
  'subject',
  'born',
  'country',
  'maker',
  'model',
  'calibre',
  'reference',
] as const;

export const BATCH_FIELDS = [...ASKED_FIELDS, ...BESIDE_FIELDS] as const;

export type AskedField = (typeof ASKED_FIELDS)[number];
export type BatchField = (typeof BATCH_FIELDS)[number];

export const isBatchField = (text: string): text is BatchField => BATCH_FIELDS.some((one) => one === text);
export const isAskedField = (field: BatchField): field is AskedField =>
  ASKED_FIELDS.some((one) => one === field);

/** A ship's name is one of a ship alone; the same number under another name is told. */
export const isNameField = (field: BatchField): field is 'name' | 'vessel' =>
  field === 'name' || field === 'vessel';

/** Scheme of the number that a field holds, as ScreeningIdentifier names it. */
export const SCHEME_OF: Readonly<Record<Exclude<AskedField, 'name' | 'vessel'>, string>> = {
  imo: 'imo-ship',
  mmsi: 'mmsi',
  'call-sign': 'call-sign',
  mark: 'aircraft-mark',
  container: 'container',
  serial: 'serial',
  certificate: 'certificate',
  'bill-of-lading': 'bill-of-lading',
  awb: 'air-waybill',
  lei: 'lei',
  passport: 'passport',
};

/** Field of each column, from the left; absent = the column is not used. */
export type ColumnMapping = readonly (BatchField | undefined)[];
