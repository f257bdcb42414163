/** JSON leaves these as they are, and terminals take some of them for commands. */
const CONTROLS = /[\u007f-\u009f]/g

/** A value as JSON in one line that is safe to show on a terminal. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replace(CONTROLS, control => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)
