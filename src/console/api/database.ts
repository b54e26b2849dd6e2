/** Tables of the browser's database (W3C IndexedDB), each in one of its own: opened for one piece of work, so that it can be deleted. */

export interface Table {
  readonly database: string;
  /** A higher one begins anew: nothing of an earlier form is read. */
  readonly version: number;
}

/** Every row is found by it. */
const KEY_PATH = 'id';
const NAME = 'row';

const open = ({ database, version }: Table): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(database, version);
    request.onupgradeneeded = () => {
      for (const name of request.result.objectStoreNames) request.result.deleteObjectStore(name);
      request.result.createObjectStore(NAME, { keyPath: KEY_PATH });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no database in this browser'));
  });

/** One transaction; what it wrote is on the disk once it resolves. */
export async function within<Value>(
  table: Table,
  mode: IDBTransactionMode,
  work: (rows: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value> {
  const database = await open(table);
  try {
    return await new Promise<Value>((resolve, reject) => {
      const transaction = database.transaction(NAME, mode, { durability: 'strict' });
      const request = work(transaction.objectStore(NAME));
      const failed = () => reject(transaction.error ?? new Error('the browser kept nothing'));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = failed;
      transaction.onabort = failed;
    });
  } finally {
    database.close();
  }
}

/** The table with all that it holds. */
export const drop = ({ database }: Table): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(database);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error ?? new Error('the browser did not delete it'));
  });
