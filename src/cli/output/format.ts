export type DocumentFormat = 'json' | 'yaml'

export const formatDocument = async (
  value: unknown,
  format: DocumentFormat,
  { oneOfMany = false }: { readonly oneOfMany?: boolean } = {},
): Promise<string> => {
  if (format === 'json') return JSON.stringify(value, null, oneOfMany ? 0 : 2)
  const { stringify } = await import('yaml')
  // YAML 1.1 readers such as kubectl do not read a bare `on` or `12:30` as a string.
  const text = stringify(value, { lineWidth: 0, compat: 'yaml-1.1' }).trimEnd()
  return oneOfMany ? `---\n${text}` : text
}
