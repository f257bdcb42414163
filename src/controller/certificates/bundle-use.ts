import type { BundleUse } from './bundle.ts'

/** A listener needs authorities only to verify clients; a connector needs the certificate only to present it. */
export const bundleUse = (spec: object): BundleUse => {
  if (!('useClientCert' in spec)) return 'certificate'
  return spec.useClientCert === true ? 'whole' : 'authorities'
}
