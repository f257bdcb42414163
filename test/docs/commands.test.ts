import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { read } from '../support/tree.ts'
import { commandBlocks, commandsOf } from './page.ts'
import { PAGES } from './pages.ts'
import { DocumentationShell } from './shell.ts'

/** The first line without what differs between two runs: numbers and the width of columns. */
const shapeOf = (output: string): string =>
  (output.split('\n')[0] as string).replace(/\d+/g, '0').replace(/\s+/g, ' ').trim()

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
          if (output !== undefined) assert.equal(shapeOf(ran.output), shapeOf(output), line)
        }
      }
    })
  }
})
