export interface PortHolder {
  readonly name: string
  readonly pid: number
}

/** Resolves to undefined if the process is not known. */
export type FindPortHolder = (
  endpoint: { readonly host: string; readonly port: number },
  signal: AbortSignal,
) => Promise<PortHolder | undefined>
