/** While the node still reads its records nothing is answered, and one sees how far it is. */
import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { Icon } from '../../parts/icons.tsx';
import { useNumber } from '../../parts/time.tsx';
import { useText } from '../../text/index.ts';

const EVERY_MS = 2_000;

export function NotReady() {
  const say = useText();
  const number = useNumber();
  const status = useQuery({
    queryKey: ['screening', 'status'],
    queryFn: () => call('ScreeningService/GetScreeningStatus', {}),
    refetchInterval: ({ state }) => (state.data?.ready === false ? EVERY_MS : false),
  });
  if (status.data === undefined || status.data.ready) return null;
  return (
    <div className="notice warn" role="status">
      <Icon name="clock" />
      <div className="stack">
        <p>{say('screen.notReady', { read: number(status.data.read), all: number(status.data.toRead) })}</p>
        <progress
          max={Math.max(1, status.data.toRead)}
          value={status.data.read}
          aria-label={say('screen.title')}
        />
      </div>
    </div>
  );
}
