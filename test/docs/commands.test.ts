import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { read } from '../support/tree.ts'
import { commandBlocks, commandsOf } from './page.ts'
import { PAGES } from './pages.ts'
import { DocumentationShell } from './shell.ts'

/** What differs between two runs: numbers and the width of columns. */
const shapeOf = (output: string): string =>
  output
    .replace(/\d+/g, '0')
    .replace(/[^\S\n]+/g, ' ')
    .trim()

/** A log in a file is always the same; what a position shows of the demo must be; its history may have other lines. */
const comparable = (line: string, output: string): string => {
  if (line.includes('--store examples/')) return output
  return shapeOf(/ --(at|from|to) \d/.test(line) ? output : (output.split('\n')[0] as string))
}

describe('documented commands', { concurrency: true }, () => {
  for (const page of PAGES) {
    it(`run in the order of ${page} and print what it shows`, async () => {
      await using shell = await DocumentationShell.open()
      const blocks = commandBlocks(read(page))
      assert.notEqual(blocks.length, 0)
      for (const block of blocks) {
        for (const { line, output } of commandsOf(block)) {
          if (block.keepsRunning) {
            await shell.start(line)
            continue
          }
          const ran = await shell.run(line)
          assert.equal(ran.status, 0, `${line}\n${ran.output}`)
          if (output !== undefined) assert.equal(comparable(line, ran.output), comparable(line, output), line)
        }
      }
    })
  }
})
