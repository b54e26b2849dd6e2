/** What names are compared with, and what comes of it. */

export type SubjectType = 'person' | 'organisation' | 'vessel' | 'aircraft' | 'unknown';

export type ListedNameKind = 'primary' | 'alias' | 'weak' | 'former' | 'original-script';

export interface ListedName {
  /** As the list writes it, in its own script. */
  readonly text: string;
  readonly kind: ListedNameKind;
}

/** A date of birth as far as it is known. */
export interface BirthDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month?: number;
  /** 1 to 31. */
  readonly day?: number;
  /** Stated as about. */
  readonly approximate?: boolean;
}

/** A party on a list, as far as names are compared. */
export interface ListedParty {
  /** Unique in the index; what answers give back. */
  readonly id: string;
  readonly subject: SubjectType;
  readonly names: readonly ListedName[];
  readonly born?: readonly BirthDate[];
  /** ISO 3166-1 alpha-2. */
  readonly countries?: readonly string[];
  /** Who may be told of it, 0 to 65,535: a query names the classes that it may meet. */
  readonly policyClass?: number;
  /** Milliseconds UTC after which it gives nothing; absent = no end. */
  readonly notAfter?: number;
}

export interface NameQuery {
  readonly name: string;
  /** Absent = any. */
  readonly subject?: SubjectType;
  readonly born?: BirthDate;
  /** ISO 3166-1 alpha-2. */
  readonly countries?: readonly string[];
  /** Lowest score that is given, 0 to 100; absent = the cut that the program ships with. */
  readonly cut?: number;
  /** Parties given at most; absent = 10. */
  readonly limit?: number;
  /** Policy classes that may be met; absent = all. */
  readonly classes?: ReadonlySet<number>;
  /** Milliseconds UTC; absent = ends are not looked at. */
  readonly nowMs?: number;
  /** Asks for the nearest party below the cut too, which costs a second search. */
  readonly nearest?: boolean;
}

/** How sure a score is: *look* is a lead among others, *certain* one that seldom errs. */
export type Band = 'look' | 'probable' | 'certain';

/** How two words agree, or what a line of an explanation is about. */
export type Agreement =
  | 'same'
  | 'spelling'
  | 'sound'
  | 'script'
  | 'equivalent'
  | 'initial'
  | 'joined'
  | 'not-in-entry'
  | 'not-in-query'
  | 'numbers-differ'
  | 'legal-form'
  | 'order'
  | 'born'
  | 'country'
  | 'weak-alias'
  | 'little-evidence';

/** One line of an explanation; the points of all lines sum to the score. */
export interface ScoreLine {
  readonly points: number;
  readonly agreement: Agreement;
  /** The part of the query, as written. */
  readonly query?: string;
  /** The part of the entry, as written. */
  readonly listed?: string;
  /** One in how many listed names has the word. */
  readonly oneIn?: number;
}

/** What could have spoken for or against and was not stated: in the query, in the entry, or in neither. */
export interface NotCompared {
  readonly what: 'born' | 'country';
  readonly missingIn: 'query' | 'entry' | 'both';
}

export interface NameHit {
  readonly id: string;
  /** The name of the party that agrees best. */
  readonly name: ListedName;
  /** 0 to 100. */
  readonly score: number;
  /** Absent below the cut that the program ships with. */
  readonly band?: Band;
  readonly lines: readonly ScoreLine[];
  readonly notCompared: readonly NotCompared[];
}

export interface NameAnswer {
  /** Best first. */
  readonly hits: readonly NameHit[];
  /** The nearest party below the cut, for whoever wonders why there is no hit; where it was asked for. */
  readonly nearestBelow?: NameHit;
}

/** The index as its users see it; `NameIndex` is the one that ships. */
export interface PartyIndex {
  /** Parties in it. */
  readonly size: number;
  /** The next search meets them; a party of the same id is replaced. */
  add(parties: Iterable<ListedParty>): void;
  /** No later search meets it; false where it was not there. */
  remove(id: string): boolean;
  search(query: NameQuery): NameAnswer;
  /** Many at once, in order; a large batch by threads, so that others are served meanwhile. */
  searchMany(queries: readonly NameQuery[]): Promise<readonly NameAnswer[]>;
}
