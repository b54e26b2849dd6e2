import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { openPresence } from '../../../src/transport/index.ts';
import { topicSubject } from '../../../src/transport/subject.ts';
import { MemoryBroker } from '../../support/memory-broker.ts';

const NET = '0123456789abcdef';

describe('a notice', () => {
  it(`has at most ${LIMITS.noticeBytes} bytes: ours is not sent beyond that, others' are dropped and the next is heard`, async () => {
    const broker = new MemoryBroker();
    const self = openPresence({ broker, net: NET, self: 'XA' });
    const other = openPresence({ broker, net: NET, self: 'XB' });
    const heard: number[] = [];
    using _watch = closing(self.watch('presence', ({ bytes }) => heard.push(bytes.length)));
    expect(() => other.publish('presence', new Uint8Array(LIMITS.noticeBytes + 1))).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    );
    expect(broker.carried).toEqual([]);
    // As a program of another make would.
    broker.publish(topicSubject('presence', NET, 'XB'), new Uint8Array(LIMITS.noticeBytes + 1));
    other.publish('presence', new Uint8Array(LIMITS.noticeBytes));
    other.publish('presence', Uint8Array.of(1));
    while (heard.at(-1) !== 1) await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual([LIMITS.noticeBytes, 1]);
  });
});

const closing = (watch: { close(): void }): Disposable => ({ [Symbol.dispose]: () => watch.close() });
