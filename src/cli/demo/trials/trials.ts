/** The second act: what goes wrong in a network, or has to last, one trial after the other. */
import { breakGlass } from './break-glass.ts';
import { joining, suspension } from './membership.ts';
import { passingOn } from './passing-on.ts';
import { picture } from './picture.ts';
import { recall } from './recall.ts';
import { rollback } from './rollback.ts';
import { rotation } from './rotation.ts';
import type { Trial } from './stage.ts';
import { trail } from './trail.ts';
import { twoFaces } from './two-faces.ts';

export const TRIALS: readonly Trial[] = [
  passingOn,
  recall,
  breakGlass,
  picture,
  rotation,
  joining,
  twoFaces,
  suspension,
  rollback,
  trail,
];
