/**
 * The only builder and the only parser of broker subjects (design §6). A subject says where a message goes; who sent it
 * is believed only after the seal is opened.
 */
import { TransportError } from './errors.ts';

const NODE_ID = /^[A-Z][A-Z0-9]{1,11}$/;
const NET = /^[0-9a-f]{16}$/;
const INBOX_TOKEN = /^[A-Za-z0-9]{1,64}$/;

/** 0 = flash, recall, control; 1 = the rest. */
export type Lane = 0 | 1;
export const LANES: readonly Lane[] = [0, 1];

/** What a node tells everyone: its presence, the newest checkpoint of its log. */
export type Topic = 'presence' | 'log';

export type ParsedSubject =
  | {
      readonly kind: 'mail';
      readonly net: string;
      readonly recipient: string;
      readonly sender: string;
      readonly lane: Lane;
    }
  | { readonly kind: 'rpc'; readonly net: string; readonly recipient: string; readonly sender: string }
  | { readonly kind: Topic; readonly net: string; readonly node: string };

/** Where the answers of one callee go: `_INBOX_<caller>.rpc.<token>.<callee>`. */
export interface RpcInbox {
  readonly caller: string;
  readonly token: string;
  readonly callee: string;
}

/** Whether the text is a node id (design §8). */
export const isNodeId = (text: string): boolean => NODE_ID.test(text);

const fail = (what: string, got: string): never => {
  throw new TransportError('SUBJECT_INVALID', `expected ${what}, got '${got.slice(0, 40)}'`);
};
const node = (id: string): string => (isNodeId(id) ? id : fail('a node id', id));
const net = (token: string): string =>
  NET.test(token) ? token : fail('a network token of 16 hex digits', token);
const lane = (value: number): string =>
  value === 0 || value === 1 ? String(value) : fail('lane 0 or 1', String(value));

export const mailSubject = (netToken: string, recipient: string, sender: string, onLane: Lane): string =>
  `tocsin.${net(netToken)}.mail.${node(recipient)}.${node(sender)}.${lane(onLane)}`;

/** All mail to a recipient on one lane. */
export const mailFilter = (netToken: string, recipient: string, onLane: Lane): string =>
  `tocsin.${net(netToken)}.mail.${node(recipient)}.*.${lane(onLane)}`;

/** All mail of the network. */
export const allMail = (netToken: string): string => `tocsin.${net(netToken)}.mail.>`;

/** All that a sender may put into anybody's mailbox. */
export const mailFrom = (netToken: string, sender: string): string =>
  `tocsin.${net(netToken)}.mail.*.${node(sender)}.*`;

export const rpcSubject = (netToken: string, recipient: string, sender: string): string =>
  `tocsin.${net(netToken)}.rpc.${node(recipient)}.${node(sender)}`;

/** All calls to a recipient. */
export const rpcFilter = (netToken: string, recipient: string): string =>
  `tocsin.${net(netToken)}.rpc.${node(recipient)}.*`;

/** All calls that a sender may make. */
export const rpcFrom = (netToken: string, sender: string): string =>
  `tocsin.${net(netToken)}.rpc.*.${node(sender)}`;

export const topicSubject = (topic: Topic, netToken: string, of: string): string =>
  `tocsin.${net(netToken)}.${topic}.${node(of)}`;

export const topicFilter = (topic: Topic, netToken: string): string => `tocsin.${net(netToken)}.${topic}.*`;

/** Stream that holds all mailboxes of a network. */
export const mailStream = (netToken: string): string => `MAIL_${net(netToken)}`;

/** Durable consumer of one node and lane. */
export const mailDurable = (of: string, onLane: Lane): string => `${node(of)}_${lane(onLane)}`;

/** Prefix of every inbox of a node; permissions bind it. */
export const inboxPrefix = (of: string): string => `_INBOX_${node(of)}`;

export const rpcInbox = (caller: string, token: string, callee: string): string =>
  `${inboxPrefix(caller)}.rpc.${INBOX_TOKEN.test(token) ? token : fail('an inbox token', token)}.${node(callee)}`;

/** All answers to one client. */
export const rpcInboxFilter = (caller: string, token: string): string =>
  `${inboxPrefix(caller)}.rpc.${INBOX_TOKEN.test(token) ? token : fail('an inbox token', token)}.*`;

/** The parts of an RPC inbox; undefined for any other subject, wildcards included. */
export function parseRpcInbox(subject: string): RpcInbox | undefined {
  if (subject.length > 128) return undefined;
  const [prefix = '', word, token = '', callee = '', ...rest] = subject.split('.');
  const caller = prefix.startsWith('_INBOX_') ? prefix.slice('_INBOX_'.length) : '';
  if (rest.length > 0 || word !== 'rpc' || !INBOX_TOKEN.test(token)) return undefined;
  if (!isNodeId(caller) || !isNodeId(callee)) return undefined;
  return { caller, token, callee };
}

/** The parts of a subject of ours; undefined for any other subject. */
export function parseSubject(subject: string): ParsedSubject | undefined {
  if (subject.length > 128) return undefined;
  const [root, netToken = '', kind, first = '', second = '', third, ...rest] = subject.split('.');
  if (root !== 'tocsin' || !NET.test(netToken) || !isNodeId(first) || rest.length > 0) return undefined;
  switch (kind) {
    case 'mail':
      if (!isNodeId(second) || (third !== '0' && third !== '1')) return undefined;
      return { kind, net: netToken, recipient: first, sender: second, lane: third === '0' ? 0 : 1 };
    case 'rpc':
      if (!isNodeId(second) || third !== undefined) return undefined;
      return { kind, net: netToken, recipient: first, sender: second };
    case 'log':
    case 'presence':
      return second === '' && subject.split('.').length === 4
        ? { kind, net: netToken, node: first }
        : undefined;
    default:
      return undefined;
  }
}
