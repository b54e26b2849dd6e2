import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  inboxPrefix,
  isNodeId,
  mailDurable,
  mailFilter,
  mailFrom,
  mailStream,
  mailSubject,
  parseRpcInbox,
  parseSubject,
  rpcFilter,
  rpcInbox,
  rpcInboxFilter,
  rpcSubject,
  topicFilter,
  topicSubject,
} from '../../../src/transport/subject.ts';

const net = '0123456789abcdef';
const nodeId = fc.stringMatching(/^[A-Z][A-Z0-9]{1,11}$/);
const lane = fc.constantFrom(0 as const, 1 as const);

describe('subjects', () => {
  it('have the forms that the design states', () => {
    expect(mailSubject(net, 'XB', 'XA', 0)).toBe(`tocsin.${net}.mail.XB.XA.0`);
    expect(rpcSubject(net, 'XB', 'XA')).toBe(`tocsin.${net}.rpc.XB.XA`);
    expect(topicSubject('log', net, 'XA')).toBe(`tocsin.${net}.log.XA`);
    expect(topicSubject('presence', net, 'XA')).toBe(`tocsin.${net}.presence.XA`);
    expect(rpcInbox('XA', 'k1', 'XB')).toBe('_INBOX_XA.rpc.k1.XB');
    expect(inboxPrefix('XA')).toBe('_INBOX_XA');
    expect(mailStream(net)).toBe(`MAIL_${net}`);
    expect(mailDurable('XA', 1)).toBe('XA_1');
    expect([mailFilter(net, 'XA', 1), mailFrom(net, 'XA'), rpcFilter(net, 'XA')]).toEqual([
      `tocsin.${net}.mail.XA.*.1`,
      `tocsin.${net}.mail.*.XA.*`,
      `tocsin.${net}.rpc.XA.*`,
    ]);
    expect([topicFilter('log', net), rpcInboxFilter('XA', 'k1')]).toEqual([
      `tocsin.${net}.log.*`,
      '_INBOX_XA.rpc.k1.*',
    ]);
  });

  it('parse back to what they were built from', () => {
    fc.assert(
      fc.property(nodeId, nodeId, lane, (recipient, sender, onLane) => {
        expect(parseSubject(mailSubject(net, recipient, sender, onLane))).toEqual({
          kind: 'mail',
          net,
          recipient,
          sender,
          lane: onLane,
        });
        expect(parseSubject(rpcSubject(net, recipient, sender))).toEqual({
          kind: 'rpc',
          net,
          recipient,
          sender,
        });
        expect(parseSubject(topicSubject('log', net, sender))).toEqual({ kind: 'log', net, node: sender });
        expect(parseRpcInbox(rpcInbox(sender, 'Ab9', recipient))).toEqual({
          caller: sender,
          token: 'Ab9',
          callee: recipient,
        });
      }),
    );
  });

  it('of any other form are refused', () => {
    const others = [
      '',
      'tocsin',
      `tocsin.${net}.mail.XB.XA`,
      `tocsin.${net}.mail.XB.XA.2`,
      `tocsin.${net}.mail.XB.XA.0.x`,
      `tocsin.${net}.mail.*.XA.0`,
      `tocsin.${net}.rpc.XB.XA.y`,
      `tocsin.${net}.rpc.XB.>`,
      `tocsin.${net}.rpc.xb.XA`,
      `tocsin.${net}.log.XA.`,
      `tocsin.${net.toUpperCase()}.log.XA`,
      `tocsin.${net}.log.${'X'.repeat(200)}`,
    ];
    for (const subject of others) expect(parseSubject(subject), subject).toBeUndefined();
    const inboxes = [
      '_INBOX_XA.rpc.t',
      '_INBOX_XA.rpc.t.XB.x',
      '_INBOX_XA.rpc.*.XB',
      '_INBOX_XA.rpc.t.>',
      '_INBOX.rpc.t.XB',
      '_INBOX_XA.pull.t.XB',
    ];
    for (const subject of inboxes) expect(parseRpcInbox(subject), subject).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => parseSubject(text) === undefined));
  });

  it('are never built from what could add a token or a wildcard', () => {
    for (const bad of ['*', '>', 'XA.XB', 'xa', 'X', '', 'X'.repeat(13), 'XÄ']) {
      expect(isNodeId(bad), bad).toBe(false);
      expect(() => rpcSubject(net, bad, 'XA'), bad).toThrow(
        expect.objectContaining({ code: 'SUBJECT_INVALID' }),
      );
      expect(() => rpcInbox(bad, 't', 'XB'), bad).toThrow(
        expect.objectContaining({ code: 'SUBJECT_INVALID' }),
      );
    }
    expect(() => rpcSubject('*', 'XB', 'XA')).toThrow(expect.objectContaining({ code: 'SUBJECT_INVALID' }));
    expect(() => rpcInbox('XA', '*', 'XB')).toThrow(expect.objectContaining({ code: 'SUBJECT_INVALID' }));
  });
});
