/** How the demo ends: evidence of every record judged offline, and what partners hold compared with what policy says. */
import { join } from 'node:path';
import { fromHex, hex } from '../../base/bytes.ts';
import type { Desk } from '../../desk/index.ts';
import { judgeEvidence } from '../../ledger/index.ts';
import { reasonName } from '../../record/index.ts';
import { receiveBundle, saveBundle } from '../bundle.ts';
import { CliError } from '../failure.ts';
import type { Board, BoardRecord } from './board.ts';
import { evidenceDir, type Federation } from './federation.ts';
import { type Desks, deskHolding, type Told } from './gather.ts';
import { CAST } from './story.ts';

/** A partner that holds facets of the record, as it would show them to a third party; its originator where there is none. */
async function witnessOf(all: Desks, told: Told): Promise<Desk> {
  const desks = all.inWorldOf(told);
  for (const { id } of CAST) {
    if (id === told.originator) continue;
    const held = await deskHolding(desks, id, told.headerDigest);
    if (held !== undefined && held.answer.facets.length > 0) return held.desk;
  }
  return desks.of(told.originator, told.desk, 'releaser');
}

/** Writes a bundle of each record and judges it; the folders by record id. */
export async function exportEvidence(
  desks: Desks,
  federation: Federation,
  told: readonly Told[],
): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  for (const one of told) {
    const files = await receiveBundle(await witnessOf(desks, one), one.headerDigest);
    const verdict = await judgeEvidence({ files, networkDigest: fromHex(federation.networkDigest) });
    if (!verdict.ok)
      throw new CliError(
        'DEMO_FAILED',
        `the evidence of step ${one.key} does not verify: ${verdict.detail} [${reasonName(verdict.reason)}]`,
      );
    const dir = join(evidenceDir(federation), hex(one.recordId));
    saveBundle(dir, files);
    paths.set(hex(one.recordId), dir);
  }
  return paths;
}

/** Names of the facets that each partner sees by the originator's policy, asked once more for the final comparison. */
async function expectations(desks: Desks, told: Told): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { partners } = await desks
    .inWorldOf(told)
    .of(told.originator, told.desk, 'releaser')
    .policy.previewRecord({ headerDigest: told.headerDigest });
  return new Map(
    partners.map(({ partner, receive, facets }) => [
      partner,
      new Set(
        facets
          .filter(({ decision }) => receive?.allowed === true && decision?.allowed === true)
          .map(({ facet }) => facet),
      ),
    ]),
  );
}

/** Where what a partner holds is not what the originator's policy says. Empty = the promise is kept. */
export const differences = (
  record: BoardRecord,
  expected: ReadonlyMap<string, ReadonlySet<string>>,
): string[] =>
  record.partners.flatMap(({ partner, cells }) =>
    cells
      .filter(({ facet, seen }) => (expected.get(partner)?.has(facet) ?? false) !== (seen === 'seen'))
      .map(({ facet, seen }) => `${record.kind} ${record.recordId}: ${partner} ${seen} ${facet}`),
  );

/** Throws DEMO_FAILED unless every partner holds what policy says; `board` shows the records of `told`. */
export async function assertMatrix(desks: Desks, board: Board, told: readonly Told[]): Promise<void> {
  const faults: string[] = [];
  for (const one of told) {
    const record = board.records.find(({ headerDigest }) => headerDigest === hex(one.headerDigest));
    if (record === undefined) faults.push(`step ${one.key} is not on the board`);
    else faults.push(...differences(record, await expectations(desks, one)));
  }
  if (faults.length > 0)
    throw new CliError(
      'DEMO_FAILED',
      `partners hold what policy does not say: ${faults.slice(0, 5).join('; ')}`,
    );
}

/** The document of `--once --json`. */
export const documentOf = (
  board: Board,
  evidence: ReadonlyMap<string, string>,
  federation: Federation,
): unknown => ({
  network: board.network,
  networkDigest: board.digest,
  dir: federation.dir,
  nodes: board.nodes,
  records: board.records.map((record) => ({
    id: record.recordId,
    header: record.headerDigest,
    kind: record.kind,
    originator: record.originator,
    revision: record.revision,
    title: record.title,
    tlp: record.tlp,
    exercise: record.exercise,
    local: record.local,
    partners: Object.fromEntries(
      record.partners.map((row) => [
        row.partner,
        {
          receives: row.receives,
          rule: row.rule,
          facets: Object.fromEntries(
            row.cells.map((cell) => [
              cell.facet,
              { outcome: cell.seen, rule: cell.rule, reason: cell.reason },
            ]),
          ),
        },
      ]),
    ),
  })),
  receipts: board.records.flatMap((record) =>
    record.partners
      .filter((row) => row.delivery !== '')
      .map((row) => ({
        record: record.recordId,
        header: record.headerDigest,
        partner: row.partner,
        state: row.delivery,
      })),
  ),
  links: board.links,
  proved: board.proved,
  evidence,
});
