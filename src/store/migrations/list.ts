/** All migrations, oldest first. A released one is never edited: a new file follows. */
import { initial } from './001-initial.ts';
import { witness } from './002-witness.ts';
import { recall } from './004-recall.ts';
import { onward } from './005-onward.ts';
import { recovery } from './006-recovery.ts';
import { attachment } from './007-attachment.ts';
import { duties } from './008-duties.ts';
import { roster } from './009-roster.ts';
import { note } from './010-note.ts';
import { facet } from './011-facet.ts';
import { account } from './012-account.ts';
import { tasking } from './013-tasking.ts';
import { policyProposal } from './014-policy-proposal.ts';
import { policyHistory } from './015-policy-history.ts';
import { screening } from './016-screening.ts';
import { privateScreening } from './017-private-screening.ts';
import { privateInquiry } from './018-private-inquiry.ts';
import type { Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [
  initial,
  witness,
  recall,
  onward,
  recovery,
  attachment,
  duties,
  roster,
  note,
  facet,
  account,
  tasking,
  policyProposal,
  policyHistory,
  screening,
  privateScreening,
  privateInquiry,
];
