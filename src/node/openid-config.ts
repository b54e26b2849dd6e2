/** The part of node.yaml about the agency's own sign-in, an OpenID provider. */
import { z } from 'zod';

/** What a person may change of himself, or a provider give to another: these name nobody for good (OpenID Connect Core §5.1, §5.7). */
const CHANGEABLE: ReadonlySet<string> = new Set([
  'name',
  'given_name',
  'family_name',
  'middle_name',
  'nickname',
  'preferred_username',
  'profile',
  'email',
  'phone_number',
]);

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** An issuer identifier (OpenID Connect Discovery §3): no query, no fragment, nobody's password. */
function issuerUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null || !['https:', 'http:'].includes(url.protocol)) return undefined;
  return url.search === '' && url.hash === '' && url.username === '' && url.password === '' ? url : undefined;
}

export const openidSchema = z
  .strictObject({
    /** As the sign-in page names it. */
    name: z.string().min(1).max(60, 'expected at most 60 characters'),
    issuer: z
      .string()
      .max(500)
      .refine((text) => issuerUrl(text) !== undefined, 'expected https://host, a path at most after it'),
    clientId: z.string().min(1).max(255),
    /** File of mode 0600 with the client's secret on one line; left out = a public client. */
    clientSecretFile: z.string().min(1).optional(),
    /** Claim of the ID token that names the officer. */
    claim: z
      .string()
      .regex(/^[A-Za-z0-9_:/.-]{1,100}$/, 'expected the name of a claim')
      .refine(
        (claim) => !CHANGEABLE.has(claim),
        'expected a claim that stays one person’s: this one can be changed or given to another',
      )
      .default('sub'),
    /** The provider is on this machine and speaks plain HTTP. */
    loopbackHttp: z.boolean().default(false),
  })
  .superRefine(({ issuer, loopbackHttp }, { addIssue }) => {
    const url = issuerUrl(issuer);
    if (url === undefined) return;
    const fault = (path: string, message: string) => addIssue({ code: 'custom', path: [path], message });
    const isLoopback = url.protocol === 'http:' && LOOPBACK.has(url.hostname);
    if (url.protocol === 'http:' && !isLoopback)
      fault('issuer', 'expected https: what comes by http could be anybody’s word about who signs in');
    if (isLoopback && !loopbackHttp)
      fault('issuer', 'expected https; for a provider on this machine alone, set loopbackHttp: true');
    if (loopbackHttp && !isLoopback)
      fault('loopbackHttp', 'expected a provider at http://localhost: remove the key');
  });
