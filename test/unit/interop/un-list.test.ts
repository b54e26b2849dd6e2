import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { Entities, Persons } from '../../../src/gen/tocsin/record/v1/party.ts';
import { Internal } from '../../../src/gen/tocsin/record/v1/shared_facets.ts';
import { importUnList, readUnList } from '../../../src/interop/index.ts';
import { createLifecycle, type Lifecycle } from '../../../src/lifecycle/index.ts';
import type { Store } from '../../../src/store/index.ts';
import { temporaryStore } from '../../support/temporary-store.ts';

// Everybody and everything in these lists is invented.
const ANNA = { fingerprint: 'aa', name: 'Anna', deskGroup: DeskGroup.DESK_GROUP_LICENSING };
const NOW_MS = Date.parse('2026-03-02T10:00:00Z');
const MARKING = { releasableTo: ['sac'] };

const person = (id: number, extra = '') => `<INDIVIDUAL><DATAID>${id}</DATAID><VERSIONNUM>1</VERSIONNUM>
  <FIRST_NAME>ORSOLO</FIRST_NAME><SECOND_NAME>VENN &amp; TARRICK</SECOND_NAME><UN_LIST_TYPE>Arvenia</UN_LIST_TYPE>
  <REFERENCE_NUMBER>XAi.${id}</REFERENCE_NUMBER><LISTED_ON>2012-12-31</LISTED_ON><GENDER>Male</GENDER>
  <COMMENTS1>Seen in Kalun.</COMMENTS1><NAME_ORIGINAL_SCRIPT>Орсоло Веннтаррик</NAME_ORIGINAL_SCRIPT>
  <DESIGNATION><VALUE>Harbour master</VALUE></DESIGNATION>
  <NATIONALITY><VALUE>Norway</VALUE><VALUE>United Republic of Tanzania</VALUE><VALUE>former Borvania</VALUE></NATIONALITY>
  <LAST_DAY_UPDATED><VALUE/></LAST_DAY_UPDATED>
  <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Old Tar</ALIAS_NAME></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Tarry</ALIAS_NAME></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>O. Venn</ALIAS_NAME><NOTE>previously listed as</NOTE></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ADDRESS><COUNTRY/></INDIVIDUAL_ADDRESS>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1966</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1964</FROM_YEAR><TO_YEAR>1967</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_PLACE_OF_BIRTH><CITY>Kalun</CITY><COUNTRY>Arvenia</COUNTRY></INDIVIDUAL_PLACE_OF_BIRTH>
  <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>Q0001</NUMBER><ISSUING_COUNTRY>Norway</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT>
  <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>National Identification Number</TYPE_OF_DOCUMENT><NUMBER>77</NUMBER></INDIVIDUAL_DOCUMENT>
  <INDIVIDUAL_DOCUMENT/>${extra}<SORT_KEY/><SORT_KEY_LAST_MOD/></INDIVIDUAL>`;

const entity = (
  id: number,
  name = 'QUELLMAR SHIPPING',
) => `<ENTITY><DATAID>${id}</DATAID><VERSIONNUM>1</VERSIONNUM>
  <FIRST_NAME>${name}</FIRST_NAME><UN_LIST_TYPE>Arvenia</UN_LIST_TYPE><REFERENCE_NUMBER>XAe.${id}</REFERENCE_NUMBER>
  <LISTED_ON>2012-12-31</LISTED_ON><COMMENTS1/><LIST_TYPE><VALUE>UN List</VALUE></LIST_TYPE>
  <ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>Quellmar Line</ALIAS_NAME></ENTITY_ALIAS>
  <ENTITY_ALIAS><QUALITY>f.k.a.</QUALITY><ALIAS_NAME>Kelp &#x26; Sons &#233;tc</ALIAS_NAME></ENTITY_ALIAS>
  <ENTITY_ADDRESS><STREET>4 Kelp Stairs</STREET><CITY>Port Brava</CITY><COUNTRY>Norway</COUNTRY></ENTITY_ADDRESS>
  <SORT_KEY/><SORT_KEY_LAST_MOD/></ENTITY>`;

const list = (persons: string, entities: string, head = '<?xml version="1.0" encoding="UTF-8"?>') =>
  utf8(`${head}<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z"><INDIVIDUALS>${persons}</INDIVIDUALS>
    <ENTITIES>${entities}</ENTITIES></CONSOLIDATED_LIST>`);

const read = (bytes: Uint8Array) => readUnList(bytes, { officer: ANNA, marking: MARKING, nowMs: NOW_MS });

const codeOf = (bytes: Uint8Array): unknown => {
  try {
    read(bytes);
    return 'read';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

describe('reading the UN list', () => {
  it('maps a person with names, precision of dates, nationality and documents, into the facet of persons alone', () => {
    const { entries, persons, generatedAt } = read(list(person(101), entity(102)));
    expect([persons, generatedAt]).toEqual([1, Date.parse('2026-02-27T00:00:09.554Z')]);
    const facets = entries[0]?.content.facets ?? {};
    expect(Object.keys(facets).sort()).toEqual(['assessment', 'internal', 'persons', 'source', 'summary']);
    const [found] = Persons.decode(facets.persons ?? new Uint8Array()).persons;
    expect(found?.names.map(({ text, type }) => [text, type])).toEqual([
      ['ORSOLO VENN & TARRICK', 1],
      ['Орсоло Веннтаррик', 5],
      ['Old Tar', 2],
      ['Tarry', 3],
      ['O. Venn', 4],
    ]);
    expect(found?.born).toEqual({ year: 1966, month: 0, day: 0, approximate: true });
    expect(found?.nationalities).toEqual(['NO', 'TZ']);
    expect(found?.documents.map(({ country, number }) => [country, number])).toEqual([['NO', 'Q0001']]);
    expect(found?.birthPlace).toBe('Kalun, Arvenia');
  });

  it('keeps what fits no field with the originator, and flags it', () => {
    const { entries, flags, flagged } = read(list(person(101), entity(102)));
    const { fileNumber, notes } = Internal.decode(entries[0]?.content.facets.internal ?? new Uint8Array());
    expect(fileNumber).toBe('un:101');
    for (const kept of [
      'former Borvania',
      'BETWEEN 1964 1967',
      '77',
      'Harbour master',
      'Seen in Kalun.',
      'XAi.101',
    ])
      expect(notes).toContain(kept);
    expect(flags.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'un:101.born MORE_DATES',
      'un:101.nationality COUNTRY_NAME',
      'un:101.documents DOCUMENT',
    ]);
    expect(flagged).toBe(1);
  });

  it('maps an entity and resolves references once', () => {
    const { entries, entities } = read(list(person(101), entity(102)));
    expect(entities).toBe(1);
    const [found] = Entities.decode(entries[1]?.content.facets.entities ?? new Uint8Array()).entities;
    expect(found?.names.map(({ text }) => text)).toEqual([
      'QUELLMAR SHIPPING',
      'Quellmar Line',
      'Kelp & Sons étc',
    ]);
    expect(found?.addresses).toEqual([{ text: '4 Kelp Stairs', city: 'Port Brava', country: 'NO' }]);
    const twice = read(list('', entity(7, '<![CDATA[&amp;<i>]]> A &amp;lt; B'))).entries[0];
    const [name] =
      Entities.decode(twice?.content.facets.entities ?? new Uint8Array()).entities[0]?.names ?? [];
    expect(name?.text).toBe('&amp;<i> A &lt; B');
  });

  it('refuses hostile and broken files with a stable code', () => {
    const good = list(person(101), entity(102));
    const text = new TextDecoder().decode(good);
    const bomb = '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>';
    expect(codeOf(list(person(1), entity(2), bomb))).toBe('XML_DOCTYPE');
    expect(codeOf(list(person(1), entity(2), '<!DOCTYPE l SYSTEM "file:///etc/passwd">'))).toBe(
      'XML_DOCTYPE',
    );
    expect(codeOf(list(person(1, '<x>&b;</x>'), entity(2)))).toBe('XML_ENTITY');
    expect(codeOf(list(person(1), entity(2, 'a&#0;b')))).toBe('XML_ENTITY');
    expect(codeOf(list(person(1), entity(2, 'a&#xFFFFFF;b')))).toBe('XML_ENTITY');
    expect(codeOf(list(person(1, '<__proto__>1</__proto__>'), ''))).toBe('XML_MALFORMED');
    expect(codeOf(list(person(1, `${'<a>'.repeat(5_000)}${'</a>'.repeat(5_000)}`), ''))).toBe(
      'XML_MALFORMED',
    );
    for (const cut of [0, 10, 200, text.length - 400, text.length - 5])
      expect(codeOf(good.subarray(0, cut)), `cut at ${cut}`).toBe('XML_MALFORMED');
    expect(codeOf(utf8('<sdnList><INDIVIDUALS/></sdnList>'))).toBe('WRONG_ROOT');
    expect(codeOf(utf8('<CONSOLIDATED_LIST><INDIVIDUALS/></CONSOLIDATED_LIST>'))).toBe('LIST_INVALID');
    expect(codeOf(list('', ''))).toBe('LIST_INVALID');
    expect(codeOf(new Uint8Array([0xff, 0xfe, 0x3c, 0x00]))).toBe('NOT_UTF8');
    expect(codeOf(list(person(1), '', '<?xml version="1.0" encoding="UTF-16"?>'))).toBe('NOT_UTF8');
  });

  it('reads a million numeric references once each, without their number growing into anything', () => {
    // Resolved once: what comes out is no reference again.
    expect(codeOf(list(person(1), entity(2, `${'&#38;'.repeat(50)}#65;`)))).toBe('read');
    const began = performance.now();
    // Twelve megabytes that become three: the text is above its bound, so the list is refused.
    const many = list(person(1), entity(2, '&#x26;#65;'.repeat(1_000_000)));
    expect(codeOf(many)).toBe('ENTRY_INVALID');
    // One that is wrong among a million is found too.
    expect(codeOf(list(person(1), entity(2, `${'&#65;'.repeat(1_000_000)}&#1;`)))).toBe('XML_ENTITY');
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it(`takes no file above ${LIMITS.importBytes} bytes, and does not look into it`, () => {
    const bytes = new Uint8Array(LIMITS.importBytes + 1);
    // Looked into, it is no UTF-8 from its first byte on.
    bytes[0] = 0xff;
    expect(codeOf(bytes.subarray(1))).toBe('NOT_UTF8');
    expect(codeOf(bytes)).toBe('TOO_LARGE');
  });

  it(`takes no list of more than ${LIMITS.importEntries} entries, counted before one is read`, () => {
    const empty = (count: number) => codeOf(list('<INDIVIDUAL/>'.repeat(count - 1), '<ENTITY/>'));
    expect(empty(LIMITS.importEntries)).toBe('ENTRY_INVALID');
    expect(empty(LIMITS.importEntries + 1)).toBe('LIST_INVALID');
  });

  it('refuses the whole list for one bad entry, naming each fault', () => {
    const bad = list(person(101) + person(101), entity(102).replace('QUELLMAR SHIPPING', ''));
    const withoutId = list(person(1).replace('<DATAID>1</DATAID>', ''), '');
    expect(codeOf(withoutId)).toBe('ENTRY_INVALID');
    expect(() => read(bad)).toThrow(
      expect.objectContaining({
        code: 'ENTRY_INVALID',
        faults: expect.arrayContaining([
          expect.objectContaining({ path: 'persons[1].DATAID', code: 'DUPLICATE' }),
        ]),
      }),
    );
  });

  it('keeps 200 names of a party, and says where a list has more', () => {
    const aliases = (count: number) =>
      Array.from(
        { length: count },
        (_, at) => `<ENTITY_ALIAS><ALIAS_NAME>Kelp ${at}</ALIAS_NAME></ENTITY_ALIAS>`,
      );
    const named = (count: number) => {
      // Beside the first name and the two aliases of the example.
      const more = entity(102).replace('<ENTITY_ALIAS>', `${aliases(count - 3).join('')}<ENTITY_ALIAS>`);
      const { entries, flags } = read(list('', more));
      const { entities } = Entities.decode(entries[0]?.content.facets.entities ?? new Uint8Array());
      return [entities[0]?.names.length, flags.filter(({ code }) => code === 'TOO_MANY').length];
    };
    expect(named(200)).toEqual([200, 0]);
    expect(named(201)).toEqual([200, 1]);
  });

  it('keeps 18,000 characters of what fits no field, and says that there is more', () => {
    const noted = (characters: number) => {
      const more = entity(102).replace('<COMMENTS1/>', `<COMMENTS1>n${'n'.repeat(characters)}</COMMENTS1>`);
      const { entries } = read(list('', more));
      const { notes } = Internal.decode(entries[0]?.content.facets.internal ?? new Uint8Array());
      // The first line says which list it was.
      return notes.slice(notes.indexOf('\n') + 1);
    };
    const bare = noted(0).length;
    const fits = noted(18_000 - bare);
    expect([fits.length, fits.endsWith('n')]).toEqual([18_000, true]);
    const cut = noted(18_000 - bare + 1);
    expect([cut.length, cut.endsWith('n…')]).toEqual([18_001, true]);
  });

  it('cuts what fits no field between two characters, never inside one', () => {
    const noted = (before: number) => {
      const more = entity(102).replace(
        '<COMMENTS1/>',
        `<COMMENTS1>${'n'.repeat(before)}${'\u{1F6A2}'.repeat(9_100)}</COMMENTS1>`,
      );
      const { entries } = read(list('', more));
      const { notes } = Internal.decode(entries[0]?.content.facets.internal ?? new Uint8Array());
      return notes.slice(notes.indexOf('\n') + 1);
    };
    // One of both would have been cut inside a pair.
    const cut = [noted(1), noted(2)];
    expect(cut.map((text) => text.endsWith('\u{1F6A2}…'))).toEqual([true, true]);
    expect(cut.map((text) => text.length).sort()).toEqual([18_000, 18_001]);
  });

  it('bounds what says where an entry comes from to 1,500 characters, so that its notes stay within a text', () => {
    const whole = (version: number) => {
      const more = entity(102)
        .replace('<VERSIONNUM>1<', `<VERSIONNUM>${'1'.repeat(version)}<`)
        .replace('<COMMENTS1/>', `<COMMENTS1>${'n'.repeat(18_000)}</COMMENTS1>`);
      const { entries } = read(list('', more));
      return Internal.decode(entries[0]?.content.facets.internal ?? new Uint8Array()).notes;
    };
    const provenance = (version: number) => whole(version).split('\n')[0] ?? '';
    const bare = provenance(1).length - 1;
    const fits = provenance(1_500 - bare);
    expect([fits.length, fits.endsWith('XAe.102')]).toEqual([1_500, true]);
    const cut = provenance(1_501 - bare);
    expect([cut.length, cut.endsWith('XAe.10…')]).toEqual([1_501, true]);
    expect(whole(5_000).length).toBeLessThanOrEqual(LIMITS.textLength);
  });

  it('asks once who may receive the entries', () => {
    expect(() => readUnList(list(person(1) + person(2), ''), { officer: ANNA, nowMs: NOW_MS })).toThrow(
      expect.objectContaining({ faults: [expect.objectContaining({ path: 'marking.releasableTo' })] }),
    );
  });
});

describe('importing the UN list', () => {
  let under: Awaited<ReturnType<typeof temporaryStore>>;
  let store: Store;
  let lifecycle: Lifecycle;
  let nowMs = NOW_MS;
  beforeEach(async () => {
    under = await temporaryStore();
    store = under.store;
    nowMs = NOW_MS;
    let counter = 0;
    lifecycle = createLifecycle({
      store,
      policy: () => ({ digest: 'p', preview: () => [] }),
      ledger: { enqueue: async () => undefined },
      exchange: { fanout: async () => undefined },
      self: {
        node: 'XA',
        network: new Uint8Array(32),
        logOrigin: () => 'tocsin/0000000000000000/XA/log/live/1',
      },
      clock: { nowMs: () => nowMs },
      random: {
        bytes: (size) => {
          counter += 1;
          const bytes = new Uint8Array(size);
          new DataView(bytes.buffer).setUint32(0, counter);
          return bytes;
        },
      },
    });
  });
  afterEach(() => under[Symbol.asyncDispose]());

  const run = (
    bytes: Uint8Array,
    options: { submit?: boolean; dryRun?: boolean; officer?: typeof ANNA } = {},
  ) =>
    importUnList(
      { lifecycle, clock: { nowMs: () => nowMs } },
      { bytes, officer: ANNA, marking: MARKING, ...options },
    );
  const drafts = () => store.read((tx) => tx.drafts.imported('un:'));

  it('drafts every entry, and importing again changes nothing, days later too', async () => {
    const bytes = list(person(101) + person(103), entity(102));
    const first = await run(bytes);
    expect(first).toMatchObject({
      persons: 2,
      entities: 1,
      created: 3,
      unchanged: 0,
      changed: 0,
      vanished: [],
      delisted: 0,
    });
    const before = await drafts();
    nowMs += 5 * 86_400_000;
    expect(await run(bytes)).toMatchObject({ created: 0, unchanged: 3, changed: 0, draftIds: [] });
    expect(await drafts()).toEqual(before);
  });

  it('only counts in a dry run', async () => {
    expect(await run(list(person(101), entity(102)), { dryRun: true })).toMatchObject({
      created: 2,
      draftIds: [],
    });
    expect(await drafts()).toEqual([]);
  });

  it('leaves nothing behind of a list that is refused', async () => {
    const bytes = list(person(101), entity(102));
    await expect(run(bytes.subarray(0, bytes.length - 20))).rejects.toMatchObject({ code: 'XML_MALFORMED' });
    await expect(run(list(person(101) + person(101), ''))).rejects.toMatchObject({ code: 'ENTRY_INVALID' });
    expect(await drafts()).toEqual([]);
  });

  it('rewrites the draft of a changed entry, under its new author', async () => {
    await run(list(person(101), entity(102)), { submit: true });
    const beno = { ...ANNA, fingerprint: 'bb', name: 'Beno' };
    const result = await run(list(person(101), entity(102, 'QUELLMAR MARINE')), {
      officer: beno,
      submit: true,
    });
    expect(result).toMatchObject({ created: 0, changed: 1, unchanged: 1 });
    expect(
      (await drafts()).map(({ importKey, drafter, state }) => [importKey, drafter, state]).sort(),
    ).toEqual([
      ['un:101', 'aa', 'submitted'],
      ['un:102', 'bb', 'submitted'],
    ]);
  });

  it('drafts a revision of a released entry that changed, and reports what vanished', async () => {
    await run(list(person(101), entity(102)), { submit: true });
    const beno = { ...ANNA, fingerprint: 'bb', name: 'Beno' };
    for await (const _ of lifecycle.releaseMany({ officer: beno, filter: { importPrefix: 'un:' } }));
    expect(await store.read((tx) => tx.records.count({ world: 'both', kind: 'watchlist-entry' }))).toBe(2);
    const edited = list('', entity(102, 'QUELLMAR MARINE'));
    const result = await run(edited, { submit: true });
    expect(result).toMatchObject({
      created: 0,
      changed: 1,
      unchanged: 0,
      vanished: [{ key: 'un:101', recordId: expect.any(Uint8Array) }],
    });
    const [draftId = ''] = result.draftIds;
    const { record } = await lifecycle.release({ officer: beno, draftId });
    expect(record.revision).toBe(2);
    expect(await run(edited)).toMatchObject({
      created: 0,
      changed: 0,
      unchanged: 1,
      vanished: [{ key: 'un:101', recordId: expect.any(Uint8Array) }],
    });
  });
});
