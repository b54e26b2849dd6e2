/** A first name of a new passkey, so that an officer with several knows them apart. */
export const labelOfDevice = (): string =>
  (/\(([^;)]+)/.exec(navigator.userAgent)?.[1] ?? 'browser').slice(0, 60);
