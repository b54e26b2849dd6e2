/** What the desk asks of private screening of its node; the object of the folder `screening` has this shape. */
import type { PrivateScreening, PrivateScreenRequest } from '../gen/tocsin/desk/v1/screening_service.ts';
import type { DeskGroup, Purpose } from '../gen/tocsin/record/v1/marking.ts';
import type { AuditEntry, Page } from '../store/index.ts';

interface ByOfficer {
  readonly officer: {
    readonly fingerprint: string;
    readonly name: string;
    readonly deskGroup: DeskGroup;
    readonly facts: Readonly<Record<string, string>>;
  };
  /** Makes the officer's row of the audit trail. */
  readonly audited: (action: string, subject: string, facts: AuditEntry['detail']) => AuditEntry;
}

interface OnInquiry extends ByOfficer {
  readonly id: string;
  readonly note: string;
}

/** It keeps, audits and asks; whether a role may at all is the desk's to decide. */
export interface PrivateScreeningPort {
  /** Node ids that may be asked. */
  readonly partners: readonly string[];
  /** Throws NOTHING_TO_ASK, TOO_MANY_OPEN. */
  request(
    asked: ByOfficer & { readonly question: PrivateScreenRequest; readonly purpose: Purpose },
  ): Promise<PrivateScreening>;
  /** Resolves once every partner answered, or did not. Throws NOT_FOUND, FOUR_EYES, NOT_OPEN. */
  approve(decided: OnInquiry): Promise<PrivateScreening>;
  /** Throws NOT_FOUND, NOT_OPEN, NOT_PERMITTED for another's with `ownOnly`. */
  decline(decided: OnInquiry & { readonly ownOnly: boolean }): Promise<PrivateScreening>;
  /** Absent desk group = all. Throws BAD_CURSOR. */
  list(query: {
    readonly deskGroup?: DeskGroup;
    readonly openOnly: boolean;
    readonly cursor?: string;
    readonly limit: number;
    readonly reader: string;
  }): Promise<Page<PrivateScreening>>;
}
