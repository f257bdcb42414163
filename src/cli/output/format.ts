/** How a machine wants it. */
export type DocumentFormat = 'json' | 'yaml'

/** The value as one document: pretty where people may look at it, one line of JSON where many follow each other. */
export const formatDocument = async (
  value: unknown,
  format: DocumentFormat,
  { oneOfMany = false }: { readonly oneOfMany?: boolean } = {},
): Promise<string> => {
  if (format === 'json') return JSON.stringify(value, null, oneOfMany ? 0 : 2)
  const { stringify } = await import('yaml')
  // Readers of YAML 1.1, kubectl among them, take a bare `on` or `12:30` for something else than a text.
  const text = stringify(value, { lineWidth: 0, compat: 'yaml-1.1' }).trimEnd()
  return oneOfMany ? `---\n${text}` : text
}
