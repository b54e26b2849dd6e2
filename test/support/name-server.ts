/** A DNS server (RFC 1035) on this machine that knows one name, whose address the test changes; every other name, and a lost one, is none. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface NameServer extends AsyncDisposable {
  /** As `dns.setServers` takes it. */
  readonly server: string;
  /** IPv4 address of the name; undefined = the name is not there. */
  address: string | undefined;
  /** Questions for the name so far. */
  readonly asked: number;
}

const A = 1;
const NAME_ERROR = 3;
const TTL_S = 0;

export async function startNameServer(name: string): Promise<NameServer> {
  const socket = createSocket('udp4');
  const state = { address: undefined as string | undefined, asked: 0 };
  socket.on('message', (query, { port, address }) => {
    let at = 12;
    const labels: string[] = [];
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const type = query.readUInt16BE(at + 1);
    const isKnown = labels.join('.').toLowerCase() === name && state.address !== undefined;
    if (labels.join('.').toLowerCase() === name) state.asked += 1;
    const answers = isKnown && type === A ? [answerOf(state.address ?? '')] : [];
    const head = Buffer.alloc(12);
    head.writeUInt16BE(query.readUInt16BE(0), 0);
    // An answer, authoritative, with recursion asked and offered.
    head.writeUInt16BE(0x8580 | (isKnown ? 0 : NAME_ERROR), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(answers.length, 6);
    socket.send(Buffer.concat([head, query.subarray(12, at + 5), ...answers]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    server: `127.0.0.1:${socket.address().port}`,
    get address() {
      return state.address;
    },
    set address(value) {
      state.address = value;
    },
    get asked() {
      return state.asked;
    },
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** One A record for the name of the question. */
function answerOf(address: string): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(A, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(TTL_S, 6);
  record.writeUInt16BE(4, 10);
  record.set(address.split('.').map(Number), 12);
  return record;
}
