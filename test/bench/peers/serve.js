// What every peer does: answers lines on its input, each a round of calls, with what they took. Runs in a process of its own,
// so that nothing of the peers is loaded into the bench.
import { createInterface } from 'node:readline';

/**
 * Says `ready`, then measures a round for each line `{"calls", "inFlight", "bytes"}`: `{"seconds", "each"}`, `each` being
 * the milliseconds of every call where only one is in flight.
 * @param {(payload: string) => Promise<string>} call answers with a text of the same length
 */
export async function serve(call) {
  process.stdout.write('ready\n');
  for await (const line of createInterface({ input: process.stdin })) {
    const { calls, inFlight, bytes } = JSON.parse(line);
    process.stdout.write(`${JSON.stringify(await measure(call, calls, inFlight, 'x'.repeat(bytes)))}\n`);
  }
}

async function measure(call, calls, inFlight, payload) {
  const each = [];
  let begun = 0;
  const worker = async () => {
    while (begun < calls) {
      begun += 1;
      const from = performance.now();
      const answer = await call(payload);
      if (answer.length !== payload.length)
        throw new Error(`expected ${payload.length} back, got ${answer.length}`);
      if (inFlight === 1) each.push(performance.now() - from);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { seconds: (performance.now() - from) / 1000, each };
}
