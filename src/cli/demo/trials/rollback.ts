/** A node whose store is put back to an earlier state: found out by what its partners hold, and made whole. */
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { recoverNode } from '../../../node/index.ts';
import { nodeDir } from '../federation.ts';
import { seizure } from '../story.ts';
import { alarmsAt, assertThat, release, type Stage, type Trial, until, whenHeld, whenUp } from './stage.ts';

const NODE = 'XC';
const STORE = ['store.sqlite', 'store.sqlite-wal', 'store.sqlite-shm'];
/** Alarms by which a partner would say that a node shows two histories. */
const ACCUSATIONS = /^(LOG_FORK|RECORD_FORK|EQUIVOCATION|CHAIN_BROKEN|LOG_INCONSISTENT) /;

/** What the partners in the region get. */
const ofTheBorder = () => ({
  ...seizure(Date.now()),
  priority: 'routine',
  marking: { releasableTo: ['sac'], purposes: ['customs-control', 'border', 'investigation'] },
});

/** A copy of the store as a disk image of the night before would hold it. */
async function copyStore({ federation, processes }: Stage, to: string): Promise<void> {
  await processes.stopNode(NODE);
  mkdirSync(to, { recursive: true });
  for (const file of STORE)
    if (existsSync(join(nodeDir(federation, NODE), file)))
      cpSync(join(nodeDir(federation, NODE), file), join(to, file));
  await processes.startNode(NODE);
}

async function putBack({ federation, processes }: Stage, from: string): Promise<void> {
  await processes.stopNode(NODE);
  for (const file of STORE) {
    rmSync(join(nodeDir(federation, NODE), file), { force: true });
    if (existsSync(join(from, file))) cpSync(join(from, file), join(nodeDir(federation, NODE), file));
  }
}

export const rollback: Trial = {
  key: 'rollback',
  title: "Cavelia's disk fails, and its store comes back as it was before its last records",
  async play(stage) {
    const { federation, processes } = stage;
    const image = join(federation.dir, 'image');
    await copyStore(stage, image);
    await whenUp(stage, NODE);
    const sent: Uint8Array[] = [];
    for (let count = 0; count < 3; count++)
      sent.push(
        (
          await release(stage, {
            key: `lost-${count}`,
            at: NODE,
            desk: 'customs',
            content: ofTheBorder(),
          })
        ).headerDigest,
      );
    for (const digest of sent) await whenHeld(stage, 'XA', digest);
    await putBack(stage, image);
    await processes.startNode(NODE);
    await until('the node knows that it is behind', async () =>
      (await alarmsAt(stage, NODE)).find((alarm) => alarm.startsWith('STORE_BEHIND')),
    );
    await processes.stopNode(NODE);
    const { incarnation } = await recoverNode({ dir: nodeDir(federation, NODE), nowMs: Date.now() });
    await processes.startNode(NODE);
    for (const digest of sent) await whenHeld(stage, NODE, digest);
    const next = await release(stage, {
      key: 'after-recovery',
      at: NODE,
      desk: 'customs',
      content: ofTheBorder(),
    });
    await whenHeld(stage, 'XA', next.headerDigest);
    for (const id of ['HR', 'HS', 'XA', 'XB']) {
      const accused = (await alarmsAt(stage, id)).filter(
        (alarm) => ACCUSATIONS.test(alarm) && alarm.includes(NODE),
      );
      assertThat(
        accused.length === 0,
        `${id} takes a declared restart for one; it says ${accused.join(', ')}`,
      );
    }
    rmSync(image, { recursive: true });
    return [
      'it found out by itself that partners hold more of it than it knows, and sent nothing until `tocsin node recover`',
      `declared as incarnation ${incarnation}: all ${sent.length} records came back from its partners, and none took it for a fork`,
    ];
  },
};
