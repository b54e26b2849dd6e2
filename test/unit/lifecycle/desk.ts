/** A node's life cycle on a real store, with small hand-made ports for policy, log and way out. */
import { createHash } from 'node:crypto';
import { ItemAction } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { createLifecycle, type Lifecycle, type Officer } from '../../../src/lifecycle/index.ts';
import { laneOf } from '../../../src/record/index.ts';
import type { Store } from '../../../src/store/index.ts';
import { EXAMPLE_NOW_MS, exampleContent, type Json } from '../../support/contents.ts';
import { temporaryStore } from '../../support/temporary-store.ts';

export const ANNA: Officer = { fingerprint: 'aa01', name: 'Anna', deskGroup: DeskGroup.DESK_GROUP_CUSTOMS };
export const BENO: Officer = { fingerprint: 'be02', name: 'Beno', deskGroup: DeskGroup.DESK_GROUP_CUSTOMS };
export const HOT: Officer = { fingerprint: 'f103', name: 'Hada', deskGroup: DeskGroup.DESK_GROUP_HOTLINE };
export const LINE: Officer = { fingerprint: 'f104', name: 'Lino', deskGroup: DeskGroup.DESK_GROUP_HOTLINE };

export interface Desk extends AsyncDisposable {
  readonly store: Store;
  readonly lifecycle: Lifecycle;
  /** Changes of time and of policy between two steps. */
  nowMs: number;
  partners: string[];
  policyDigest: string;
  /** Views computed so far, and what runs when the next is. */
  previews: number;
  onPreview: (() => void) | undefined;
  failFanout: boolean;
  restart(): Promise<void>;
}

export async function openDesk(): Promise<Desk> {
  const under = await temporaryStore();
  let counter = 0;
  const desk = {
    nowMs: EXAMPLE_NOW_MS,
    partners: ['XB', 'XC'],
    policyDigest: 'p1',
    previews: 0,
    onPreview: undefined as (() => void) | undefined,
    failFanout: false,
  };
  const make = () =>
    createLifecycle<{ partner: string }>({
      store: under.store,
      policy: () => ({
        digest: desk.policyDigest,
        preview: () => {
          desk.previews += 1;
          const views = desk.partners.map((partner) => ({ partner }));
          desk.onPreview?.();
          return views;
        },
      }),
      ledger: {
        enqueue: (tx, signed) =>
          tx.ledger.enqueue({
            log: signed.header.logOrigin,
            headerDigest: signed.digest,
            leafHash: signed.digest,
            urgent: false,
            at: desk.nowMs,
          }),
      },
      exchange: {
        fanout: async (tx, { signed, facets }, views) => {
          if (desk.failFanout) throw new Error('the way out is closed');
          const entries = views.map(({ partner }) => ({
            recipient: partner,
            lane: laneOf(signed.header),
            action: ItemAction.ITEM_ACTION_RECORD,
            headerDigest: signed.digest,
            facets: facets.map(({ facet }) => facet),
            audience: { deskGroups: [], purposes: [] },
            facetAudiences: [],
            basis: 'R5',
          }));
          await tx.outbox.add(entries, desk.nowMs);
        },
      },
      self: {
        node: 'XA',
        network: new Uint8Array(32).fill(0x11),
        logOrigin: (world) => `tocsin/1111111111111111/XA/log/${world}/1`,
      },
      clock: { nowMs: () => desk.nowMs },
      random: {
        bytes: (size) => {
          counter += 1;
          const digest = createHash('sha256').update(String(counter)).digest();
          return new Uint8Array(digest.subarray(0, size));
        },
      },
    });
  let lifecycle = make();
  return Object.defineProperties(desk, {
    store: { get: () => under.store },
    lifecycle: { get: () => lifecycle },
    restart: {
      value: async () => {
        await under.reopen();
        lifecycle = make();
      },
    },
    [Symbol.asyncDispose]: { value: () => under[Symbol.asyncDispose]() },
  }) as typeof desk & Desk;
}

export const seizure = (): { [key: string]: Json } =>
  structuredClone(exampleContent('seizure-notice')) as { [key: string]: Json };

export const flash = (facets: readonly string[]): Json => {
  const content = structuredClone(exampleContent('warning')) as { [key: string]: Json };
  const all = content.facets as { [key: string]: Json };
  return {
    ...content,
    priority: 'flash',
    facets: Object.fromEntries(facets.map((name) => [name, all[name] ?? null])),
  };
};

/** A submitted draft of Anna's. */
export async function submitted(desk: Desk, content: unknown = seizure(), officer = ANNA): Promise<string> {
  const { draft } = await desk.lifecycle.create({ officer, content });
  await desk.lifecycle.submit({ officer, draftId: draft.id });
  return draft.id;
}
