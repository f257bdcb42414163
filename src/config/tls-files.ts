import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { readPem } from './read-pem.ts'

/** Absolute paths of PEM files, or their texts once they are read. */
export interface TlsFiles {
  readonly ca?: string | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

const hasCertificates = (text: string): boolean => {
  const found = text.match(CERTIFICATE) ?? []
  try {
    return found.map(pem => new X509Certificate(pem)).length > 0
  } catch {
    return false
  }
}

/**
 * Returns the texts that could be read.
 *
 * @param errors receives a line for each file that cannot be used, and if the key does not match the certificate
 */
const readTlsFiles = (setting: string, files: TlsFiles, errors: string[]): TlsFiles => {
  const read = (name: keyof TlsFiles): string | undefined => {
    const path = files[name]
    return path === undefined ? undefined : readPem(`${setting}.${name}`, path, errors)
  }
  const [ca, certificate, key] = [read('ca'), read('certificate'), read('key')]
  if (ca !== undefined && !hasCertificates(ca)) errors.push(`${setting}.ca: ${files.ca} holds no certificate (PEM)`)
  if (certificate === undefined || key === undefined) return { ca, certificate, key }
  try {
    createSecureContext({ cert: certificate, key })
  } catch (error) {
    const { message } = error as Error
    errors.push(`${setting}: ${files.certificate} and ${files.key} must be a certificate and its key (PEM): ${message}`)
  }
  return { ca, certificate, key }
}

export const checkTlsFiles = (setting: string, files: TlsFiles, errors: string[]): void => {
  readTlsFiles(setting, files, errors)
}

export const loadTlsFiles = <Files extends TlsFiles>(setting: string, files: Files): Pick<Files, keyof TlsFiles> => {
  const errors: string[] = []
  const texts = readTlsFiles(setting, files, errors)
  if (errors.length > 0) throw new Error(errors.join('; '))
  return texts as Pick<Files, keyof TlsFiles>
}

export const expiryOf = (certificate: string): Date => new X509Certificate(certificate).validToDate
