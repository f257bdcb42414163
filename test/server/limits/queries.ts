import assert from 'node:assert/strict'
import { APPLY, BACKEND } from '../../support/operations.ts'
import { type Cases, counted, list, names, withLimits } from './limited-server.ts'

/** Tests of the limits of a single operation. */
export const QUERY_CASES = {
  queryFields: {
    'counts the fields of spread fragments': async () => {
      await using hark = await withLimits({ queryFields: 3 })
      assert.ok(await hark.data('{ head ...f } fragment f on Query { a: head b: head }'))
      const tooMany = '{ head ...f ...f } fragment f on Query { a: head b: head }'
      names(await hark.graphql(tooMany), 'queryFields', 'BAD_USER_INPUT')
      await counted(hark, 'queryFields', 1)
    },
  },

  queryDepth: {
    'limits the nesting of fields': async () => {
      await using hark = await withLimits({ queryDepth: 2 })
      assert.ok(await hark.data('{ listeners { totalCount } }'))
      names(await hark.graphql('{ listeners { edges { cursor } } }'), 'queryDepth', 'BAD_USER_INPUT')
      await counted(hark, 'queryDepth', 1)
    },
  },

  queryAliases: {
    'limits the aliases of an operation': async () => {
      await using hark = await withLimits({ queryAliases: 2 })
      assert.ok(await hark.data('{ a: head b: head }'))
      names(await hark.graphql('{ a: head b: head c: head }'), 'queryAliases', 'BAD_USER_INPUT')
      await counted(hark, 'queryAliases', 1)
    },
  },

  queryRows: {
    'limits the rows of all lists together': async () => {
      await using hark = await withLimits({ queryRows: 2 })
      const manifests = list(2).map(index => ({
        ...BACKEND,
        metadata: { namespace: 'many', name: `l${index}` },
        spec: { routingKey: 'k', host: `h${index}`, port: 1 },
      }))
      await hark.data(APPLY, { input: { manifests } })
      assert.ok(await hark.data('{ listeners { totalCount } }'))
      names(
        await hark.graphql('{ a: listeners { totalCount } b: listeners { totalCount } }'),
        'queryRows',
        'BAD_USER_INPUT',
      )
      await counted(hark, 'queryRows', 1)
    },
  },
} satisfies Partial<Cases>
