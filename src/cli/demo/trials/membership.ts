/** Members change while the network runs: one joins, and later one is suspended; the governments sign, and everybody follows. */
import { reasonName } from '../../../record/index.ts';
import { changeRoster, joinLater, makeMember } from '../federation.ts';
import { CAST, NEWCOMER, seizure } from '../story.ts';
import { assertThat, release, type Stage, type Trial, until, whenHeld, whenUp } from './stage.ts';

/** Three of five governments. */
const SIGNERS = ['XA', 'HR', 'HS'] as const;
const MEMBERS = CAST.map(({ id }) => id);

const forPartners = (...nodes: readonly string[]) => ({
  ...seizure(Date.now()),
  priority: 'routine',
  marking: { releasableTo: [...nodes], purposes: ['customs-control', 'border', 'investigation'] },
});

/** Waits until every member uses a roster version that one of them was given. */
const whenFollowed = (stage: Stage, version: bigint): Promise<unknown> =>
  Promise.all(
    MEMBERS.map((id) =>
      until(`${id} uses roster version ${version}`, async () => {
        const [desk] = stage.desks.allOf(id);
        return (await desk?.network.getRoster({}))?.version === version ? true : undefined;
      }),
    ),
  );

export const joining: Trial = {
  key: 'joining',
  title: 'Jorvland joins the network while it runs: three governments sign roster version 2',
  async play(stage) {
    const { federation, processes } = stage;
    const request = await makeMember(federation, NEWCOMER);
    const version = await changeRoster(federation, processes, SIGNERS, { add: [request] });
    await whenFollowed(stage, version);
    await joinLater(federation, NEWCOMER, SIGNERS[0]);
    await processes.startNode(NEWCOMER.id);
    await whenUp(stage, NEWCOMER.id);
    const first = await release(stage, {
      key: 'first-of-newcomer',
      at: NEWCOMER.id,
      desk: 'customs',
      content: forPartners('XA', 'XC'),
    });
    for (const id of ['XA', 'XC']) await whenHeld(stage, id, first.headerDigest);
    return [
      `adopted at ${SIGNERS[0]} alone; the other ${MEMBERS.length - 1} fetched version ${version} from there, and no node was restarted`,
      'its first record was taken and receipted by XA and XC',
    ];
  },
};

export const suspension: Trial = {
  key: 'suspension',
  title: 'The governments suspend Jorvland',
  async play(stage) {
    const { federation, processes, desks } = stage;
    const version = await changeRoster(federation, processes, SIGNERS, { suspend: [NEWCOMER.id] });
    await whenFollowed(stage, version);
    const { headerDigest } = await release(stage, {
      key: 'from-suspended',
      at: NEWCOMER.id,
      desk: 'customs',
      content: forPartners('XA'),
    });
    const closed = await until('Jorvland learns that it is refused', async () => {
      const { deliveries } = await desks
        .of(NEWCOMER.id, 'customs', 'releaser')
        .records.getRecord({ headerDigest });
      return deliveries.find(({ state }) => state === 'refused' || state === 'withdrawn');
    });
    const reason = reasonName(closed.reason);
    assertThat(reason === 'SUSPENDED', `the refusal says why; it says ${reason}`);
    return [
      `roster version ${version} is in force everywhere; what Jorvland releases since is ${closed.state}: ${reason}`,
    ];
  },
};
