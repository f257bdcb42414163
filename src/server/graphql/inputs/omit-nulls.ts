/** An argument or input field of GraphQL's: what is null was not given. */
export type Optional<T> = T | null | undefined

type Given<T> = { readonly [Key in keyof T]: Exclude<T[Key], null> }

/** The same without what is null, one level deep. */
export const omitNulls = <T extends object>(input: T): Given<T> => {
  const result: Record<string, unknown> = {}
  for (const key in input) if (input[key] !== null) result[key] = input[key]
  return result as Given<T>
}
