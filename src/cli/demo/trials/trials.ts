/** The second act: what goes wrong in a network, or has to last, one trial after the other. */
import { breakGlass } from './break-glass.ts';
import { joining, suspension } from './membership.ts';
import { passingOn } from './passing-on.ts';
import { recall } from './recall.ts';
import { rollback } from './rollback.ts';
import type { Trial } from './stage.ts';
import { trail } from './trail.ts';

export const TRIALS: readonly Trial[] = [passingOn, recall, breakGlass, joining, suspension, rollback, trail];
