import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** `certificate`: certificate, key and any authorities; `whole`: all files; `authorities`: `ca.crt` alone. */
export type BundleUse = 'certificate' | 'whole' | 'authorities'

const FILES = { authorities: 'ca.crt', certificate: 'tls.crt', key: 'tls.key' } as const
const LARGEST_FILE = 1 << 20
const SOON_MS = 7 * 24 * 60 * 60 * 1000

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

type Result<T> = { readonly value: T } | { readonly fault: string }

const read = (folder: string, file: string): Result<string> => {
  try {
    const path = join(folder, file)
    if (statSync(path).size > LARGEST_FILE) return { fault: `${file} is larger than 1 MiB` }
    return { value: readFileSync(path, 'utf8') }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return { fault: code === 'ENOENT' ? `${file} is missing` : `${file} cannot be read (${code})` }
  }
}

const parsed = <T>(found: Result<string>, parse: (text: string) => T, fault: string): Result<T> => {
  if ('fault' in found) return found
  try {
    return { value: parse(found.value) }
  } catch {
    return { fault }
  }
}

const certificatesIn = (text: string): X509Certificate[] => {
  const found = [...text.matchAll(CERTIFICATE)].map(([pem]) => new X509Certificate(pem))
  if (found.length === 0) throw new Error('no certificate')
  return found
}

const validityFaults = (file: string, { validFromDate, validToDate }: X509Certificate, now: number): string[] => {
  if (validToDate.getTime() < now) return [`${file} has expired, on ${validToDate.toISOString()}`]
  return validFromDate.getTime() > now ? [`${file} is not valid before ${validFromDate.toISOString()}`] : []
}

/** Its messages contain no secrets. */
export class Bundle {
  readonly #folder: string
  readonly #authorities: Result<readonly X509Certificate[]>
  readonly #certificate: Result<X509Certificate>
  readonly #keyFault: string | undefined

  constructor(folder: string) {
    this.#folder = folder
    const { authorities, certificate, key } = FILES
    this.#authorities = parsed(read(folder, authorities), certificatesIn, `${authorities} holds no certificate`)
    const own = parsed(read(folder, certificate), certificatesIn, `${certificate} holds no certificate`)
    this.#certificate = 'fault' in own ? own : { value: own.value[0] as X509Certificate }
    const privateKey = parsed(read(folder, key), createPrivateKey, `${key} holds no key that can be read`)
    if ('fault' in privateKey) this.#keyFault = privateKey.fault
    else if ('value' in this.#certificate && !this.#certificate.value.checkPrivateKey(privateKey.value)) {
      this.#keyFault = `${key} is not the key of ${certificate}`
    }
  }

  get hasAuthorities(): boolean {
    return !('fault' in this.#authorities) || this.#authorities.fault !== `${FILES.authorities} is missing`
  }

  faults(use: BundleUse, now: number): readonly string[] {
    const faults: string[] = []
    const authorities = this.#authorities
    if ('fault' in authorities) {
      if (use !== 'certificate' || this.hasAuthorities) faults.push(authorities.fault)
    } else {
      const wrong = authorities.value.map(authority => validityFaults(FILES.authorities, authority, now))
      if (wrong.every(each => each.length > 0)) faults.push(...(wrong[0] ?? []))
    }
    if (use !== 'authorities') {
      const own = this.#certificate
      faults.push(...('fault' in own ? [own.fault] : validityFaults(FILES.certificate, own.value, now)))
      if (this.#keyFault !== undefined) faults.push(this.#keyFault)
    }
    return faults.map(fault => `${fault} in ${this.#folder}`)
  }

  warnings(use: BundleUse, now: number): readonly string[] {
    const own = this.#certificate
    if (use === 'authorities' || 'fault' in own) return []
    const end = own.value.validToDate
    if (end.getTime() < now || end.getTime() - now > SOON_MS) return []
    return [`${FILES.certificate} expires on ${end.toISOString()} in ${this.#folder}`]
  }
}

export interface FilesState {
  readonly signature: string
  /** The newest change in milliseconds since 1970; 0 without files. */
  readonly revision: number
}

export const stateOfFiles = (folder: string): FilesState => {
  const found = Object.values(FILES).map(file => statSync(join(folder, file), { throwIfNoEntry: false }))
  return {
    signature: found.map(stats => stats && [stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(':')).join(' '),
    revision: Math.max(0, ...found.map(stats => Math.floor(Math.max(stats?.ctimeMs ?? 0, stats?.mtimeMs ?? 0)))),
  }
}
