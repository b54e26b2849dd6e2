import { describe, expect, it } from 'vitest';
import { base64url } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import { Challenges } from '../../../src/desk/sign-in/passkey.ts';

describe('questions to passkeys', () => {
  it('wait in 2,000 at most: one more and the oldest is forgotten', () => {
    let given = 0;
    const bytes = (count: number) => {
      const made = Buffer.alloc(count);
      given += 1;
      made.writeUInt32BE(given);
      return made;
    };
    const forgotten = (count: number) => {
      const challenges = new Challenges({ nowMs: () => 0 }, { bytes });
      const asked = Array.from({ length: count }, () => base64url(challenges.give()));
      return asked.flatMap((challenge, at) => (challenges.take(challenge) ? [] : [at]));
    };
    expect(forgotten(2_000)).toEqual([]);
    expect(forgotten(2_001)).toEqual([0]);
  });

  it('wait for five minutes, to the millisecond, and count once', () => {
    let now = 0;
    const challenges = new Challenges({ nowMs: () => now }, systemRandom);
    const asked = () => base64url(challenges.give());
    const [early, late] = [asked(), asked()];
    now = 300_000 - 1;
    expect([challenges.take(early), challenges.take(early)]).toEqual([true, false]);
    now = 300_000;
    expect(challenges.take(late)).toBe(false);
  });
});
