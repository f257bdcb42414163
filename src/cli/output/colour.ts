import { styleText } from 'node:util'

const STYLES = {
  Ready: 'green',
  Connected: 'green',
  True: 'green',
  Pending: 'yellow',
  Connecting: 'yellow',
  Unknown: 'yellow',
  Error: 'red',
  False: 'red',
  Deleted: 'dim',
} as const

/** A status in the colour that people expect of it, where standard output is a terminal that shows colours. */
export const statusColour = (text: string): string => {
  const style = STYLES[text as keyof typeof STYLES]
  return style === undefined ? text : styleText(style, text, { stream: process.stdout })
}

export const heading = (text: string): string => styleText('bold', text, { stream: process.stdout })

export const dim = (text: string): string => styleText('dim', text, { stream: process.stdout })

export const removed = (text: string): string => styleText('red', text, { stream: process.stdout })

export const added = (text: string): string => styleText('green', text, { stream: process.stdout })
