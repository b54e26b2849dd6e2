/** Table of a declared restart: what each partner still has to give. */
import type { Whole } from './column.ts';

export interface RecoveryTable {
  partner: string;
  /** Ours, that began with the restart. */
  incarnation: Whole;
  /** 1 = the partner has given back what this node had sent it. */
  history: Whole;
  /** 1 = what the partner had sent on lane 0, recalls among it, is taken again. */
  recalls: Whole;
  since: Whole;
}
