import { type ReadonlySignal, signal } from '@preact/signals'

/** The width below which the style sheets arrange pages for a phone. */
const query = matchMedia('(max-width: 44rem)')
const matches = signal(query.matches)
query.addEventListener('change', () => (matches.value = query.matches))

export const isNarrow: ReadonlySignal<boolean> = matches
