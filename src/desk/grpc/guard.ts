/** What is refused before any handler runs, whatever the method. */
import { ResponderBuilder, ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';

/**
 * Refuses compressed requests: a small message must not become a large one here (CVE-2024-37168 was a limit bypassed by
 * decompression). grpc-js keeps the header `grpc-encoding` to itself, so it is read from the call's own field.
 */
export const refuseCompression: ServerInterceptor = (_method, call) =>
  new ServerInterceptingCall(
    call,
    new ResponderBuilder()
      .withStart((next) => {
        const encoding: unknown = Reflect.get(call, 'incomingEncoding');
        if (typeof encoding === 'string' && encoding !== 'identity')
          call.sendStatus({
            code: status.UNIMPLEMENTED,
            details: `compressed requests are not taken, got "${encoding.slice(0, 20)}": send with encoding identity`,
          });
        else next();
      })
      .build(),
  );
