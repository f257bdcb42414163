/** Without prefixes, matches all but system streams. */
export const streamFilter = (prefixes: readonly string[] | undefined): ((stream: string) => boolean) =>
  prefixes === undefined
    ? stream => !stream.startsWith('$')
    : stream => prefixes.some(prefix => stream.startsWith(prefix))
