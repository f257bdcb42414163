export interface Operation<Data = unknown, Variables = object> {
  readonly query: string
  /** Type information only; absent at run time. */
  readonly types?: { readonly data: Data; readonly variables: Variables }
}
