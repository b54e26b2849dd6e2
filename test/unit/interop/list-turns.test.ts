import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { listImporters } from '../../../src/interop/index.ts';
import { ANNA, MARKING, NOW_MS } from '../../support/listed.ts';

describe('reading a long list', () => {
  it('lets the node do other things every 50 entries', async () => {
    let turns = 0;
    const count = () => {
      turns += 1;
      pending = setImmediate(count);
    };
    let pending = setImmediate(count);
    const none = { created: 0, changed: 0, unchanged: 0, vanished: [], delisted: 0, draftIds: [] };
    let turnsOfReading = 0;
    const lifecycle = {
      importList: async () => {
        turnsOfReading = turns;
        return none;
      },
    };
    const importer = listImporters({ lifecycle, clock: { nowMs: () => NOW_MS } }).get('csv');
    const rows = Array.from({ length: 500 }, (_, at) => `${at},Kelp ${at}\n`).join('');
    await importer?.({ files: [utf8(`id,name\n${rows}`)], officer: ANNA, marking: MARKING, list: 'kelp' });
    clearImmediate(pending);
    expect(turnsOfReading).toBeGreaterThanOrEqual(10);
  });
});
