/** The byte that ends a line of every file of ours. */
export const NEWLINE = 10;
