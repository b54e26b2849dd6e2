/**
 * Which world content speaks in (R21). In an exercise a draft becomes an exercise record without anybody thinking of it;
 * what says something else is refused, in either mode.
 */
import { statedWorld, type World } from '../record/index.ts';
import type { RequestFields } from './grpc/request.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A title as people see it: an exercise is never taken for the real thing. */
export const marked = (title: string, world: World): string =>
  world === 'exercise' ? `EXERCISE: ${title}` : title;

/** The content with the status of the mode; a fault where it states the other world. */
export function inWorld(fields: RequestFields, content: unknown, world: World): unknown {
  const stated = statedWorld(content);
  if (stated !== undefined && stated !== world)
    fields.fault(
      'marking.status',
      'EXERCISE_MISMATCH',
      world === 'live'
        ? 'expected a live record, got one of an exercise: work in exercise mode (--exercise)'
        : 'expected an exercise record, got a live one: leave the status out, or leave exercise mode',
    );
  if (world === 'live' || stated !== undefined || !isObject(content)) return content;
  const marking = isObject(content.marking) ? content.marking : {};
  return { ...content, marking: { ...marking, status: 'EXERCISE' } };
}
