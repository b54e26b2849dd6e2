/** Version of the program, as status and metrics state it. */
export const VERSION = '0.1.0';
