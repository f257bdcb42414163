import { commandName } from './resources/kind-names.ts'

/** They may stand before the command too, as with kubectl. */
const SHARED = ['-n', '--namespace', '--server', '--context']
const HELP = 'help'
const SHARED_WITH_VALUE = /^(-n.+|--(namespace|server|context)=.*)$/s

export interface Arranged {
  readonly command: string | undefined
  readonly args: readonly string[]
}

const beforeTerminator = (args: readonly string[], moved: readonly string[]): string[] => {
  const end = args.includes('--') ? args.indexOf('--') : args.length
  return [...args.slice(0, end), ...moved, ...args.slice(end)]
}

/**
 * `-n west get sites` becomes `get sites -n west`.
 *
 * @param isGroup whether a command has commands of its own
 */
export const arrangeArguments = (args: readonly string[], isGroup: (command: string) => boolean): Arranged => {
  const words: string[] = []
  const moved: string[] = []
  let at = 0
  while (
    at < args.length &&
    (words.length === 0 || (words.length === 1 && (words[0] === HELP || isGroup(words[0] as string))))
  ) {
    const arg = args[at] as string
    if (SHARED.includes(arg)) moved.push(...args.slice(at, at + 2))
    else if (SHARED_WITH_VALUE.test(arg)) moved.push(arg)
    else if (arg.startsWith('-')) break
    else words.push(commandName(arg))
    at += SHARED.includes(arg) ? 2 : 1
  }
  const [command] = words
  if (command === undefined) return { command, args }
  return { command, args: [...words, ...beforeTerminator(args.slice(at), moved)] }
}
