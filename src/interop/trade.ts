/** What a listed body does, by plain words in its name: sanctions lists state no trade. */

const TRADES: readonly (readonly [RegExp, string])[] = [
  [/\b(shipping|maritime|shipmanagement|marine)\b/i, 'shipper'],
  [/\b(air|airlines?|airways|aviation|transport|logistics)\b/i, 'carrier'],
  [/\b(bank|exchange|financ\w*|hawala|remittance|investment|money)\b/i, 'financier'],
  [/\b(trading|trade|import|export|commercial)\b/i, 'dealer'],
  [/\b(industr\w+|manufactur\w+|factory|works)\b/i, 'manufacturer'],
];

/** A subject kind of watchlist entries; `listed` where the name tells nothing. */
export const tradeOf = (name: string): string =>
  TRADES.find(([pattern]) => pattern.test(name))?.[1] ?? 'listed';
