/** `tocsin demo`: the federation of demo/, its story and its board. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sleep } from '../../base/async.ts';
import { fromHex, hex } from '../../base/bytes.ts';
import { judgeEvidence } from '../../ledger/index.ts';
import { reasonName } from '../../record/index.ts';
import { type Board, boardLines } from '../demo/board.ts';
import { evidenceDir, type Federation, openFederation, startFederation } from '../demo/federation.ts';
import { Desks, differences, gatherBoard, heldAt, type Told } from '../demo/gather.ts';
import { CAST, type Step, story } from '../demo/story.ts';
import { keepTold, tellStep, toldBefore, waitForReceipts } from '../demo/tell.ts';
import { CliError } from '../failure.ts';
import type { Output } from '../print.ts';

const RECEIPTS_MS = 60_000;
const REFRESH_MS = 1_500;

interface DemoOptions {
  readonly once?: boolean;
  readonly dir?: string;
}

/** A bundle of each record: where a partner holds it, as that partner would show it to a third party. */
async function exportEvidence(
  desks: Desks,
  federation: Federation,
  told: readonly Told[],
): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const one of told) {
    const partners = CAST.map(({ id }) => id).filter((id) => id !== one.originator);
    let source = desks.of(one.originator, one.desk, 'releaser');
    for (const partner of partners) {
      const held = await heldAt(desks, partner, one.headerDigest);
      if (held === undefined || held.facets.length === 0) continue;
      for (const desk of desks.allOf(partner)) {
        const visible = await desk.records.getRecord({ headerDigest: one.headerDigest }).then(
          () => true,
          () => false,
        );
        if (visible) source = desk;
      }
      break;
    }
    const dir = join(evidenceDir(federation), hex(one.recordId));
    rmSync(dir, { recursive: true, force: true });
    const files = new Map<string, Uint8Array[]>();
    for await (const piece of source.records.exportEvidence({ headerDigest: one.headerDigest }))
      files.set(piece.path, [...(files.get(piece.path) ?? []), piece.data]);
    for (const [path, data] of files) {
      const target = join(dir, ...path.split('/').filter((part) => part !== '..' && part !== ''));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, Buffer.concat(data));
    }
    const verdict = await judgeEvidence({
      files: new Map([...files].map(([path, data]) => [path, new Uint8Array(Buffer.concat(data))])),
      networkDigest: fromHex(federation.networkDigest),
    });
    if (!verdict.ok)
      throw new CliError(
        'DEMO_FAILED',
        `the evidence of step ${one.key} does not verify: ${verdict.detail} [${reasonName(verdict.reason)}]`,
      );
    paths.set(hex(one.recordId), dir);
  }
  return paths;
}

/** What the originators' policies say that each partner sees, asked once more for the final comparison. */
async function expectations(desks: Desks, told: Told): Promise<Map<string, Map<string, boolean>>> {
  const { partners } = await desks
    .of(told.originator, told.desk, 'releaser')
    .policy.previewRecord({ headerDigest: told.headerDigest });
  return new Map(
    partners.map((view) => [
      view.partner,
      new Map(
        view.facets.map((facet) => [
          facet.facet,
          view.receive?.allowed === true && facet.decision?.allowed === true,
        ]),
      ),
    ]),
  );
}

async function assertMatrix(desks: Desks, board: Board, told: readonly Told[]): Promise<void> {
  const faults: string[] = [];
  for (const [index, record] of board.records.entries()) {
    const one = told[index];
    if (one !== undefined) faults.push(...differences(record, await expectations(desks, one)));
  }
  if (faults.length > 0)
    throw new CliError(
      'DEMO_FAILED',
      `partners hold what policy does not say: ${faults.slice(0, 5).join('; ')}`,
    );
}

const document = (board: Board, evidence: ReadonlyMap<string, string>, federation: Federation) => ({
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
  evidence: Object.fromEntries(evidence),
});

/** A board that rewrites itself on a terminal; elsewhere only what happens is printed. */
function createScreen(output: Output) {
  const live = !output.json && process.stdout.isTTY === true;
  return {
    draw(board: Board): void {
      if (!live) return;
      const rows = process.stdout.rows ?? 50;
      const lines = boardLines(board, { maxRecords: 2, links: rows > 70 });
      process.stdout.write(`\u001b[H\u001b[2J${lines.slice(0, rows - 1).join('\n')}\n`);
    },
    note(line: string): void {
      if (!live) output.line(line);
    },
  };
}

async function play(
  federation: Federation,
  options: DemoOptions,
  output: Output,
  stop: AbortSignal,
): Promise<void> {
  using desks = new Desks(federation);
  const screen = createScreen(output);
  const told = toldBefore(federation);
  const happened: string[] = [];
  const clock = () => new Date().toISOString().slice(11, 19);
  const say = (line: string) => {
    happened.push(`${clock()}  ${line}`);
    screen.note(`${clock()}  ${line}`);
  };
  const redraw = async () => screen.draw(await gatherBoard(desks, federation, told, happened));

  for (const step of story(Date.now())) {
    if (stop.aborted) return;
    if (told.some(({ key }) => key === step.key)) continue;
    await tell(step);
  }
  async function tell(step: Step): Promise<void> {
    say(`${step.at}  ${step.caption}`);
    const one = await tellStep(desks, step, told);
    told.push(one);
    keepTold(federation, told);
    await redraw();
    await waitForReceipts(desks, one, RECEIPTS_MS);
    await redraw();
  }

  // The newest revision of a record stands for it.
  const newest = told.filter(
    (one, index) => !told.slice(index + 1).some((later) => hex(later.recordId) === hex(one.recordId)),
  );
  const evidence = await exportEvidence(desks, federation, newest);
  const board = await gatherBoard(desks, federation, told, happened);
  await assertMatrix(desks, board, told);
  if (options.once === true) {
    output.line();
    for (const line of boardLines(board, { maxRecords: told.length, links: true }).slice(
      0,
      -happened.slice(-12).length - 1,
    ))
      output.line(line);
    output.line(
      `evidence: ${evidence.size} bundles verified offline with nothing but the network digest; they are in ${evidenceDir(federation)}`,
    );
    output.document(document(board, evidence, federation));
    return;
  }
  say(`the story is told; ${evidence.size} evidence bundles verified offline. Ctrl-C stops everything.`);
  say(`as an officer: npx tocsin inbox --officer ${join(federation.dir, 'officers', 'xb-police')}`);
  while (!stop.aborted) {
    await redraw();
    await sleep(REFRESH_MS, stop).catch(() => undefined);
  }
}

export async function demo(_args: readonly string[], options: DemoOptions, output: Output): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const kept = options.dir !== undefined;
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'tocsin-demo-'));
  const report = (step: string) => process.stderr.write(`demo: ${step} …\n`);
  try {
    const federation = await openFederation(dir, report);
    await using _running = await startFederation(federation, report);
    if (!stop.signal.aborted) await play(federation, options, output, stop.signal);
  } finally {
    if (!kept) rmSync(dir, { recursive: true, force: true });
  }
}
