export interface PortHolder {
  readonly name: string
  readonly pid: number
}

/** Resolves with the process that listens on an address of the router's host, undefined if that is not known. */
export type FindPortHolder = (
  endpoint: { readonly host: string; readonly port: number },
  signal: AbortSignal,
) => Promise<PortHolder | undefined>
