/** One record on the board, in two lines. */
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Tlp, Urgency } from '../../parts/marking.tsx';
import { Ago, msOf, useNow } from '../../parts/time.tsx';
import { type TextKey, useText } from '../../text/index.ts';
import type { BoardRow } from './use-board.ts';

/** Address of a record's page; digests come in base64, addresses have it in base64url. */
export const recordPath = (headerDigest: string): string =>
  `/record/${headerDigest.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
export const digestOfPath = (text: string): string => {
  const base64 = text.replaceAll('-', '+').replaceAll('_', '/');
  return base64.padEnd(Math.ceil(base64.length / 4) * 4, '=');
};

export function Row({ row }: { readonly row: BoardRow }) {
  const say = useText();
  const now = useNow();
  const { record } = row;
  if (record === undefined) return null;
  const isOpen = row.attention === 'BOARD_ATTENTION_UNREAD' || row.attention === 'BOARD_ATTENTION_READ';
  const overdue = isOpen && record.state === 'RECORD_STATE_RELEASED' && msOf(row.acknowledgeBy) < now;
  return (
    <>
      <div className="row-title">
        {row.attention === 'BOARD_ATTENTION_UNREAD' && (
          <span className="unread" role="img" aria-label={say('attention.unread')} />
        )}
        <span className="title" dir="auto">
          {record.title === '' ? (
            <span className="soft">
              {say(row.conditionPending ? 'board.condition' : 'board.withheldTitle')}
            </span>
          ) : (
            <Foreign text={record.title} />
          )}
        </span>
        <Tlp tlp={record.tlp} />
      </div>
      <div className="row-meta">
        <Urgency priority={record.priority} />
        <span>{say(`kind.${record.kind}` as TextKey)}</span>
        <span className="only-wide">
          {record.own ? say('board.own') : say('board.from', { node: record.originator })}
          {!record.own &&
            row.sender !== record.originator &&
            ` ${say('board.through', { node: row.sender })}`}
        </span>
        <Ago ms={msOf(row.receivedAt)} />
        {record.state !== 'RECORD_STATE_RELEASED' && (
          <span className="chip bad">{say(`state.${record.state}` as TextKey)}</span>
        )}
        {row.attention === 'BOARD_ATTENTION_ACKNOWLEDGED' && (
          <span className="chip good">
            <Icon name="check" />
            <Foreign text={row.acknowledgedBy} most={30} />
          </span>
        )}
        {overdue && (
          <span className="chip bad">
            <Icon name="clock" />
            {say('board.overdue')}
          </span>
        )}
        {record.late && <span className="chip warn">{say('board.late')}</span>}
      </div>
    </>
  );
}
