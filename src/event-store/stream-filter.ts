/** Tells the streams whose name begins with one of these prefixes; without prefixes, all but a server's own. */
export const streamFilter = (prefixes: readonly string[] | undefined): ((stream: string) => boolean) =>
  prefixes === undefined
    ? stream => !stream.startsWith('$')
    : stream => prefixes.some(prefix => stream.startsWith(prefix))
