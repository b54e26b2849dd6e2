/** The desk of one node: its services over what the folders below offer, and the server that carries them. */
import { randomUUID } from 'node:crypto';
import type { Random } from '../base/clock.ts';
import { AlarmServiceDefinition } from '../gen/tocsin/desk/v1/alarm_service.ts';
import { AttachmentServiceDefinition } from '../gen/tocsin/desk/v1/attachment_service.ts';
import { AuditServiceDefinition } from '../gen/tocsin/desk/v1/audit_service.ts';
import { BoardServiceDefinition } from '../gen/tocsin/desk/v1/board_service.ts';
import { BreakGlassServiceDefinition } from '../gen/tocsin/desk/v1/break_glass_service.ts';
import { HotlineServiceDefinition } from '../gen/tocsin/desk/v1/hotline_service.ts';
import { ImportServiceDefinition } from '../gen/tocsin/desk/v1/import_service.ts';
import { InboxServiceDefinition } from '../gen/tocsin/desk/v1/inbox_service.ts';
import { LogServiceDefinition } from '../gen/tocsin/desk/v1/log_service.ts';
import { NetworkServiceDefinition } from '../gen/tocsin/desk/v1/network_service.ts';
import { OfficerServiceDefinition } from '../gen/tocsin/desk/v1/officer_service.ts';
import { OnwardServiceDefinition } from '../gen/tocsin/desk/v1/onward_service.ts';
import { OversightServiceDefinition } from '../gen/tocsin/desk/v1/oversight_service.ts';
import { PolicyServiceDefinition } from '../gen/tocsin/desk/v1/policy_service.ts';
import { RecallServiceDefinition } from '../gen/tocsin/desk/v1/recall_service.ts';
import { RecordServiceDefinition } from '../gen/tocsin/desk/v1/record_service.ts';
import { RevisionServiceDefinition } from '../gen/tocsin/desk/v1/revision_service.ts';
import { ScreeningServiceDefinition } from '../gen/tocsin/desk/v1/screening_service.ts';
import { TaskingServiceDefinition } from '../gen/tocsin/desk/v1/tasking_service.ts';
import type { Ledger } from '../ledger/index.ts';
import { Access } from './access.ts';
import { callAudit } from './call-audit.ts';
import { Changes } from './changes.ts';
import type { ConsoleOptions } from './console.ts';
import type { DispatchDeps } from './dispatch.ts';
import { alarmHandlers } from './grpc/alarms.ts';
import { type AttachmentDeps, attachmentHandlers } from './grpc/attachments.ts';
import { auditHandlers } from './grpc/audit.ts';
import { boardHandlers } from './grpc/board.ts';
import { type BreakGlassDeps, breakGlassHandlers } from './grpc/break-glass.ts';
import { type DraftDeps, draftHandlers } from './grpc/drafts.ts';
import { type BoundService, bindService } from './grpc/handlers.ts';
import { type HotlineDeps, hotlineHandlers } from './grpc/hotline.ts';
import { type ImportDeps, importHandlers } from './grpc/imports.ts';
import { type InboxDeps, inboxHandlers } from './grpc/inbox.ts';
import { logHandlers } from './grpc/log.ts';
import { type NetworkDeps, networkHandlers } from './grpc/network.ts';
import { officerHandlers } from './grpc/officers.ts';
import { type OnwardDeps, onwardHandlers } from './grpc/onward.ts';
import { type OversightDeps, oversightHandlers } from './grpc/oversight.ts';
import { type PolicyDeps, policyHandlers } from './grpc/policy.ts';
import { type PolicyProposalDeps, policyProposalHandlers } from './grpc/policy-proposals.ts';
import { type PrivateScreeningDeps, privateScreeningHandlers } from './grpc/private-screening.ts';
import { type RecallDeps, recallHandlers } from './grpc/recalls.ts';
import { type RecordDeps, recordHandlers } from './grpc/records.ts';
import { type RevisionDeps, revisionHandlers } from './grpc/revisions.ts';
import { type ScreeningDeps, screeningHandlers } from './grpc/screening.ts';
import { type DeskServer, type DeskServerOptions, openDeskServer } from './grpc/server.ts';
import { type TaskingDeps, taskingHandlers } from './grpc/taskings.ts';
import { type WarningDeps, warningHandlers } from './grpc/warnings.ts';
import { assertReady } from './readiness.ts';
import type { DeskCutOff } from './recall-lock.ts';
import { refusalAudit } from './refusal-audit.ts';
import { type SessionDeps, Sessions } from './session.ts';
import { Accounts } from './sign-in/accounts.ts';
import { Uploads } from './upload.ts';

/** Everything that the desk asks of its node. */
export type DeskDeps = Omit<
  DraftDeps &
    RecordDeps &
    PolicyDeps &
    PolicyProposalDeps &
    InboxDeps &
    NetworkDeps &
    ImportDeps &
    OnwardDeps &
    TaskingDeps &
    AttachmentDeps &
    RecallDeps &
    RevisionDeps &
    HotlineDeps &
    WarningDeps &
    BreakGlassDeps &
    OversightDeps &
    ScreeningDeps &
    PrivateScreeningDeps,
  'access' | 'logs' | 'members' | 'ledger' | 'uploads' | 'purposesOf'
> & {
  readonly random: Random;
  readonly ledger: Pick<Ledger, 'proofFor' | 'origins'>;
  readonly sessions: Omit<SessionDeps, 'self' | 'clock'>;
  /** A call that failed by a fault of this node, for the log. */
  readonly onFault: DispatchDeps['onFault'];
  /** Partners whose recalls are not replayed yet after a restart from an earlier state; nothing is read until there are none. */
  readonly waitingFor: () => readonly string[];
  /** Why this node's store is known to be behind what partners hold of it; undefined where it is not. */
  readonly behind: () => string | undefined;
  /** Whether this node was cut off from its partners for so long that recalls may be missing (R14). */
  readonly cutOff: DeskCutOff;
  /** Services of the duties of this node (hub, hotline), served beside the desk's own. */
  readonly duties?: readonly BoundService[];
};

/** The desk's own services; every method asks the desk policy, default deny. */
function deskServices(deps: DeskDeps, access: Access, accounts: Accounts): readonly BoundService[] {
  const { ledger, node } = deps;
  const logs = ledger.origins;
  const members = () =>
    deps
      .roster()
      .roster.members.map((member) => member.node)
      .filter((member) => member !== node.self);
  const uploads = new Uploads({ ...deps, clock: node.clock });
  return [
    bindService(RecordServiceDefinition, {
      ...draftHandlers({ ...deps, access }),
      ...recordHandlers({ ...deps, access }),
    }),
    bindService(PolicyServiceDefinition, {
      ...policyHandlers({ ...deps, access, purposesOf: deps.sessions.purposesOf }),
      ...policyProposalHandlers({ ...deps, access }),
    }),
    bindService(BoardServiceDefinition, boardHandlers({ ...deps, access })),
    bindService(HotlineServiceDefinition, {
      ...hotlineHandlers({ ...deps, access }),
      ...warningHandlers({ ...deps, access }),
    }),
    bindService(InboxServiceDefinition, inboxHandlers({ ...deps, access })),
    bindService(NetworkServiceDefinition, networkHandlers({ ...deps, access, logs })),
    bindService(LogServiceDefinition, logHandlers({ ...deps, access })),
    bindService(OnwardServiceDefinition, onwardHandlers({ ...deps, access })),
    bindService(TaskingServiceDefinition, taskingHandlers({ ...deps, access })),
    bindService(AttachmentServiceDefinition, attachmentHandlers({ ...deps, access, uploads })),
    bindService(RecallServiceDefinition, recallHandlers({ ...deps, access })),
    bindService(RevisionServiceDefinition, revisionHandlers({ ...deps, access })),
    bindService(BreakGlassServiceDefinition, breakGlassHandlers({ ...deps, access })),
    bindService(AlarmServiceDefinition, alarmHandlers({ ...deps, access })),
    bindService(ScreeningServiceDefinition, {
      ...screeningHandlers({ ...deps, access }),
      ...privateScreeningHandlers({ ...deps, access }),
    }),
    bindService(OversightServiceDefinition, oversightHandlers({ ...deps, access })),
    bindService(AuditServiceDefinition, auditHandlers({ ...deps, access })),
    bindService(OfficerServiceDefinition, officerHandlers({ ...deps, access, accounts })),
    bindService(ImportServiceDefinition, importHandlers({ ...deps, access, members })),
  ];
}

export interface ServedDesk extends DeskServer {
  /** Where the console is served; undefined where it is off. */
  readonly console: string | undefined;
}

/** Serves the desk until it is disposed of. Fails where an address is taken or the key does not fit the certificate. */
export async function serveDesk(
  deps: DeskDeps,
  options: DeskServerOptions & { readonly console?: ConsoleOptions },
): Promise<ServedDesk> {
  const access = new Access(deps);
  const accounts = await Accounts.open(deps.store);
  const who = {
    ...deps.sessions,
    isRevoked: (identity: string) => deps.sessions.isRevoked(identity) || accounts.isRevoked(identity),
  };
  const sessions = new Sessions({ ...who, self: deps.node.self, clock: deps.node.clock });
  const services = [...deskServices(deps, access, accounts), ...(deps.duties ?? [])];
  const changes = new Changes(services);
  const audited = callAudit(access);
  const shutdown = new AbortController();
  const dispatch: DispatchDeps = {
    refused: refusalAudit(access),
    assertReady: (service) => assertReady(service, { waitingFor: deps.waitingFor(), behind: deps.behind() }),
    async answering(method, session) {
      await audited(method, session);
      changes.after(method);
    },
    assertStillValid: (session) => sessions.assertStillValid(session),
    correlationId: randomUUID,
    onFault: deps.onFault,
    shutdown: shutdown.signal,
  };
  await using stack = new AsyncDisposableStack();
  stack.defer(() => shutdown.abort());
  const server = stack.use(
    await openDeskServer(
      services,
      {
        ...dispatch,
        authenticate: (certificate, purpose, mode) => sessions.authenticate(certificate, purpose, mode),
      },
      options,
    ),
  );
  stack.defer(deps.onArrival(() => changes.tell()));
  // Its code is loaded where it is wanted alone.
  const served =
    options.console &&
    stack.use(
      await (await import('./console.ts')).openConsole(
        {
          ...who,
          accounts,
          node: deps.node,
          store: deps.store,
          random: deps.random,
          services,
          signedIn: sessions,
          changes,
          dispatch,
        },
        options.console,
      ),
    );
  const opened = stack.move();
  return {
    address: server.address,
    console: served?.address,
    setServing: (serving) => server.setServing(serving),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
