import { type Hash, sha256 } from '../hash-chain/event-hash.ts'

const HASH_BYTES = 32

/** RFC 6962, section 2.1: different prefixes prevent exchanging leaves and inner nodes. */
const LEAF = '\0'
const NODE = 1

const leafHash = (leaf: string): Hash => sha256(`${LEAF}${leaf}`)

const node = Buffer.alloc(1 + 2 * HASH_BYTES)
node[0] = NODE
const nodeHash = (left: Hash, right: Hash): Hash => {
  node.write(left, 1, HASH_BYTES, 'hex')
  node.write(right, 1 + HASH_BYTES, HASH_BYTES, 'hex')
  return sha256(node)
}

const EMPTY = sha256('')

export interface AuditPath {
  readonly index: number
  readonly size: number
  /** Ordered from leaf to root. */
  readonly siblings: readonly Hash[]
}

/** RFC 6962, section 2.1, with mutable leaves. A node without a neighbour moves up unchanged. */
export class MerkleTree {
  readonly #levels: Hash[][] = [[]]
  readonly #changed = new Set<number>()

  get size(): number {
    return (this.#levels[0] as Hash[]).length
  }

  set(index: number, leaf: string): void {
    ;(this.#levels[0] as Hash[])[index] = leafHash(leaf)
    this.#changed.add(index)
  }

  get root(): Hash {
    this.settle()
    const [top = EMPTY] = this.#levels.at(-1) as Hash[]
    return top
  }

  path(index: number): AuditPath {
    this.settle()
    const siblings: Hash[] = []
    let at = index
    for (const level of this.#levels) {
      const sibling = level[at ^ 1]
      if (sibling !== undefined) siblings.push(sibling)
      at >>>= 1
    }
    return { index, size: this.size, siblings }
  }

  /** Hashes the nodes above changed leaves, which the root and paths need. */
  settle(): void {
    let changed = new Set(this.#changed)
    this.#changed.clear()
    for (let height = 0; (this.#levels[height] as Hash[]).length > 1; height++) {
      const below = this.#levels[height] as Hash[]
      this.#levels[height + 1] ??= []
      const level = this.#levels[height + 1] as Hash[]
      const parents = new Set<number>()
      for (const index of changed) parents.add(index >>> 1)
      for (const parent of parents) {
        const [left, right] = [below[2 * parent] as Hash, below[2 * parent + 1]]
        level[parent] = right === undefined ? left : nodeHash(left, right)
      }
      changed = parents
    }
  }
}

interface PathStep {
  readonly side: 'left' | 'right'
  readonly sibling: Hash
}

/** From leaf to root. */
export const stepsOf = ({ index, size, siblings }: AuditPath): readonly PathStep[] => {
  if (index >= size) throw new Error(`a tree of ${size} leaves has no leaf ${index}`)
  const steps: PathStep[] = []
  const rest = [...siblings]
  for (let at = index, last = size - 1; last > 0; at >>>= 1, last >>>= 1) {
    const isRight = (at & 1) === 1
    if (!isRight && at === last) continue
    const sibling = rest.shift()
    if (sibling === undefined) throw new Error('the path is too short')
    steps.push({ side: isRight ? 'left' : 'right', sibling })
  }
  if (rest.length > 0) throw new Error('the path is too long')
  return steps
}

export const rootOf = (leaf: string, path: AuditPath): Hash =>
  stepsOf(path).reduce(
    (hashed, { side, sibling }) => (side === 'left' ? nodeHash(sibling, hashed) : nodeHash(hashed, sibling)),
    leafHash(leaf),
  )
