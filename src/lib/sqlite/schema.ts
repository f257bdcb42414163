import { DatabaseSync } from 'node:sqlite'

interface Part {
  readonly type: string
  readonly name: string
  /** Null for an index that SQLite made with its table. */
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

/** White space may differ between versions of Hark. */
const inOneLine = (sql: string | null): string => (sql ?? '').replaceAll(/\s+/g, ' ')

/** A foreign trigger or view changes results. */
export const schemaFaults = (database: DatabaseSync, schema: string): string[] => {
  const expected = expectedParts(schema)
  const faults: string[] = []
  for (const [name, { sql }] of partsOf(database)) {
    const wanted = expected.get(name)
    expected.delete(name)
    if (wanted === undefined) faults.push(`there is a ${name}, which Hark does not make`)
    else if (inOneLine(wanted.sql) !== inOneLine(sql)) faults.push(`the ${name} differs from the one that Hark makes`)
  }
  return [...faults, ...[...expected.keys()].map(missing => `the ${missing} is missing`)]
}
