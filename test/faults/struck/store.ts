/** The store as the program knows it, but that what is opened can be struck. */
import { type AnyStoreOptions, openStore as open, type Store } from '../../../src/store/index.ts';
import { here } from './here.ts';

export * from '../../../src/store/index.ts';

export const openStore = async (options: AnyStoreOptions): Promise<Store> =>
  here.wrapStore(await open(options));
