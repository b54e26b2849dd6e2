/** What the desk asks of others; the objects of the folders below have these shapes and `node` joins them. */
import type { Clock } from '../base/clock.ts';
import type { Audience, FacetAudience } from '../gen/tocsin/exchange/v1/parcel.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import type { DeskGroup, Purpose } from '../gen/tocsin/record/v1/marking.ts';
import type { FacetClass, SignedHeader } from '../record/index.ts';
import type { Store } from '../store/index.ts';
import type { DeskDecision } from './visibility.ts';

export type DeskStore = Pick<Store, 'read' | 'write'>;

/** What an officer wants to do, as policies name it. */
export type DeskAction =
  | 'read'
  | 'read-source'
  | 'preview'
  | 'explain'
  | 'release'
  | 'revise'
  | 'accept-condition'
  | 'forward'
  | 'recall'
  | 'ask-consent'
  | 'ask-originator'
  | 'answer'
  | 'break-glass'
  | 'review-break-glass'
  | 'draft'
  | 'submit'
  | 'search'
  | 'work'
  | 'link-status'
  | 'log-status'
  | 'read-audit'
  | 'read-policy'
  | 'screen-private'
  | 'approve-private'
  | 'administer';

export interface DeskQuestion {
  readonly action: DeskAction;
  readonly officer: {
    readonly node: string;
    readonly deskGroup: DeskGroup;
    readonly role: string;
    /** Absent = any purpose that the desk group has. */
    readonly purpose?: Purpose;
    readonly exercise: boolean;
  };
  /** For draft and submit. */
  readonly kind?: string;
  /** For what is done with one record. */
  readonly record?: {
    readonly signed: SignedHeader;
    readonly facets: readonly DisclosedFacet[];
    readonly own: boolean;
    /** The sender meant the record, and the facet in question, for this desk group and purpose. */
    readonly meant: boolean;
    readonly conditionAccepted: boolean;
    /** Empty for the record as such. */
    readonly facetClass: FacetClass | '';
    /** This officer opened the facet in an emergency, and his time is not over (R17). */
    readonly opened?: boolean;
  };
}

/** What one partner sees of one record. */
export interface PartnerDecision {
  readonly partner: string;
  readonly receive: DeskDecision;
  readonly facets: ReadonlyMap<string, DeskDecision>;
  readonly audience: Audience;
  readonly facetAudiences: readonly FacetAudience[];
  readonly validUntilMs: number;
}

/** A record as policy judges it: all facets that this node holds. */
export interface JudgedRecord {
  readonly signed: SignedHeader;
  readonly facets: readonly DisclosedFacet[];
}

export interface DeskPolicy {
  judgeDesk(question: DeskQuestion, atMs: number): DeskDecision;
  preview(record: JudgedRecord, atMs: number): readonly PartnerDecision[];
  viewFor(record: JudgedRecord, partner: string, atMs: number): PartnerDecision;
  /** The decisions for one desk group and purpose of a partner. */
  explain(
    record: JudgedRecord,
    partner: string,
    cell: { readonly deskGroup: DeskGroup; readonly purpose: Purpose },
    atMs: number,
  ): Pick<PartnerDecision, 'receive' | 'facets'>;
}

/** Facts of the node that every handler may need. */
export interface DeskNode {
  /** Node id. */
  readonly self: string;
  readonly clock: Clock;
  /** Network digest, 32 bytes. */
  readonly network: Uint8Array;
  /** Display name of a member; its id where there is none. */
  nameOf(node: string): string;
}
