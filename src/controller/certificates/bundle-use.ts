import type { BundleUse } from './bundle.ts'

/** A listener needs authorities only if it verifies clients; a connector needs the certificate only to present it. */
export const bundleUse = (spec: object): BundleUse => {
  if ('requireClientCert' in spec) return spec.requireClientCert === true ? 'whole' : 'certificate'
  if (!('useClientCert' in spec)) return 'certificate'
  return spec.useClientCert === true ? 'whole' : 'authorities'
}
