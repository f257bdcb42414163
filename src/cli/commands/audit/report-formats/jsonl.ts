import { jsonText } from '../../../output/text.ts'
import type { Report } from './records.ts'

/** Has entries only. */
export async function* jsonl({ entries }: Report): AsyncGenerator<string> {
  for await (const page of entries()) yield page.map(entry => `${jsonText(entry)}\n`).join('')
}
