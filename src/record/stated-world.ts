/** Which world content in JSON speaks in, as far as it says (R21). */
import { Status } from '../gen/tocsin/record/v1/marking.ts';
import type { World } from './signed.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Statuses of the exercise world as JSON may write them. */
const EXERCISE = new Set<unknown>([
  'EXERCISE',
  'TEST',
  'STATUS_EXERCISE',
  'STATUS_TEST',
  Status.STATUS_EXERCISE,
  Status.STATUS_TEST,
]);

/** The world that content in JSON states; undefined where it leaves that open. */
export function statedWorld(content: unknown): World | undefined {
  const marking = isObject(content) && isObject(content.marking) ? content.marking : {};
  const { status } = marking;
  if (status === undefined || status === null || status === '' || status === 0) return undefined;
  return EXERCISE.has(typeof status === 'string' ? status.toUpperCase() : status) ? 'exercise' : 'live';
}
