import type { Command } from 'commander'
import { addCanI } from './can-i.ts'
import { addWhoami } from './whoami.ts'

/** `hark auth can-i`, as in kubectl, for `hark can-i`. */
export const addAuth = (program: Command): void => {
  const auth = program
    .command('auth')
    .summary('check what you may do, and who you are')
    .description('The commands can-i and whoami, in the words of kubectl.')
    .helpCommand(false)
  addCanI(auth)
  addWhoami(auth)
}
