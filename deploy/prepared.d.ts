export const cacheFolder: string;
export function preparedFolder(): string;
export function preparedConsole(): string | undefined;
export function preparedEntry(): string | undefined;
