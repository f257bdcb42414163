const text = (value: unknown): string =>
  typeof value === 'object' && value !== null ? `(${settingsText(value)})` : String(value)

/** `name: value, …`; what is nested is in parentheses. */
export const settingsText = (settings: unknown): string =>
  Object.entries(settings ?? {})
    .map(([name, value]) => `${name}: ${text(value)}`)
    .join(', ')
