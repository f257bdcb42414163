/** Whether a text is a regular expression; the server decides finally, with a smaller syntax. */
export const isRegularExpression = (text: string): boolean => {
  try {
    new RegExp(text, 'v')
    return true
  } catch {
    return false
  }
}
