/** The transport as the program knows it, but that mailboxes can be struck. */
import { type Mailbox, openMailbox as open } from '../../../src/transport/index.ts';
import { here } from './here.ts';

export * from '../../../src/transport/index.ts';

type Mail = Parameters<Parameters<Mailbox['consume']>[1]>[0];

const MAX_IN_FLIGHT = 32;

export function openMailbox(deps: Parameters<typeof open>[0]): Mailbox {
  const mailbox = open(deps);
  const struck = here.wrapMailbox<Mail>({
    put: (mail) => mailbox.put(mail),
    consume: (lane, handle, options) => mailbox.consume(lane, handle, options),
  });
  return {
    put: (mail) => struck.put(mail),
    consume: (lane, handle, options) =>
      struck.consume(lane, handle, { maxInFlight: MAX_IN_FLIGHT, ...options }),
    backlog: (lane) => mailbox.backlog(lane),
  };
}
