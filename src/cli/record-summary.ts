/** A record as one JSON object, the same in every verb. */
import { RecordState, type RecordSummary } from '../gen/tocsin/desk/v1/desk.ts';
import { Priority, Status, Tlp } from '../gen/tocsin/record/v1/marking.ts';
import { instant } from './desk-access.ts';
import { nameOf } from './names.ts';

export const summaryOf = (record: RecordSummary) => ({
  record: record.recordId,
  header: record.headerDigest,
  revision: record.revision,
  originator: record.originator,
  kind: record.kind,
  title: record.title,
  state: nameOf(RecordState, 'RECORD_STATE_', record.state),
  priority: nameOf(Priority, 'PRIORITY_', record.priority),
  tlp: nameOf(Tlp, 'TLP_', record.tlp),
  status: nameOf(Status, 'STATUS_', record.status),
  released: instant(record.released),
  expires: instant(record.expires),
  ...(record.late && { late: true }),
});
