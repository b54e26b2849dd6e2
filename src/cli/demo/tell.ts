/** Plays the story: drafts, submits, releases, and waits for what has to come back. What was told before is not told again. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../../base/async.ts';
import { fromHex, hex } from '../../base/bytes.ts';
import type { Desk } from '../../desk/index.ts';
import { CliError } from '../failure.ts';
import type { Federation } from './federation.ts';
import type { Desks, Told } from './gather.ts';
import type { Step } from './story.ts';

const SETTLED = new Set(['receipted', 'refused', 'withdrawn', 'skipped']);
const POLL_MS = 100;

interface Line {
  readonly key: string;
  readonly originator: string;
  readonly desk: string;
  readonly headerDigest: string;
  readonly recordId: string;
  readonly exercise: boolean;
}

const fileOf = (federation: Federation): string => join(federation.dir, 'story.json');

/** What an earlier run in this folder has told. */
export function toldBefore(federation: Federation): Told[] {
  if (!existsSync(fileOf(federation))) return [];
  return (JSON.parse(readFileSync(fileOf(federation), 'utf8')) as Line[]).map((line) => ({
    ...line,
    headerDigest: fromHex(line.headerDigest),
    recordId: fromHex(line.recordId),
  }));
}

export function keepTold(federation: Federation, told: readonly Told[]): void {
  const lines: Line[] = told.map((one) => ({
    ...one,
    headerDigest: hex(one.headerDigest),
    recordId: hex(one.recordId),
  }));
  writeFileSync(fileOf(federation), `${JSON.stringify(lines, undefined, 2)}\n`);
}

/** One step: an officer drafts and submits, a second officer releases. */
export async function tellStep(all: Desks, step: Step, told: readonly Told[]): Promise<Told> {
  const exercise = step.exercise === true;
  const desks = all.inWorldOf({ exercise });
  const officer = desks.of(step.at, step.desk);
  const contentJson = JSON.stringify(step.content);
  const before = step.revises === undefined ? undefined : told.find(({ key }) => key === step.revises);
  const { draft } =
    before === undefined
      ? await officer.records.createDraft({ contentJson })
      : await officer.records.reviseRecord({ headerDigest: before.headerDigest, contentJson });
  const draftId = draft?.id ?? '';
  await officer.records.submitDraft({ draftId });
  if (step.content.kind === 'hotline-report')
    await scrub(desks.of(step.at, step.desk, 'second'), step, draftId);
  const { record } = await desks.of(step.at, step.desk, 'releaser').records.releaseDraft({ draftId });
  if (record === undefined) throw new CliError('DEMO_FAILED', `step ${step.key}: the node named no record`);
  return {
    key: step.key,
    originator: step.at,
    desk: step.desk,
    headerDigest: record.headerDigest,
    recordId: record.recordId,
    exercise,
  };
}

/** A second operator cleans the words; what the caller said of himself he does not see, and it stays. */
async function scrub(second: Desk, { content }: Step, draftId: string): Promise<void> {
  const { source: _kept, ...facets } = content.facets as Readonly<Record<string, unknown>>;
  await second.hotline.scrubReport({ draftId, contentJson: JSON.stringify({ ...content, facets }) });
}

/** Waits until every partner that the record goes to has answered with its signed receipt. */
export async function waitForReceipts(desks: Desks, told: Told, timeoutMs: number): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const { deliveries, verification } = await desks
      .inWorldOf(told)
      .of(told.originator, told.desk, 'releaser')
      .records.getRecord({ headerDigest: told.headerDigest });
    const waiting = deliveries.filter(({ state }) => !SETTLED.has(state)).map(({ recipient }) => recipient);
    if (waiting.length === 0 && verification?.leafIndex !== undefined) return;
    if (performance.now() > until)
      throw new CliError(
        'DEMO_FAILED',
        `step ${told.key}: no receipt from ${waiting.join(', ') || 'the own log'} within ${timeoutMs / 1000} s`,
      );
    await sleep(POLL_MS);
  }
}
