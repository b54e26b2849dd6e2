/**
 * Deleting the facets of one record with everything here that is derived from them: bytes and salts, the title and its
 * search key, what drafts keep of a released content, what was put aside as evidence. The header, its proof and receipts
 * stay: that a statement with this header existed, and when, remains provable (design §4).
 */
import { type Kysely, sql } from 'kysely';
import { kindOf, titleOf } from '../record/index.ts';
import { blankBytes, blankItem } from './blank.ts';
import { noteChanges } from './record-changes.ts';
import { titleKey } from './record-row.ts';
import type { Schema } from './schema/tables.ts';

export interface Purged {
  /** Names of the facets of which anything was deleted, in the order of the kind's table where it is known. */
  readonly facets: readonly string[];
  /** Places they were deleted from: the record itself, drafts, items put aside, evidence of alarms, answers of screening. */
  readonly copies: number;
}

export interface PurgesWriter {
  /**
   * Deletes the named facets (undefined = all) of a record, and their copies; also where only copies are here. What is not
   * held is no error. Drafts not yet released that would revise the record lose them too where `drafts` says so. After the
   * COMMIT the freed bytes are overwritten and the engine's journal is emptied.
   */
  purgeFacets(
    headerDigest: Uint8Array,
    names?: readonly string[],
    options?: { readonly openDrafts?: boolean },
  ): Promise<Purged>;
}

interface Secret {
  readonly facet: string;
  readonly salt: Uint8Array;
  readonly body: Uint8Array;
}

/** Shorter bodies occur anywhere by chance; their salts identify them. */
const TELLING_BYTES = 8;

export function purgesWriter(db: Kysely<Schema>, onPurged: () => void): PurgesWriter {
  async function deleteFacets(headerDigest: Uint8Array, names?: readonly string[]): Promise<Secret[]> {
    let held = db
      .selectFrom('facet')
      .select(['name as facet', 'salt', 'body'])
      .where('header_digest', '=', headerDigest);
    let gone = db.deleteFrom('facet').where('header_digest', '=', headerDigest);
    if (names) {
      held = held.where('name', 'in', names);
      gone = gone.where('name', 'in', names);
    }
    const facets = await held.execute();
    if (facets.length > 0) {
      await gone.execute();
      await noteChanges(db, [headerDigest]);
    }
    // Nothing is fetched for it any more: whoever fetches finds so at once, and removes what it began.
    if (facets.some(({ facet }) => facet === 'attachments'))
      await db
        .updateTable('attachment_wait')
        .set({ next_attempt_at: 0 })
        .where('header_digest', '=', headerDigest)
        .execute();
    return facets;
  }

  async function renewTitle(headerDigest: Uint8Array): Promise<void> {
    const record = await db
      .selectFrom('record')
      .select(['kind', 'title'])
      .where('header_digest', '=', headerDigest)
      .executeTakeFirst();
    if (!record) return;
    const left = await db
      .selectFrom('facet')
      .select(['name as facet', 'body'])
      .where('header_digest', '=', headerDigest)
      .execute();
    const title = titleOf(record.kind, left);
    if (title === record.title) return;
    await db
      .updateTable('record')
      .set({ title, title_key: titleKey(title) })
      .where('header_digest', '=', headerDigest)
      .execute();
  }

  /** Items of the record that were put aside; how many rows lost something. */
  async function blankQuarantine(
    headerDigest: Uint8Array,
    names: ReadonlySet<string> | undefined,
    secrets: Secret[],
  ): Promise<number> {
    const rows = await db
      .selectFrom('quarantine')
      .select(['id', 'body'])
      .where('header_digest', '=', headerDigest)
      .execute();
    let changed = 0;
    for (const { id, body } of rows) {
      const blanked = blankItem(body, names);
      if (blanked.facets.length === 0) continue;
      secrets.push(...blanked.facets);
      await db.updateTable('quarantine').set({ body: blanked.bytes }).where('id', '=', id).execute();
      changed += 1;
    }
    return changed;
  }

  /** Evidence of alarms: found by the salts, which are random and so in no other place. */
  async function blankAlarms(secrets: readonly Secret[]): Promise<number> {
    const changed = new Set<bigint>();
    for (const { salt, body } of secrets) {
      if (salt.length === 0) continue;
      const rows = await db
        .selectFrom('alarm')
        .select(['id', 'evidence'])
        .where('evidence', 'is not', null)
        .where(sql<boolean>`instr(evidence, ${salt}) > 0`)
        .execute();
      for (const { id, evidence } of rows) {
        if (evidence === null) continue;
        const needles = body.length >= TELLING_BYTES ? [body, salt] : [salt];
        await db
          .updateTable('alarm')
          .set({ evidence: blankBytes(evidence, needles) })
          .where('id', '=', id)
          .execute();
        changed.add(id);
      }
    }
    return changed.size;
  }

  /** A draft keeps its content as JSON with a member per facet. */
  async function stripDrafts(
    headerDigest: Uint8Array,
    names: ReadonlySet<string> | undefined,
    openDrafts: boolean,
    found: Set<string>,
  ): Promise<number> {
    const rows = await db
      .selectFrom('draft')
      .select(['id', 'content'])
      .where((where) =>
        where.or([
          where('released_digest', '=', headerDigest),
          ...(openDrafts
            ? [where.and([where('revises', '=', headerDigest), where('state', 'in', ['draft', 'submitted'])])]
            : []),
        ]),
      )
      .execute();
    let changed = 0;
    for (const { id, content } of rows) {
      const json: unknown = JSON.parse(content);
      const facets = isObject(json) && isObject(json.facets) ? json.facets : undefined;
      if (facets === undefined) continue;
      const gone = Object.keys(facets).filter((name) => names?.has(name) ?? true);
      if (gone.length === 0) continue;
      for (const name of gone) {
        found.add(name);
        delete facets[name];
      }
      await db
        .updateTable('draft')
        .set({ content: JSON.stringify(json) })
        .where('id', '=', id)
        .execute();
      changed += 1;
    }
    return changed;
  }

  /** What screening told of them; which record was met, and what was decided, stays. */
  async function blankHits(headerDigest: Uint8Array, names: readonly string[] | undefined): Promise<number> {
    let update = db
      .updateTable('screening_hit')
      .set({ told: new Uint8Array() })
      .where('header_digest', '=', headerDigest)
      .where('told', '!=', new Uint8Array());
    if (names) update = update.where('facet', 'in', names);
    const { numUpdatedRows } = await update.executeTakeFirst();
    return Number(numUpdatedRows);
  }

  return {
    async purgeFacets(headerDigest, names, { openDrafts = false } = {}) {
      if (names?.length === 0) return { facets: [], copies: 0 };
      const only = names && new Set(names);
      const secrets = await deleteFacets(headerDigest, names);
      const found = new Set(secrets.map(({ facet }) => facet));
      let copies = secrets.length > 0 ? 1 : 0;
      if (secrets.length > 0) await renewTitle(headerDigest);
      copies += await blankQuarantine(headerDigest, only, secrets);
      copies += await blankAlarms(secrets);
      for (const { facet } of secrets) found.add(facet);
      copies += await stripDrafts(headerDigest, only, openDrafts, found);
      copies += await blankHits(headerDigest, names);
      if (copies > 0) onPurged();
      const kind = await db
        .selectFrom('record')
        .select('kind')
        .where('header_digest', '=', headerDigest)
        .executeTakeFirst();
      const order = (kind && kindOf(kind.kind)?.facets.map(({ name }) => name)) ?? [];
      const place = (name: string) => (order.indexOf(name) + order.length + 1) % (order.length + 1);
      return { facets: [...found].sort((one, other) => place(one) - place(other)), copies };
    },
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
