/** AlarmService: what people have to look at, and the files that convict. */
import type { AlarmServiceDefinition } from '../../gen/tocsin/desk/v1/alarm_service.ts';
import { isMisconduct, judgeMisconduct } from '../../ledger/index.ts';
import type { StoredAlarm } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { DeskError } from '../errors.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer } from './messages.ts';
import { RequestFields } from './request.ts';

export interface AlarmDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
}

export function alarmHandlers({ access, store, node }: AlarmDeps): DeskHandlers<AlarmServiceDefinition> {
  return {
    async listAlarms(request, { session }) {
      const fields = new RequestFields();
      const limit = fields.pageSize('page_size', request.pageSize);
      const code = fields.text('code', request.code, 64);
      fields.done();
      await access.require(session, 'log-status', 'alarms');
      const { items, next } = await store.read((tx) =>
        tx.alarms.list({
          limit,
          open: !request.cleared,
          ...(code === '' ? {} : { code }),
          ...(request.cursor === '' ? {} : { cursor: request.cursor }),
        }),
      );
      return { alarms: items.map((alarm) => rowOf(alarm, node.network)), next: next ?? '' };
    },

    async exportAlarm({ id }, { session }) {
      await access.require(session, 'log-status', `alarm ${id}`);
      const alarm = await store.read((tx) => tx.alarms.find(id));
      if (alarm === undefined) throw notFound('alarm');
      const { network } = node;
      const bytes = alarm.evidence;
      if (bytes === undefined || !isMisconduct(bytes, network)) throw noFile(alarm.code);
      // What leaves this node has to stand before strangers.
      const judged = judgeMisconduct({ bytes, networkDigest: network });
      if (!judged.ok) throw noFile(alarm.code);
      await access.audit(session, 'alarm.exported', `alarm ${id}`, { code: alarm.code });
      const { culprits, deed, what } = judged.value;
      return { file: buffer(bytes), culprits: [...culprits], deed, what };
    },
  };
}

const rowOf = (alarm: StoredAlarm, network: Uint8Array) => ({
  id: alarm.id,
  code: alarm.code,
  subject: alarm.subject,
  detail: alarm.detail,
  at: BigInt(alarm.at),
  clearedAt: BigInt(alarm.clearedAt ?? 0),
  convicts: alarm.evidence !== undefined && isMisconduct(alarm.evidence, network),
});

const noFile = (code: string): DeskError =>
  new DeskError({
    code: 'STATE',
    message: `the alarm ${code} carries no file that convicts anybody: what it says has to be looked into by people`,
  });
