import { printable } from './strip-control.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A text as HTML and SVG show it, in an element or an attribute. */
export const escaped = (text: string): string =>
  printable(text).replace(/[&<>"']/g, character => ENTITIES[character] as string)
