import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import {
  AssemblyBudget,
  MESSAGE_OVERHEAD_BYTES,
  messageCost,
  ReceiveWindow,
  SendCredit,
} from '../../../src/transport/flow.ts';

const WINDOW = LIMITS.callWindowBytes;

describe('credit of a sender', () => {
  it('is one window, grows by grants, and wakes who waits for enough', async () => {
    const credit = new SendCredit();
    credit.spend(WINDOW);
    const order: string[] = [];
    const waiting = credit.whenAvailable(100).then(() => order.push('woken'));
    credit.grant(99);
    await Promise.resolve();
    order.push('still waiting');
    credit.grant(1);
    await waiting;
    expect(order).toEqual(['still waiting', 'woken']);
  });

  it('ends with the call', async () => {
    const credit = new SendCredit();
    credit.spend(WINDOW);
    const waiting = credit.whenAvailable(1);
    credit.end(() => new Error('over'));
    await expect(waiting).rejects.toThrow('over');
    await expect(credit.whenAvailable(0)).rejects.toThrow('over');
  });

  it('without bound is a breach', () => {
    expect(new SendCredit().grant(messageCost(LIMITS.messageBytes))).toBe(true);
    expect(new SendCredit().grant(messageCost(LIMITS.messageBytes) + 1)).toBe(false);
  });
});

describe('window of a receiver', () => {
  const windowOf = (budget = new AssemblyBudget()) => {
    const grants: number[] = [];
    return { window: new ReceiveWindow(budget, (credit) => grants.push(credit)), grants };
  };

  it('grants nothing for what nobody reads', () => {
    const { window, grants } = windowOf();
    expect(window.receive(WINDOW)).toBe(true);
    expect(grants).toEqual([]);
    expect(window.receive(1)).toBe(false);
  });

  it('grants again once half of it is read', () => {
    const { window, grants } = windowOf();
    const size = WINDOW / 4 - MESSAGE_OVERHEAD_BYTES;
    for (let count = 0; count < 4; count++) window.receive(messageCost(size));
    window.consume(size);
    window.consume(size);
    expect(grants).toEqual([]);
    window.consume(size);
    expect(grants).toEqual([(3 * WINDOW) / 4]);
  });

  it('makes room for a message that is larger than itself, and takes the room back', () => {
    const { window, grants } = windowOf();
    const size = 4 * WINDOW;
    window.expect(size);
    expect(grants).toEqual([3 * WINDOW + MESSAGE_OVERHEAD_BYTES]);
    window.receive(messageCost(size));
    window.consume(size);
    expect(grants).toEqual([3 * WINDOW + MESSAGE_OVERHEAD_BYTES, WINDOW]);
  });

  it('shares the room of large messages whole and in turn, so that none waits half-received', () => {
    const budget = new AssemblyBudget();
    const many = Array.from({ length: 6 }, () => windowOf(budget));
    for (const { window } of many) window.expect(LIMITS.messageBytes);
    expect(many.map(({ grants }) => grants.length)).toEqual([1, 1, 1, 1, 0, 0]);
    many[5]?.window.end();
    many[0]?.window.end();
    expect(many.map(({ grants }) => grants.length)).toEqual([1, 1, 1, 1, 1, 0]);
  });
});
