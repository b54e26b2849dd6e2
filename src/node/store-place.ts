/** Where a node's store is: a file of its folder, or a database on a server (`store` of node.yaml). */
import { readSecret } from '../identity/index.ts';
import { type AnyStoreOptions, describePostgres } from '../store/index.ts';
import { inNode, type NodeConfig, type NodePaths } from './config.ts';
import { NodeError } from './errors.ts';

/** The first line of a file that only its owner can read. Throws SECRET_PERMISSIONS, SECRET_UNREADABLE, FILE_INVALID. */
export async function passwordIn(file: string): Promise<string> {
  const text = new TextDecoder().decode(await readSecret(file)).replace(/\r?\n$/, '');
  if (text === '' || /[\r\n\0]/.test(text))
    throw new NodeError({ code: 'FILE_INVALID', message: `${file}: expected one line, the password` });
  return text;
}

/** How to open it. Throws what `passwordIn` throws. */
export async function storeOptions(paths: NodePaths, { store }: NodeConfig): Promise<AnyStoreOptions> {
  if (store === undefined) return { path: paths.store };
  return {
    url: store.url,
    ...(store.passwordFile !== undefined && {
      password: await passwordIn(inNode(paths, store.passwordFile)),
    }),
  };
}

/** For people. */
export const describeStore = (paths: NodePaths, { store }: NodeConfig): string =>
  store === undefined ? paths.store : describePostgres(store.url);
