/** Settings of private screening in node.yaml. */
import { z } from 'zod';

const PARTNERS = 64;

/** Left out = off: nothing is evaluated, nothing is answered, nobody is asked. */
export const privateScreeningSchema = z
  .strictObject({
    /** Node ids that may ask this node, and that it may ask. */
    partners: z
      .array(z.string().regex(/^[A-Z][A-Z0-9]{1,11}$/, 'expected a node id'))
      .min(1, 'expected at least one partner')
      .max(PARTNERS, `expected at most ${PARTNERS} partners`)
      .refine((ids) => new Set(ids).size === ids.length, 'expected each partner once'),
    /** Questions of one partner a day, UTC; a name is one. */
    budgetPerDay: z
      .number('expected a whole number from 1 to 10000')
      .int('expected a whole number from 1 to 10000')
      .min(1, 'expected 1 to 10000')
      .max(10_000, 'expected 1 to 10000')
      .default(50),
    /** Milliseconds between two looks at what partners may screen against. */
    rebuildMs: z
      .number('expected a whole number from 10000 to 86400000')
      .int('expected a whole number from 10000 to 86400000')
      .min(10_000, 'expected 10000 to 86400000')
      .max(86_400_000, 'expected 10000 to 86400000')
      .default(600_000),
  })
  .optional();
