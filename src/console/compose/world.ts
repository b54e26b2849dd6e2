/** Which world content speaks in (R21): the one of the officer's window from the beginning, so that nobody has to think of it. Pure. */
import type { Standing } from '../api/client.ts';
import type { Content } from './content.ts';

type World = Standing['mode'];

/** Statuses that a record of a world may have; the first is what it has unless its drafter says otherwise. */
export const STATUSES: Readonly<Record<World, readonly [string, ...string[]]>> = {
  live: ['STATUS_ACTUAL'],
  exercise: ['STATUS_EXERCISE', 'STATUS_TEST'],
};

/** As forms write it and as the node writes it back. */
const EXERCISE = /^(STATUS_)?(EXERCISE|TEST)$/i;

/** The world that content states; undefined where it leaves that to the node. */
export function worldIn({ marking }: Content): World | undefined {
  const { status } = marking;
  if (typeof status !== 'string' || status === '' || status === 'STATUS_UNSPECIFIED') return undefined;
  return EXERCISE.test(status) ? 'exercise' : 'live';
}

/** Whether content can be handed in by who works in that world. */
export const isOfWorld = (content: Content, world: World): boolean => (worldIn(content) ?? world) === world;
