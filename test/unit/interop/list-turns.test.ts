import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { listImporters } from '../../../src/interop/index.ts';
import { ANNA, MARKING, NOW_MS } from '../../support/listed.ts';
import { ofacAdvancedList } from '../../support/ofac-advanced-list.ts';

const none = { created: 0, changed: 0, unchanged: 0, vanished: [], delisted: 0, draftIds: [] };

/** How often a node that imports a list had its turn before the entries were read. */
async function turnsOf(format: string, file: Uint8Array): Promise<number> {
  let turns = 0;
  const count = () => {
    turns += 1;
    pending = setImmediate(count);
  };
  let pending = setImmediate(count);
  let turnsOfReading = 0;
  const lifecycle = {
    importList: async () => {
      turnsOfReading = turns;
      return none;
    },
  };
  const importer = listImporters({ lifecycle, clock: { nowMs: () => NOW_MS } }).get(format);
  await importer?.({ files: [file], officer: ANNA, marking: MARKING, list: 'kelp' });
  clearImmediate(pending);
  return turnsOfReading;
}

describe('reading a long list', () => {
  it('lets the node do other things every 50 entries', async () => {
    const rows = Array.from({ length: 500 }, (_, at) => `${at},Kelp ${at}\n`).join('');
    expect(await turnsOf('csv', utf8(`id,name\n${rows}`))).toBeGreaterThanOrEqual(10);
  });

  it('does so while an advanced document is judged, its parts found and its parties read', async () => {
    const parties = 500;
    const turns = await turnsOf('ofac-advanced', ofacAdvancedList({ parties }));
    // Judging meets places, papers, parties, relations and sanctions; finding places, papers and sanctions; reading parties.
    expect(turns).toBeGreaterThanOrEqual((9 * parties) / 50);
  });
});
