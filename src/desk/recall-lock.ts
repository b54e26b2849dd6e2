/**
 * Facets about persons stay closed while recalls of partners may be missing here (R14): this node was cut off for so long that
 * what it holds may have been taken back. No right opens them, break-glass included; everything else is read as before.
 */
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { Attachments, SensitivityClass } from '../gen/tocsin/record/v1/shared_facets.ts';
import type { FacetClass } from '../record/index.ts';
import { DeskError } from './errors.ts';
import type { DeskDecision, FacetVerdict } from './visibility.ts';

/** What the node knows of its silence. */
export interface DeskCutOff {
  /** Whether recalls may be missing of a record that these nodes originated and sent. */
  locks(originator: string, senders: readonly string[]): boolean;
  state(): {
    /** When any active partner was last heard, milliseconds UTC. */
    readonly heardAt: number;
    readonly isCutOff: boolean;
    /** Partners whose recalls are waited for. */
    readonly waitingFor: readonly string[];
  };
}

/** The rule that a locked facet is withheld under; the desk policy has none of this name. */
const RULE = 'R14';

/** What is decided in the place of a permission. */
export const lockedBy = (originator: string): DeskDecision => ({
  allowed: false,
  rule: RULE,
  reason: `locked: this node was cut off from its partners for too long, and ${originator} may have recalled it; it opens by itself when the recalls are here, \`tocsin node status\` names whom it waits for`,
});

/** Whether a verdict is the lock's, and nothing else is against showing the facet. */
export const isLocked = ({ withheld }: FacetVerdict): boolean =>
  withheld?.by === 'desk' && withheld.rule === RULE;

export const isPersonal = (file: Attachments['files'][number]): boolean =>
  file.class === SensitivityClass.SENSITIVITY_CLASS_PERSONAL;

/** Facets of class P, and lists of files with one among them that shows what such a facet says. */
export const isAboutPersons = (facetClass: FacetClass | '', body: Uint8Array | undefined): boolean =>
  facetClass === 'P' ||
  (facetClass === 'A' && body !== undefined && Attachments.decode(body).files.some(isPersonal));

/** For what was asked for by name and is locked. */
export const cutOffError = (what: string, originator: string): DeskError =>
  new DeskError({
    code: 'CUT_OFF',
    message: `${what} is ${lockedBy(originator).reason} (${RULE})`,
    reason: Reason.REASON_CUT_OFF,
    retry: 'later',
  });
