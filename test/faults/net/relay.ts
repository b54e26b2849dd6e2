/**
 * Carries connections from one place to another: `node relay.ts <listen> <connect>`, each a path of a Unix socket or `address:port`.
 * Says `ready` when it listens. Sockets of files are the way out of a network namespace that has no other.
 */
import { connect, createServer, type Socket } from 'node:net';

const place = (text: string) => {
  const [, host, port] = /^([\d.]+):(\d+)$/.exec(text) ?? [];
  return host === undefined ? { path: text } : { host, port: Number(port) };
};
const [listen = '', to = ''] = process.argv.slice(2);

const server = createServer({ noDelay: true, allowHalfOpen: false }, (near) => {
  const far: Socket = connect({ ...place(to), noDelay: true });
  const end = () => {
    near.destroy();
    far.destroy();
  };
  for (const socket of [near, far]) socket.on('error', end).on('close', end);
  near.pipe(far).pipe(near);
});
server.listen(place(listen), () => process.stdout.write('ready\n'));
