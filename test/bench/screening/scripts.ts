/** Words in two scripts: whether the index lets the one be found by the other. */
import anyAscii from 'any-ascii';
import { BANDS } from '../../../src/screening/names/bands.ts';
import { NameIndex } from '../../../src/screening/names/name-index.ts';
import { cellOf, readTable } from './data.ts';
import { inHashOrder } from './random.ts';
import type { Share } from './recall.ts';

/** Pairs seen once are often misaligned. */
const FEWEST_OCCURRENCES = 2;
/** Pairs a script. */
const MOST = 1_500;

export interface ScriptShare {
  readonly script: string;
  /** The words share a key: the index compares them. */
  readonly meet: Share;
  /** They score at least the cut that ships, alone. */
  readonly alert: Share;
  /** any-ascii writes them the same. */
  readonly sameText: Share;
}

export function scriptShares(folder: string): readonly ScriptShare[] {
  const rows = readTable(folder, 'cross-script-tokens')
    .filter((row) => Number(row.occurrences) >= FEWEST_OCCURRENCES)
    .map((row) => ({
      script: cellOf(row, 'set'),
      latin: cellOf(row, 'latin').replaceAll('"', '').trim(),
      other: cellOf(row, 'other_script').trim(),
    }))
    .filter(({ latin, other }) => latin !== '' && other !== '');
  return [...Map.groupBy(rows, ({ script }) => script)].map(([script, all]) => {
    const pairs = inHashOrder(all, ({ latin, other }) => `token|${latin}|${other}`).slice(0, MOST);
    const index = new NameIndex();
    // Each alone in its policy class: the question is of one pair, in an index where words have a frequency.
    index.add(
      pairs.map(({ latin }, at) => ({
        id: String(at),
        subject: 'person',
        names: [{ text: latin, kind: 'primary' }],
        policyClass: at + 1,
      })),
    );
    const scores = pairs.map(
      ({ other }, at) =>
        index.search({ name: other, cut: 1, limit: 1, classes: new Set([at + 1]) }).hits[0]?.score ?? 0,
    );
    const shareWhere = (is: (at: number) => boolean): Share => ({
      found: pairs.filter((_, at) => is(at)).length,
      of: pairs.length,
    });
    return {
      script,
      meet: shareWhere((at) => (scores[at] ?? 0) > 0),
      alert: shareWhere((at) => (scores[at] ?? 0) >= BANDS.look),
      sameText: shareWhere((at) => {
        const pair = pairs[at];
        return (
          pair !== undefined && anyAscii(pair.other).toLowerCase() === anyAscii(pair.latin).toLowerCase()
        );
      }),
    };
  });
}
