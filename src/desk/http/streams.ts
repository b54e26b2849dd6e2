/**
 * Answers that last: live updates, files. Each holds a connection and what is read for it, and no limit on calls a minute ends
 * one, so each officer has a bounded number under way.
 */
import type { FastifyReply } from 'fastify';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { DeskError } from '../errors.ts';
import type { OfficerSession } from '../session.ts';

/** Of one officer, in all browsers together: a dozen pages that follow the board, and files beside them. */
const STREAMS_PER_OFFICER = 16;

export class Streams {
  /** By fingerprint of the officer. */
  readonly #open = new Map<string, number>();

  /** Counts one more until its connection is done with it. Throws BUSY. */
  open({ fingerprint }: OfficerSession, reply: FastifyReply): void {
    const open = this.#open.get(fingerprint) ?? 0;
    if (open >= STREAMS_PER_OFFICER)
      throw new DeskError({
        code: 'BUSY',
        message: `expected at most ${STREAMS_PER_OFFICER} pages and files of one officer under way: close one`,
        reason: Reason.REASON_BUSY,
        retry: 'later',
      });
    this.#open.set(fingerprint, open + 1);
    reply.raw.once('close', () => this.#close(fingerprint));
  }

  #close(fingerprint: string): void {
    const left = (this.#open.get(fingerprint) ?? 1) - 1;
    if (left === 0) this.#open.delete(fingerprint);
    else this.#open.set(fingerprint, left);
  }
}
