/** Which of the two lanes a record travels in (design §6). */
import type { Header } from '../gen/tocsin/record/v1/header.ts';
import { Priority } from '../gen/tocsin/record/v1/marking.ts';
import { kindOf } from './kinds.ts';

/** 0 = flash and all control kinds; 1 = the rest. */
export const laneOf = (header: Pick<Header, 'kind' | 'priority'>): 0 | 1 =>
  header.priority === Priority.PRIORITY_FLASH || kindOf(header.kind)?.control === true ? 0 : 1;

/** Whether a record may close a checkpoint before its tick: flash, immediate, and recalls. */
export const isUrgent = (header: Pick<Header, 'kind' | 'priority'>): boolean =>
  header.priority === Priority.PRIORITY_FLASH ||
  header.priority === Priority.PRIORITY_IMMEDIATE ||
  header.kind === 'recall';
