/** A record that a hub passed on is taken back while that hub is down. */
import { hex } from '../../../base/bytes.ts';
import { RecallReason } from '../../../gen/tocsin/record/v1/recall.ts';
import { passOnSeizure } from './passing-on.ts';
import { assertThat, type Stage, type Trial, until } from './stage.ts';

/** What the originator's list says of one holder, in all ways in which it holds the record. */
async function stateAt({ desks }: Stage, headerDigest: Uint8Array, node: string): Promise<readonly string[]> {
  const { holders } = await desks.of('XA', 'customs', 'releaser').recalls.listHolders({ headerDigest });
  return holders.filter((one) => one.node === node).map(({ state }) => state);
}

const whenAt = (stage: Stage, headerDigest: Uint8Array, node: string, state: string): Promise<true> =>
  until(`${node} is listed as ${state}`, async () => {
    const states = await stateAt(stage, headerDigest, node);
    return states.length > 0 && states.every((one) => one === state) ? (true as const) : undefined;
  });

export const recall: Trial = {
  key: 'recall',
  title: 'Arvenia recalls what the hub passed on to Borvania, while the hub is down',
  async play(stage) {
    const { desks, processes } = stage;
    const { record } = await passOnSeizure(stage);
    await whenAt(stage, record, 'XB', 'holds');
    await processes.stopNode('HR');
    const releaser = desks.of('XA', 'customs', 'releaser');
    const { recalls } = await releaser.recalls.recall({
      headerDigest: record,
      reason: RecallReason.RECALL_REASON_SOURCE_RISK,
    });
    const asked = recalls.flatMap((one) => one.asked);
    await whenAt(stage, record, 'XB', 'purged');
    const atHub = await stateAt(stage, record, 'HR');
    assertThat(atHub.join() === 'recall-asked', `the hub has not answered; it is ${atHub.join()}`);
    await processes.startNode('HR');
    await whenAt(stage, record, 'HR', 'purged');
    return [
      `asked of ${asked.join(' and ')}, directly; Borvania deleted bytes and salts and signed that it did, with the hub dead`,
      `the hub deleted its copy on its return; nobody but Arvenia holds record ${hex(record).slice(0, 16)}… any more`,
    ];
  },
};
