/** Compares texts by code unit, for an order that is the same on every machine. */
export const compareText = (a: string, b: string): number => {
  if (a === b) return 0
  return a < b ? -1 : 1
}
