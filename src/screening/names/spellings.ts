/** Words whose other spellings are read as one, as parts of a grown-together name. */
export const SPELLINGS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    deen: 'din',
    dine: 'din',
    deene: 'din',
    dein: 'din',
    eddine: 'din',
    eddin: 'din',
    uddin: 'din',
    uddeen: 'din',
    addin: 'din',
    aldin: 'din',
    oddin: 'din',
    ullah: 'allah',
    ollah: 'allah',
    ulla: 'allah',
    alla: 'allah',
    lah: 'allah',
  }),
);
