import { styleText } from 'node:util'
import { io } from '../io.ts'

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

type Style = Parameters<typeof styleText>[0]

export const styled = (style: Style, text: string): string => styleText(style, text, { stream: io().stdout })

export const statusColour = (text: string): string => {
  const style = STYLES[text as keyof typeof STYLES]
  return style === undefined ? text : styled(style, text)
}

export const heading = (text: string): string => styled('bold', text)
export const dim = (text: string): string => styled('dim', text)
export const removed = (text: string): string => styled('red', text)
export const added = (text: string): string => styled('green', text)
