/** Members change while the network runs: one joins, and later one is suspended; the governments sign, and everybody follows. */
import { LinkState } from '../../../gen/tocsin/desk/v1/network_service.ts';
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
    await until('Jorvland knows it', async () => {
      const [desk] = desks.allOf(NEWCOMER.id);
      const { alarms } = (await desk?.network.getNodeStatus({})) ?? { alarms: [] };
      return alarms.find(({ code }) => code === 'OWN_STANDING');
    });
    const standing = await Promise.all(
      MEMBERS.map(async (id) => {
        const { links } = (await desks.allOf(id)[0]?.network.listLinks({})) ?? { links: [] };
        return links.find(({ partner }) => partner === NEWCOMER.id)?.state;
      }),
    );
    assertThat(
      standing.every((state) => state === LinkState.LINK_STATE_SUSPENDED),
      'every link to Jorvland says that it is suspended',
    );
    return [
      `roster version ${version} is in force at all ${MEMBERS.length}: nothing goes to Jorvland but recalls, nothing of it is taken, and its own desk says so`,
    ];
  },
};
