/** The stream of the mailboxes deleted under nodes that run (T44): what had no receipt is sent again, and nobody is restarted. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import { makeMailboxes } from '../../src/node/broker-setup.ts';
import { draftMany, settled } from '../support/crash.ts';
import { eventually, TestFederation } from '../support/federation.ts';
import { Operator } from '../support/hostile-operator.ts';

let federation: TestFederation;
beforeAll(async () => {
  federation = await TestFederation.found();
  await federation.startAll();
});
afterAll(() => federation?.[Symbol.asyncDispose]());

it('a stream that is deleted under running nodes loses nothing: outboxes send again once it is made anew', async () => {
  let next = 1;
  const release = async (): Promise<string> => {
    const [draft] = await draftMany(federation, 'XA', next++, 1);
    const { record } = await federation
      .desk('XA', 'police', 'releaser')
      .records.releaseDraft({ draftId: draft ?? '' });
    return hex(record?.headerDigest ?? new Uint8Array());
  };
  const released = new Set([await release()]);
  await settled(federation, 'XA', 'XB', released);
  const pids = ['XA', 'XB'].map((node) => federation.pid(node));

  await using operator = await Operator.watch(federation);
  await operator.deleteStream();
  for (let n = 0; n < 3; n += 1) released.add(await release());
  await eventually('the sender says what waits', async () => {
    const { outboxOpen } = await federation.desk('XA').network.getNodeStatus({});
    return outboxOpen >= 3 ? true : undefined;
  });
  await makeMailboxes(join(federation.dir, 'broker'), 15_000);

  const items = await settled(federation, 'XA', 'XB', released);
  expect(items.map(({ digest }) => digest).sort()).toEqual([...released].sort());
  expect(['XA', 'XB'].map((node) => federation.pid(node))).toEqual(pids);
  expect(['XA', 'XB'].every((node) => federation.isRunning(node))).toBe(true);
}, 180_000);
