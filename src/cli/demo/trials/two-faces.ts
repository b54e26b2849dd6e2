/** A member that tells two partners two histories, from one state of its folder, as its thief could: caught by their gossip. */
import { cpSync, renameSync, rmSync } from 'node:fs';
import { fromHex } from '../../../base/bytes.ts';
import { judgeMisconduct } from '../../../ledger/index.ts';
import { nodeDir } from '../federation.ts';
import { CAST, NEWCOMER, seizure } from '../story.ts';
import { assertThat, release, type Stage, type Trial, until, whenHeld, whenUp } from './stage.ts';

const LIAR = NEWCOMER.id;
/** Who is shown which history. */
const [FIRST, SECOND] = ['XA', 'XC'] as const;
const RECORDS = 6;

/** Record after record, so that the two logs are seen to part at sizes that both have had. */
async function tell(stage: Stage, to: string): Promise<void> {
  for (let count = 0; count < RECORDS; count++) await tellOne(stage, to);
}

async function tellOne(stage: Stage, to: string): Promise<void> {
  const { headerDigest } = await release(stage, {
    key: `to-${to}`,
    at: LIAR,
    desk: 'customs',
    content: {
      ...seizure(Date.now()),
      priority: 'routine',
      marking: { releasableTo: [to], purposes: ['customs-control', 'border', 'investigation'] },
    },
  });
  await whenHeld(stage, to, headerDigest);
}

export const twoFaces: Trial = {
  key: 'two-faces',
  title: 'Jorvland tells Arvenia one history and Cavelia another',
  async play(stage) {
    const { federation, processes, desks } = stage;
    const others = CAST.map(({ id }) => id).filter((id) => id !== FIRST);
    const [folder, copy, used] = ['', '-copy', '-used'].map(
      (end) => `${nodeDir(federation, LIAR)}${end}`,
    ) as [string, string, string];
    await Promise.all([...others, LIAR].map((id) => processes.stopNode(id)));
    cpSync(folder, copy, { recursive: true });

    await processes.startNode(LIAR);
    await tell(stage, FIRST);
    await Promise.all([FIRST, LIAR].map((id) => processes.stopNode(id)));

    renameSync(folder, used);
    renameSync(copy, folder);
    await Promise.all([SECOND, LIAR].map((id) => processes.startNode(id)));
    await tell(stage, SECOND);
    await processes.stopNode(LIAR);

    await Promise.all(CAST.filter(({ id }) => id !== SECOND).map(({ id }) => processes.startNode(id)));
    for (const { id } of CAST) await whenUp(stage, id);
    const metAt = performance.now();
    const [teller, alarm] = await until('one of the two tells of the fork', async () => {
      for (const id of [FIRST, SECOND] as const) {
        const [desk] = desks.allOf(id);
        const { alarms } = (await desk?.alarms.listAlarms({ code: 'LOG_FORK' })) ?? { alarms: [] };
        const [found] = alarms.filter(({ convicts }) => convicts);
        if (found !== undefined) return [id, found] as const;
      }
      return undefined;
    });
    const seconds = Math.round((performance.now() - metAt) / 1_000);
    const exported = await desks.allOf(teller)[0]?.alarms.exportAlarm({ id: alarm.id });
    const verdict = judgeMisconduct({
      bytes: exported?.file ?? new Uint8Array(),
      networkDigest: fromHex(federation.networkDigest),
    });
    assertThat(verdict.ok, `the file convicts offline: ${verdict.ok ? '' : verdict.detail}`);
    // The first history is the one that goes on.
    rmSync(folder, { recursive: true });
    renameSync(used, folder);
    await processes.startNode(LIAR);
    return [
      `caught by the heartbeats of ${FIRST} and ${SECOND} among themselves, ${seconds} s after both were up`,
      `the file exported at ${teller} convicts ${exported?.culprits.join(', ')} (${exported?.deed}), judged offline with nothing but the network digest`,
    ];
  },
};
