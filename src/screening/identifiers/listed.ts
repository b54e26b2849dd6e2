/** What identifiers are searched with, and what comes of it. Data only: what a reason says in words is its reader's business. */

export type Scheme =
  | 'serial'
  | 'aircraft-msn'
  | 'ammunition-lot'
  | 'seal'
  | 'imo-ship'
  | 'imo-company'
  | 'mmsi'
  | 'call-sign'
  | 'aircraft-mark'
  | 'icao24'
  | 'container'
  | 'plate'
  | 'certificate'
  | 'licence'
  | 'bill-of-lading'
  | 'air-waybill'
  | 'consignment-note'
  | 'customs-declaration'
  | 'lei'
  | 'bic'
  | 'uei'
  | 'vat'
  | 'national-register'
  | 'passport'
  | 'identity-document';

/** What is known beside the number. Absent = not stated. */
export interface About {
  readonly maker?: string;
  readonly model?: string;
  /** As `7.62x39`. */
  readonly calibre?: string;
  /** ISO 3166-1 alpha-2: of manufacture, of issue or of registration. */
  readonly country?: string;
  /** Of manufacture. */
  readonly year?: number;
  /** ISO 3166-1 alpha-2. */
  readonly flag?: string;
  /** Of the ship, aircraft or body that carries the number. */
  readonly name?: string;
  /** Office that issued a paper. */
  readonly issuer?: string;
  /** As `2026`, `2026-03` or `2026-03-02`; so also `expires`. */
  readonly issued?: string;
  readonly expires?: string;
  readonly quantity?: number;
  readonly signatory?: string;
}

export type AboutField = keyof About;

export interface ListedIdentifier {
  /** Of the record or list entry that carries it; what answers give back. At most 255 bytes. */
  readonly entryId: string;
  readonly scheme: Scheme;
  /** As it was seen or reported, in its own script; at most 64 characters. */
  readonly value: string;
  /** Who may be told of it, 0 to 65,535; absent = 0. */
  readonly policyClass?: number;
  /** Milliseconds UTC after which it gives nothing; absent = findable for good. */
  readonly notAfter?: number;
  readonly about?: About;
}

export interface IdentifierQuery {
  /** Absent = everything that the text can be. */
  readonly scheme?: Scheme;
  /** Of a serial number, `?` is one unknown character and `*` a run of them. */
  readonly value: string;
  readonly about?: About;
  /** Policy classes that may be met; absent = all. */
  readonly classes?: ReadonlySet<number>;
  /** Milliseconds UTC; absent = ends are not looked at. */
  readonly nowMs?: number;
  /** Hits given at most; absent = 20. */
  readonly limit?: number;
}

/**
 * What an agreement is worth. Only a *hit* may start anything by itself, and even that is verified with its owner first; a
 * *candidate* is for a person to look at; a *lead* is one thing that agrees and nothing that says it is the same.
 */
export type IdentifierBand = 'hit' | 'candidate' | 'lead';

/** How two numbers agree, best first. *Folded* = the same once look-alike characters are made one. */
export type Agreement =
  | 'exact-with-maker'
  | 'exact'
  | 'same-number-other-fields'
  | 'folded-with-maker'
  | 'folded'
  | 'corrected'
  | 'one-difference'
  | 'partial'
  | 'core';

/** Both numbers without separators, one below the other; `-` where one has no character for the other's. */
export interface Alignment {
  readonly query: string;
  readonly listed: string;
  /** Places, from 0, at which they are not the same. */
  readonly differs: readonly number[];
}

export type Finding =
  | 'agrees'
  | 'differs'
  /** Stated on both sides, and neither the same nor another: a date without its day, a name in another script. */
  | 'undecided'
  | 'check-digit-fails';

/** One reason. `number-asked` and `number-listed` speak of the check digit, the others of a field stated on both sides. */
export interface ReasonLine {
  readonly about: AboutField | 'number-asked' | 'number-listed';
  readonly finding: Finding;
  readonly query?: string;
  readonly listed?: string;
}

export interface IdentifierHit {
  readonly entryId: string;
  readonly scheme: Scheme;
  /** As the list has it. */
  readonly value: string;
  readonly listedAbout: About;
  readonly policyClass: number;
  readonly band: IdentifierBand;
  readonly agreement: Agreement;
  readonly alignment: Alignment;
  readonly lines: readonly ReasonLine[];
  /** Fields that could have spoken for or against and are not stated on both sides. */
  readonly notCompared: readonly AboutField[];
}

export type ReadingNote =
  | 'check-digit-fails'
  | 'wrong-length'
  | 'wrong-form'
  | 'leading-zeros-added'
  | 'taken-out-of-text';

/** What the text was searched as. A number that fails its check is searched all the same. */
export interface Reading {
  readonly scheme: Scheme;
  readonly value: string;
  readonly notes: readonly ReadingNote[];
}

export interface IdentifierAnswer {
  /** Best first. */
  readonly hits: readonly IdentifierHit[];
  /** How many were found before `limit` cut. */
  readonly found: number;
  /** False where so many listed numbers agree that not all were looked at: ask with more. */
  readonly complete: boolean;
  readonly readings: readonly Reading[];
  /** For a container number that fails its check: what it can have been with one character changed. */
  readonly corrections: readonly string[];
}
