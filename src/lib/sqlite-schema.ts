import { DatabaseSync } from 'node:sqlite'

interface Part {
  readonly type: string
  readonly name: string
  /** Null for an index that comes with its table. */
  readonly sql: string | null
}

const partsOf = (database: DatabaseSync): Map<string, Part> => {
  const parts = database.prepare('SELECT type, name, sql FROM sqlite_schema').all() as unknown as Part[]
  return new Map(parts.map(part => [`${part.type} ${part.name}`, part]))
}

const expectedParts = (schema: string): Map<string, Part> => {
  const database = new DatabaseSync(':memory:')
  try {
    database.exec(schema)
    return partsOf(database)
  } finally {
    database.close()
  }
}

/** Without regard to how the text is laid out, which may differ between versions of Hark. */
const inOneLine = (sql: string | null): string => (sql ?? '').replaceAll(/\s+/g, ' ')

/**
 * What a database has that it should not have, and the other way round: a trigger or a view changes what is read or written
 * and is no row of any table.
 *
 * @param schema the statements that make it
 */
export const schemaFaults = (database: DatabaseSync, schema: string): string[] => {
  const expected = expectedParts(schema)
  const faults: string[] = []
  for (const [name, { sql }] of partsOf(database)) {
    const wanted = expected.get(name)
    expected.delete(name)
    if (wanted === undefined) faults.push(`there is a ${name}, which is none of Hark's`)
    else if (inOneLine(wanted.sql) !== inOneLine(sql)) faults.push(`the ${name} is not as Hark makes it`)
  }
  return [...faults, ...[...expected.keys()].map(missing => `the ${missing} is missing`)]
}
