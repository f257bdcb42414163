import { faultLine } from '../../../schemas/faults.ts'
import { EXIT, Failure } from '../failure.ts'

/** An error as GraphQL gives it, with what Hark adds. */
export interface ApiError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: {
    readonly code?: string
    readonly fields?: readonly { readonly path: string; readonly message: string }[]
    /** What of a batch was done all the same. */
    readonly results?: readonly object[]
    readonly alsoFailed?: readonly string[]
  }
}

const linesOf = ({ message, extensions = {} }: ApiError): readonly string[] => {
  const { code, fields = [], alsoFailed = [] } = extensions
  if (code === 'UNAUTHENTICATED') return [`${message}: HARK_TOKEN is to hold a token that the engine knows`]
  return [...(fields.length === 0 ? [message] : fields.map(faultLine)), ...alsoFailed]
}

/** The engine answered, and refused. */
export class Refused extends Failure {
  readonly errors: readonly ApiError[]

  constructor(errors: readonly ApiError[]) {
    super(errors.flatMap(linesOf))
    this.errors = errors
  }
}

export class Unreachable extends Failure {
  constructor(line: string) {
    super(line, EXIT.unreachable)
  }
}

export const noAnswer = (server: URL): Unreachable =>
  new Unreachable(
    `no Hark engine answers at ${serverName(server)}: start one with "hark serve" (in a checkout: npm start)`,
  )

/** Where the engine shows a certificate that is not taken here; undefined for whatever else went wrong. */
export const distrust = (server: URL, error: unknown): Unreachable | undefined => {
  const { code = '', message = '' } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException
  if (!/CERT|SIGNATURE/.test(code)) return undefined
  return new Unreachable(
    `${serverName(server)} shows a certificate that is not trusted: ${message}; NODE_EXTRA_CA_CERTS takes the file of an authority`,
  )
}

/** The address as people write it, without a password that may stand in it. */
export const serverName = ({ protocol, host, pathname }: URL): string =>
  `${protocol}//${host}${pathname.replace(/\/$/, '')}`
