/** What is wrong, and where. */
export interface Finding {
  readonly place: string
  readonly fault: string
}
