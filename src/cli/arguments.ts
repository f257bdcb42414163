import { DRY_RUN_WORDS } from './dry-run.ts'
import { commandName } from './resources/kind-names.ts'

/** They may stand before the command too, as with kubectl. */
const SHARED = ['-n', '--namespace', '--server', '--context']
const HELP = 'help'
const SHARED_WITH_VALUE = /^(-n.+|--(namespace|server|context)=.*)$/s

const DRY_RUN = '--dry-run'

/** `none` needs `=`: as the name of a resource it would make a dry run a real one. */
const isDryRunValue = (word: string | undefined): boolean =>
  word !== 'none' && DRY_RUN_WORDS.some(value => value === word)

/** Its value is optional, and the word after it may be one of the command: `delete --dry-run listener backend`. */
const withDryRunValues = (args: readonly string[]): readonly string[] => {
  const end = args.includes('--') ? args.indexOf('--') : args.length
  return args.map((arg, index) =>
    arg === DRY_RUN && index < end && !isDryRunValue(args[index + 1]) ? `${DRY_RUN}=server` : arg,
  )
}

export interface Arranged {
  readonly command: string | undefined
  readonly args: readonly string[]
}

const beforeTerminator = (args: readonly string[], moved: readonly string[]): string[] => {
  const end = args.includes('--') ? args.indexOf('--') : args.length
  return [...args.slice(0, end), ...moved, ...args.slice(end)]
}

/** `-n west get sites` becomes `get sites -n west`. */
export const arrangeArguments = (given: readonly string[], isGroup: (command: string) => boolean): Arranged => {
  const args = withDryRunValues(given)
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
