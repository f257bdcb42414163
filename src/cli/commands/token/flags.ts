export interface DataFlag {
  readonly data?: string
}

export interface CreateFlags extends DataFlag {
  readonly role: readonly string[]
  readonly expires?: number
}

export interface ListFlags extends DataFlag {
  readonly output: 'table' | 'json' | 'yaml'
}
