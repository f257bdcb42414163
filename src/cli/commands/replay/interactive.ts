import { emitKeypressEvents } from 'node:readline'
import type { ChangeFragment } from '../../client/generated.ts'
import { changeLines } from '../../history/change-lines.ts'
import { io } from '../../io.ts'
import { dim } from '../../output/colour.ts'
import { note, print } from '../../output/print.ts'
import type { StepBuffer } from './step-buffer.ts'

type Key = 'forward' | 'back' | 'quit'

const KEYS: Readonly<Record<string, Key>> = {
  right: 'forward',
  down: 'forward',
  space: 'forward',
  return: 'forward',
  n: 'forward',
  left: 'back',
  up: 'back',
  backspace: 'back',
  p: 'back',
  q: 'quit',
  escape: 'quit',
}

interface Pressed {
  readonly name?: string
  readonly ctrl?: boolean
}

const nextKey = (stdin: NodeJS.ReadStream): Promise<Key> =>
  new Promise(resolve => {
    const pressed = (_: unknown, { name = '', ctrl = false }: Pressed): void => {
      const key = ctrl && (name === 'c' || name === 'd') ? 'quit' : KEYS[name]
      if (key === undefined) return
      stdin.off('keypress', pressed)
      resolve(key)
    }
    stdin.on('keypress', pressed)
  })

const CLEAR = '\x1b[2J\x1b[H'

const show = (change: ChangeFragment, steps: StepBuffer, hint = ''): void => {
  const { known, isAll } = steps.count
  io().stdout.write(CLEAR)
  for (const line of changeLines(change)) print(line)
  print('')
  print(dim(`${steps.number} of ${known}${isAll ? '' : '+'}   → next   ← back   q ends   ${hint}`))
}

export const stepThrough = async (steps: StepBuffer): Promise<void> => {
  let change = await steps.forward()
  if (change === undefined) {
    note('Nothing changed.')
    return
  }
  const stdin = io().stdin as NodeJS.ReadStream
  emitKeypressEvents(stdin)
  stdin.setRawMode(true)
  stdin.resume()
  try {
    show(change, steps)
    for (let key = await nextKey(stdin); key !== 'quit'; key = await nextKey(stdin)) {
      const next = key === 'forward' ? await steps.forward() : steps.back()
      if (next !== undefined) change = next
      show(change, steps, next === undefined ? `that is the ${key === 'forward' ? 'last' : 'first'} one` : '')
    }
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
  }
}
