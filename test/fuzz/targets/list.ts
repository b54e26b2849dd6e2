/** Every target. */
import type { Target } from '../target.ts';
import { BATCH_TARGETS } from './batches.ts';
import { EVIDENCE_TARGETS } from './evidence.ts';
import { FILE_TARGETS } from './files.ts';
import { IDENTITY_TARGETS } from './identity.ts';
import { LIST_TARGETS } from './lists.ts';
import { MERKLE_TARGETS } from './merkle.ts';
import { MESSAGE_TARGETS } from './messages.ts';
import { NODE_TARGETS } from './nodes.ts';
import { PRIVATE_SCREENING_TARGETS } from './private-screening.ts';
import { RECORD_TARGETS } from './records.ts';
import { TRANSPORT_TARGETS } from './transport.ts';

export const TARGETS: readonly Target[] = [
  ...MESSAGE_TARGETS,
  ...RECORD_TARGETS,
  ...MERKLE_TARGETS,
  ...IDENTITY_TARGETS,
  ...EVIDENCE_TARGETS,
  ...TRANSPORT_TARGETS,
  ...FILE_TARGETS,
  ...LIST_TARGETS,
  ...BATCH_TARGETS,
  ...NODE_TARGETS,
  ...PRIVATE_SCREENING_TARGETS,
];
