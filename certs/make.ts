/**
 * Makes the certificate authorities of a development network by a recipe: node certs/make.ts [recipe.json] [folder].
 * What exists is kept: a second run adds what is missing and never replaces a key. See README.md beside this file.
 */
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  createAuthority,
  DESK_GROUP_TOKENS,
  type IssuedCertificate,
  type IssuingAuthority,
  issueNodeCertificate,
  issueOfficerCertificate,
  makeSecretDirectory,
  OFFICER_ROLES,
  readSecret,
  writeSecret,
} from '../src/identity/index.ts';

const deskGroups = Object.keys(DESK_GROUP_TOKENS) as [keyof typeof DESK_GROUP_TOKENS];

const recipe = z.strictObject({
  authorities: z.array(
    z.strictObject({
      node: z.string(),
      name: z.string(),
      country: z.string(),
      permittedHosts: z.array(z.string()).optional(),
      hosts: z.array(z.string()).optional(),
      officers: z.array(
        z.strictObject({
          file: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
          name: z.string(),
          agency: z.string(),
          deskGroup: z.enum(deskGroups),
          role: z.enum(OFFICER_ROLES),
        }),
      ),
    }),
  ),
});

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Key first: a certificate without its key would look finished and be of no use. */
async function keep(dir: string, file: string, make: () => Promise<IssuedCertificate>): Promise<void> {
  if (await exists(join(dir, `${file}.pem`))) return;
  const issued = await make();
  await writeSecret(join(dir, `${file}.key`), issued.keyPem);
  await writeFile(join(dir, `${file}.pem`), issued.chainPem);
}

async function authorityIn(
  dir: string,
  options: Parameters<typeof createAuthority>[0],
): Promise<IssuingAuthority> {
  if (!(await exists(join(dir, 'root.pem')))) {
    const made = await createAuthority(options);
    await writeSecret(join(dir, 'root.key'), made.rootKeyPem);
    await writeSecret(join(dir, 'statement.key'), made.statementKeyPem);
    await writeSecret(join(dir, 'authority.key'), made.authorityKey);
    await writeFile(join(dir, 'statement.pem'), made.statementCertPem);
    await writeFile(join(dir, 'root.pem'), made.rootCertPem);
  }
  const text = async (file: string): Promise<string> =>
    Buffer.from(await readSecret(join(dir, file))).toString();
  return { rootKeyPem: await text('root.key'), rootCertPem: await readFile(join(dir, 'root.pem'), 'utf8') };
}

const [recipePath = join(import.meta.dirname, 'demo.json'), out = join(import.meta.dirname, 'out')] =
  process.argv.slice(2);
const { authorities } = recipe.parse(JSON.parse(await readFile(recipePath, 'utf8')));
const nowMs = Date.now();
for (const { node, name, country, permittedHosts, hosts, officers } of authorities) {
  const dir = join(out, node.toLowerCase());
  await makeSecretDirectory(dir);
  const authority = await authorityIn(dir, {
    node,
    name,
    country,
    nowMs,
    ...(permittedHosts && { permittedHosts }),
  });
  const order = { authority, node, nowMs };
  await keep(dir, 'node', () => issueNodeCertificate({ ...order, ...(hosts && { hosts }) }));
  for (const { file, ...officer } of officers)
    await keep(dir, `officer-${file}`, () => issueOfficerCertificate({ ...order, ...officer }));
  console.log(`${node}: ${dir}`);
}
