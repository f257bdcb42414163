export interface ServerEvent {
  readonly streamId: string
  readonly id: string
  readonly type: string
  readonly revision: number
  readonly position: { readonly commit: number }
  readonly created: Date
  /** A string if it is not valid JSON; bytes if its type is another. */
  readonly data: unknown
  readonly metadata: unknown
}

export type SubscriptionMessage =
  | { readonly kind: 'event'; readonly event?: ServerEvent }
  | { readonly kind: 'checkpoint'; readonly position: number }
  | { readonly kind: 'confirmation' | 'caughtUp' | 'fellBehind' | 'other' }
