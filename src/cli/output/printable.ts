/** A router's words may hold anything; what is printed is lines of text. */
export const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ')
