import { jsonText } from '../../../output/text.ts'
import type { Report } from './records.ts'

/** Entries alone, one a line. */
export async function* jsonl({ entries }: Report): AsyncGenerator<string> {
  for await (const page of entries()) yield page.map(entry => `${jsonText(entry)}\n`).join('')
}
