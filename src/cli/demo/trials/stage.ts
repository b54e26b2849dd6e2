/** What a trial works with: the federation's folders, its processes, and the desks of its officers. */
import { sleep } from '../../../base/async.ts';
import { hex } from '../../../base/bytes.ts';
import { DeskCallError } from '../../../desk/index.ts';
import { CliError } from '../../failure.ts';
import type { Federation, Processes } from '../federation.ts';
import { type Desks, deskHolding, type Told } from '../gather.ts';
import type { Step } from '../story.ts';
import { tellStep } from '../tell.ts';

export interface Stage {
  readonly federation: Federation;
  readonly processes: Processes;
  readonly desks: Desks;
  /** One line of what happens. */
  say(line: string): void;
}

/** Something that goes wrong, or has to last for years, and what the network makes of it. */
export interface Trial {
  readonly key: string;
  /** One line for the board. */
  readonly title: string;
  /** Plays it; what was found true on the way, in lines for the board. Throws DEMO_FAILED where something is not. */
  play(stage: Stage): Promise<readonly string[]>;
}

const POLL_MS = 100;
const PATIENCE_MS = 90_000;
/** gRPC status of a desk that is not there: its node starts, or is stopped. */
const UNAVAILABLE = 14;

/** Throws DEMO_FAILED unless it holds. */
export function assertThat(holds: boolean, what: string): asserts holds {
  if (!holds) throw new CliError('DEMO_FAILED', `expected that ${what}`);
}

/** Asks again until there is an answer; a desk that is not there yet has none. Throws DEMO_FAILED in the end. */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined>,
  patienceMs = PATIENCE_MS,
): Promise<Answer> {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!(error instanceof DeskCallError) || error.status !== UNAVAILABLE) throw error;
    }
    if (performance.now() > end)
      throw new CliError('DEMO_FAILED', `waited ${patienceMs / 1_000} s in vain until ${what}`);
    await sleep(POLL_MS);
  }
}

/** A record drafted by one officer and released by a second. */
export const release = (stage: Stage, step: Omit<Step, 'caption'>): Promise<Told> =>
  tellStep(stage.desks, { ...step, caption: '' }, []);

/** Waits until a node holds a record with at least these facets; those that its desks may see. */
export const whenHeld = (
  { desks }: Stage,
  id: string,
  headerDigest: Uint8Array,
  facets: readonly string[] = [],
): Promise<readonly string[]> =>
  until(`${id} holds record ${hex(headerDigest).slice(0, 16)}`, async () => {
    const found = await deskHolding(desks, id, headerDigest);
    const held = (found?.answer.verification?.commitments ?? [])
      .filter((one) => one.held && one.valid)
      .map(({ facet }) => facet);
    return found !== undefined && facets.every((facet) => held.includes(facet)) ? held : undefined;
  });

/** Codes of the alarms that a node has open, with what they are about. */
export async function alarmsAt({ desks }: Stage, id: string): Promise<readonly string[]> {
  const [desk] = desks.allOf(id);
  if (desk === undefined) throw new TypeError(`expected a member with desks, got ${id}`);
  const { alarms } = await desk.network.getNodeStatus({});
  return alarms.map(({ code, subject }) => `${code} ${subject}`);
}

/** Waits until a node answers at its desk. */
export const whenUp = (stage: Stage, id: string): Promise<true> =>
  until(`${id} is up`, async () => {
    await alarmsAt(stage, id);
    return true as const;
  });
