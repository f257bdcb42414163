/** A block of commands in a Markdown page: `sh` without output, `console` with it. */
interface CommandBlock {
  readonly language: 'sh' | 'console'
  /** The text between the fences. */
  readonly text: string
  /** Its process continues during the commands that follow: `<!-- keeps running -->` stands above the block. */
  readonly keepsRunning: boolean
}

export interface Command {
  /** As a shell takes it, here-documents included. */
  readonly line: string
  /** What the page shows below it; undefined in a block without output. */
  readonly output: string | undefined
}

const BLOCK = /^(?:<!-- (keeps running|not run) -->\n)?```(sh|console)\n([\s\S]*?)^```$/gm

const toBlock = ([, directive, language, text]: RegExpMatchArray): CommandBlock | undefined =>
  directive === 'not run'
    ? undefined
    : { language: language as 'sh' | 'console', text: text as string, keepsRunning: directive === 'keeps running' }

/** The blocks of a page in order, without those that follow `<!-- not run -->`. */
export const commandBlocks = (page: string): CommandBlock[] =>
  [...page.matchAll(BLOCK)].map(toBlock).filter(block => block !== undefined)

/** The commands of a block: a whole `sh` block is one script; in `console`, each line that begins with `$`. */
export const commandsOf = ({ language, text }: CommandBlock): Command[] => {
  if (language === 'sh') return [{ line: text, output: undefined }]
  return text
    .split(/^\$ /m)
    .slice(1)
    .map(part => {
      const [line = '', ...output] = part.split('\n')
      return { line, output: output.join('\n').trim() }
    })
}

/**
 * The page with the outputs of its `console` blocks replaced.
 *
 * @param outputs for each block in order, the output of each of its commands; empty to keep the block
 */
export const withOutputs = (page: string, outputs: readonly (readonly string[])[]): string => {
  const remaining = [...outputs]
  return page.replace(BLOCK, (...match) => {
    const [whole, , , text] = match as unknown as [string, string, string, string]
    const block = toBlock(match as unknown as RegExpMatchArray)
    if (block === undefined) return whole
    const recorded = remaining.shift() ?? []
    if (block.language !== 'console' || recorded.length === 0) return whole
    const commands = commandsOf(block).map(({ line }, index) => `$ ${line}\n${recorded[index] ?? ''}`.trimEnd())
    return whole.replace(text, () => `${commands.join('\n\n')}\n`)
  })
}
