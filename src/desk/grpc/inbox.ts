/** InboxService: what partners sent for this desk group and purpose, from a position on, then live. */
import { Wake } from '../../base/async.ts';
import {
  InboxAction,
  type InboxItem as InboxItemMessage,
  type InboxServiceDefinition,
} from '../../gen/tocsin/desk/v1/inbox_service.ts';
import { ItemAction } from '../../gen/tocsin/exchange/v1/parcel.ts';
import { kindOf } from '../../record/index.ts';
import { auditRecords, type InboxItem, type ReadTx, type WriteTx } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { markOf, setMark } from '../marks.ts';
import { type OpenedRecord, openByDigest, titleShown } from '../open-record.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import type { OfficerSession } from '../session.ts';
import type { DeskHandlers } from './handlers.ts';
import { recordSummary } from './messages.ts';
import { readField } from './request.ts';

export interface InboxDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  /** Told after partners' items are durable; returns how to stop. */
  onArrival(listener: () => void): () => void;
}

const PAGE = 100;
/** A silent stream says this often that it lives, and looks by itself. */
const HEARTBEAT_MS = 30_000;

const ACTIONS: ReadonlyMap<ItemAction, InboxAction> = new Map([
  [ItemAction.ITEM_ACTION_RECORD, InboxAction.INBOX_ACTION_RECORD],
  [ItemAction.ITEM_ACTION_FACETS, InboxAction.INBOX_ACTION_FACETS],
]);

export function inboxHandlers(deps: InboxDeps): DeskHandlers<InboxServiceDefinition> {
  const { access, store, node } = deps;

  return {
    async *watchInbox(request, { session, signal, assertStillValid }) {
      let position = readField((fields) => {
        if (request.afterPosition > BigInt(Number.MAX_SAFE_INTEGER))
          fields.fault('after_position', 'TOO_LARGE', 'expected a position that this stream gave');
        return Number(request.afterPosition);
      });
      await access.require(session, 'search', 'inbox');
      const wake = new Wake();
      const stop = deps.onArrival(() => wake.wake());
      let say = true;
      try {
        for (;;) {
          for (;;) {
            assertStillValid();
            const page = await store.read((tx) => readPage(tx, deps, session, position));
            const records = auditRecords(
              page.items.map((item) => item.record?.headerDigest ?? new Uint8Array()),
            );
            if (page.items.length > 0)
              await access.audit(session, 'inbox.shown', 'inbox', {
                records,
                after: position,
                upTo: page.upTo,
              });
            for (const item of page.items) yield { entry: { $case: 'item', value: item } };
            position = page.upTo;
            if (!page.more) break;
          }
          if (say) yield { entry: { $case: 'caughtUp', value: BigInt(position) } };
          if (!request.follow) return;
          say = await nextLook(deps, position, wake, signal);
        }
      } finally {
        stop();
      }
    },

    async acknowledgeItem(request, { session }) {
      const position = Number(request.position);
      await access.require(session, 'work', 'inbox');
      const mark = await store.write(async (tx) => {
        const [item] = await tx.inbox.after(position - 1, 1);
        const opened = item?.position === position ? await openedItem(tx, deps, session, item) : undefined;
        if (opened === undefined) throw notFound('item');
        const marked = { what: 'item', position, deskGroup: session.deskGroup } as const;
        const set = await setMark(tx, marked, { by: session.name, at: node.clock.nowMs() });
        if (set.isNew) {
          await tx.audit.append([access.entry(session, 'inbox.acknowledged', String(position))]);
          await oweAcknowledgement(tx, session, opened, set.mark.at);
        }
        return set.mark;
      });
      return { acknowledgedBy: mark.by, acknowledgedAt: BigInt(mark.at) };
    },
  };
}

/** Waits for a newer item or the heartbeat's time; true where it was the latter. */
async function nextLook(
  { store, node }: InboxDeps,
  position: number,
  wake: Wake,
  signal: AbortSignal,
): Promise<boolean> {
  const until = node.clock.nowMs() + HEARTBEAT_MS;
  for (;;) {
    await wake.wait(Math.max(0, until - node.clock.nowMs()), signal);
    if ((await store.read((tx) => tx.inbox.newest())) > position) return false;
    if (node.clock.nowMs() >= until) return true;
  }
}

interface Page {
  readonly items: readonly InboxItemMessage[];
  readonly upTo: number;
  readonly more: boolean;
}

async function readPage(
  tx: ReadTx,
  deps: InboxDeps,
  session: OfficerSession,
  position: number,
): Promise<Page> {
  const stored = await tx.inbox.after(position, PAGE);
  const items: InboxItemMessage[] = [];
  for (const item of stored) {
    const shown = await shownItem(tx, deps, session, item);
    if (shown !== undefined) items.push(shown);
  }
  return { items, upTo: stored.at(-1)?.position ?? position, more: stored.length === PAGE };
}

/**
 * Its originator hears which desk group has it in hand, and when: of a kind that says so, and where its marking asks who reads it.
 * The officer's name stays here.
 */
async function oweAcknowledgement(
  tx: WriteTx,
  { deskGroup }: OfficerSession,
  { record, signed }: OpenedRecord,
  at: number,
): Promise<void> {
  if (!kindOf(record.kind)?.acknowledged && signed.header.marking?.readReceipt !== true) return;
  const { headerDigest, originator } = record;
  await tx.onward.oweReading({ headerDigest, originator, what: 'acknowledged', deskGroup, facets: [], at });
}

/** Undefined where the item is not for this officer, or speaks of the exchange itself. */
async function openedItem(
  tx: ReadTx,
  deps: InboxDeps,
  session: OfficerSession,
  item: InboxItem,
): Promise<OpenedRecord | undefined> {
  if (!ACTIONS.has(item.action)) return undefined;
  const opened = await openByDigest(tx, deps, item.headerDigest, session);
  return opened === undefined || kindOf(opened.record.kind)?.control === true ? undefined : opened;
}

async function shownItem(
  tx: ReadTx,
  deps: InboxDeps,
  session: OfficerSession,
  item: InboxItem,
): Promise<InboxItemMessage | undefined> {
  const action = ACTIONS.get(item.action);
  const opened = await openedItem(tx, deps, session, item);
  if (action === undefined || opened === undefined) return undefined;
  const mark = await markOf(tx, { what: 'item', position: item.position, deskGroup: session.deskGroup });
  const shown = new Set(
    opened.verdicts.filter(({ withheld }) => withheld === undefined).map(({ facet }) => facet),
  );
  return {
    position: BigInt(item.position),
    record: recordSummary(opened.record, titleShown(opened), opened.late),
    action,
    sender: item.sender,
    facets: item.facets.filter((facet) => shown.has(facet)),
    receivedAt: BigInt(item.receivedAt),
    acknowledgedBy: mark?.by ?? '',
    acknowledgedAt: BigInt(mark?.at ?? 0),
    conditionPending: opened.conditionPending,
  };
}
