/** What the parts of the account page share. */

export const ACCOUNT = ['account'] as const;

/** Runs a change once the officer proved himself, at once where he did so just now. */
export type Confirmed = (change: () => void) => void;
