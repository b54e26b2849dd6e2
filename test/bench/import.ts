/** Import of a UN-style list: read, judged and drafted in one transaction; whether an entry costs the same in a long list. */
import { systemRandom } from '../../src/base/clock.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { importUnList } from '../../src/interop/index.ts';
import { createLifecycle } from '../../src/lifecycle/index.ts';
import { TEST_NOW_MS } from '../support/authority.ts';
import { temporaryStore } from '../support/temporary-store.ts';
import { type Bench, type Measure, seconds } from './runner.ts';

const SHORT = 1_000;
const LONG = 100_000;
const OFFICER = { fingerprint: 'aa', name: 'Anna', deskGroup: DeskGroup.DESK_GROUP_LICENSING };
const clock = { nowMs: () => TEST_NOW_MS };

/** Invented persons, with the elements that the real list has for nearly everybody. */
function listOf(count: number): Uint8Array {
  const persons = Array.from(
    { length: count },
    (_, place) => `<INDIVIDUAL>
<DATAID>${1_000_000 + place}</DATAID><VERSIONNUM>1</VERSIONNUM>
<FIRST_NAME>ORSOLO${place}</FIRST_NAME><SECOND_NAME>VENN</SECOND_NAME><THIRD_NAME>TARRICK</THIRD_NAME>
<UN_LIST_TYPE>Invented</UN_LIST_TYPE><REFERENCE_NUMBER>XYi.${place}</REFERENCE_NUMBER><LISTED_ON>2010-07-16</LISTED_ON>
<COMMENTS1>An invented entry of a synthetic list.</COMMENTS1>
<NATIONALITY><VALUE>Somalia</VALUE></NATIONALITY>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>O. V. Tarrick ${place}</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1971-03-0${1 + (place % 9)}</DATE></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>XB${place}</NUMBER></INDIVIDUAL_DOCUMENT>
</INDIVIDUAL>`,
  );
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2026-01-15T00:00:00.000Z"><INDIVIDUALS>${persons.join('\n')}</INDIVIDUALS><ENTITIES></ENTITIES></CONSOLIDATED_LIST>`;
  return new TextEncoder().encode(text);
}

/** Entries a second, into a store that has none yet. */
const imported =
  (bytes: Uint8Array, count: number): Measure =>
  async () => {
    await using stack = new AsyncDisposableStack();
    const { store } = stack.use(await temporaryStore());
    const lifecycle = createLifecycle({
      store,
      policy: () => ({ digest: 'p', preview: () => [] }),
      ledger: { enqueue: async () => undefined },
      exchange: { fanout: async () => undefined },
      self: {
        node: 'XA',
        network: new Uint8Array(32),
        logOrigin: () => 'tocsin/0000000000000000/XA/log/live/1',
      },
      clock,
      random: systemRandom,
    });
    let created = 0;
    const spent = await seconds(async () => {
      const marking = { releasableTo: ['sac'] };
      ({ created } = await importUnList({ lifecycle, clock }, { bytes, officer: OFFICER, marking }));
    });
    if (created !== count) throw new Error(`expected ${count} drafts, got ${created}`);
    return [count / spent];
  };

export const importBench: Bench = {
  name: 'import',
  async open() {
    const [short, long] = [listOf(SHORT), listOf(LONG)];
    const [few, all] = [imported(short, SHORT), imported(long, LONG)];
    // The round that warms up takes the short list: half a minute more of the same code would warm nothing else.
    let warm = false;
    return [
      {
        id: 'entries',
        what: `entries of a list of ${LONG.toLocaleString('en')} read, judged and drafted`,
        unit: '/s',
        ours: () => {
          const measure = warm ? all : few;
          warm = true;
          return measure();
        },
        against: [{ name: `of a list of ${SHORT.toLocaleString('en')}`, measure: few }],
        facts: () => ({ 'bytes of the long list': long.length }),
      },
    ];
  },
};
