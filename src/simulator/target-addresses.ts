export interface TargetAddress {
  readonly address: string
  readonly value: number
}

/** Undefined if none is reachable. */
export const chooseAddress = (
  addresses: Iterable<TargetAddress>,
  strategy: 'priority' | 'weighted',
  isReachable: (address: string) => boolean,
  random: () => number,
): string | undefined => {
  const reachable = [...addresses].filter(({ address }) => isReachable(address)).sort((a, b) => b.value - a.value)
  if (strategy === 'priority') return reachable[0]?.address
  let rest = random() * reachable.reduce((sum, { value }) => sum + value, 0)
  for (const { address, value } of reachable) {
    rest -= value
    if (rest < 0) return address
  }
  return reachable[0]?.address
}
