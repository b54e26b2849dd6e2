/** Every key of every member is replaced while records flow. */
import { rotateKeys } from '../../../node/index.ts';
import { nodeDir } from '../federation.ts';
import type { Told } from '../gather.ts';
import { CAST, seizure } from '../story.ts';
import { waitForReceipts } from '../tell.ts';
import { assertThat, release, type Trial } from './stage.ts';

const RECORDS = 6;
const OVERLAP_MS = 3_600_000;
const PATIENCE_MS = 90_000;

export const rotation: Trial = {
  key: 'rotation',
  title: 'Every key of every member is replaced, while records flow',
  async play(stage) {
    const { federation, desks } = stage;
    const told: Told[] = [];
    const flow = (async () => {
      for (let count = 0; count < RECORDS; count++)
        told.push(
          await release(stage, {
            key: `under-rotation-${count}`,
            at: count % 2 === 0 ? 'XA' : 'XC',
            desk: 'customs',
            content: {
              ...seizure(Date.now()),
              priority: 'routine',
              marking: { releasableTo: ['sac'], purposes: ['customs-control', 'border', 'investigation'] },
            },
          }),
        );
    })();
    const changed: number[] = [];
    for (const { id } of CAST) {
      const { keys } = await rotateKeys({
        dir: nodeDir(federation, id),
        overlapMs: OVERLAP_MS,
        nowMs: Date.now(),
      });
      changed.push(keys.length);
    }
    await flow;
    for (const one of told) await waitForReceipts(desks, one, PATIENCE_MS);
    for (const one of told) {
      const { deliveries } = await desks
        .of(one.originator, one.desk, 'releaser')
        .records.getRecord({ headerDigest: one.headerDigest });
      const states = [...new Set(deliveries.map(({ state }) => state))];
      assertThat(states.join() === 'receipted', `every record is receipted; one is ${states.join(', ')}`);
    }
    const keys = changed.reduce((sum, count) => sum + count, 0);
    return [
      `${keys} keys of ${changed.length} nodes that ran; ${told.length} records released meanwhile are receipted by all, none refused`,
    ];
  },
};
