/** Questions to partners in private, from the first officer's to the partners' answers. Columns: schema/private-screening.ts. */
import type { Migration } from './migration.ts';

export const privateInquiry: Migration = {
  version: 18,
  name: 'private-inquiry',
  statements: (t) => [
    `create table private_inquiry (
      number ${t.numbered}, id ${t.text} not null unique, state ${t.text} not null, desk_group ${t.int} not null,
      purpose ${t.int} not null, question ${t.blob} not null, asker ${t.text} not null, asker_name ${t.text} not null,
      asked_at ${t.int} not null, decider ${t.text}, decider_name ${t.text}, decided_at ${t.int}, note ${t.text},
      answers ${t.blob}, kept_until ${t.int} not null)${t.table}`,
    'create index private_inquiry_kept on private_inquiry (kept_until)',
  ],
};
