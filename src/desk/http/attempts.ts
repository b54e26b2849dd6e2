/** Attempts from one address: an officer's typing errors fit, a guesser's list does not. */
const ATTEMPTS_A_MINUTE = 20;

export const ATTEMPTS = { rateLimit: { max: ATTEMPTS_A_MINUTE, timeWindow: 60_000 } };
