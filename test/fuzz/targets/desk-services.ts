/** Every service of the desk. */
import { AlarmServiceDefinition } from '../../../src/gen/tocsin/desk/v1/alarm_service.ts';
import { AttachmentServiceDefinition } from '../../../src/gen/tocsin/desk/v1/attachment_service.ts';
import { AuditServiceDefinition } from '../../../src/gen/tocsin/desk/v1/audit_service.ts';
import { BreakGlassServiceDefinition } from '../../../src/gen/tocsin/desk/v1/break_glass_service.ts';
import { ImportServiceDefinition } from '../../../src/gen/tocsin/desk/v1/import_service.ts';
import { InboxServiceDefinition } from '../../../src/gen/tocsin/desk/v1/inbox_service.ts';
import { LogServiceDefinition } from '../../../src/gen/tocsin/desk/v1/log_service.ts';
import { NetworkServiceDefinition } from '../../../src/gen/tocsin/desk/v1/network_service.ts';
import { OnwardServiceDefinition } from '../../../src/gen/tocsin/desk/v1/onward_service.ts';
import { OversightServiceDefinition } from '../../../src/gen/tocsin/desk/v1/oversight_service.ts';
import { PolicyServiceDefinition } from '../../../src/gen/tocsin/desk/v1/policy_service.ts';
import { RecallServiceDefinition } from '../../../src/gen/tocsin/desk/v1/recall_service.ts';
import { RecordServiceDefinition } from '../../../src/gen/tocsin/desk/v1/record_service.ts';
import { RevisionServiceDefinition } from '../../../src/gen/tocsin/desk/v1/revision_service.ts';
import { ScreeningServiceDefinition } from '../../../src/gen/tocsin/desk/v1/screening_service.ts';
import { TaskingServiceDefinition } from '../../../src/gen/tocsin/desk/v1/tasking_service.ts';

export const DESK_SERVICES = [
  AlarmServiceDefinition,
  AttachmentServiceDefinition,
  AuditServiceDefinition,
  BreakGlassServiceDefinition,
  ImportServiceDefinition,
  InboxServiceDefinition,
  LogServiceDefinition,
  NetworkServiceDefinition,
  OnwardServiceDefinition,
  OversightServiceDefinition,
  TaskingServiceDefinition,
  PolicyServiceDefinition,
  RecallServiceDefinition,
  RecordServiceDefinition,
  RevisionServiceDefinition,
  ScreeningServiceDefinition,
] as const;
