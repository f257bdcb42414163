import { type Hash, sha256 } from '../hash-chain/event-hash.ts'

const HASH_BYTES = 32

/**
 * Hashes as RFC 6962, section 2.1, has them: what is a leaf and what is not begins with another byte, so that nobody can
 * pass one off as the other.
 */
const LEAF = '\0'
const NODE = 1

export const leafHash = (leaf: string): Hash => sha256(`${LEAF}${leaf}`)

const node = Buffer.alloc(1 + 2 * HASH_BYTES)
node[0] = NODE
const nodeHash = (left: Hash, right: Hash): Hash => {
  node.write(left, 1, HASH_BYTES, 'hex')
  node.write(right, 1 + HASH_BYTES, HASH_BYTES, 'hex')
  return sha256(node)
}

/** Of a tree without leaves: the hash of nothing. */
const EMPTY = sha256('')

/** What leads from a leaf to the root: siblings from the leaf up. */
export interface AuditPath {
  /** Of the leaf, from 0. */
  readonly index: number
  /** How many leaves the tree has. */
  readonly size: number
  readonly siblings: readonly Hash[]
}

/**
 * A Merkle tree (RFC 6962, section 2.1) whose leaves may be changed: what a change costs grows with the height. On each
 * level neighbours are hashed together, and one without a neighbour goes up as it is, which gives the tree of the RFC.
 */
export class MerkleTree {
  readonly #levels: Hash[][] = [[]]
  /** Of leaves that have changed since the levels above were made. */
  readonly #changed = new Set<number>()

  get size(): number {
    return (this.#levels[0] as Hash[]).length
  }

  /** @param index of a leaf that is there, or the one after the last */
  set(index: number, leaf: string): void {
    ;(this.#levels[0] as Hash[])[index] = leafHash(leaf)
    this.#changed.add(index)
  }

  get root(): Hash {
    this.#update()
    const [top = EMPTY] = this.#levels.at(-1) as Hash[]
    return top
  }

  /** How to get from a leaf to the root. */
  path(index: number): AuditPath {
    this.#update()
    const siblings: Hash[] = []
    let at = index
    for (const level of this.#levels) {
      const sibling = level[at ^ 1]
      if (sibling !== undefined) siblings.push(sibling)
      at >>>= 1
    }
    return { index, size: this.size, siblings }
  }

  #update(): void {
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

/**
 * The root that a leaf and its path lead to: compare it with the root that is trusted.
 *
 * @throws Error where the path is none of a tree of that size
 */
export const rootOf = (leaf: string, { index, size, siblings }: AuditPath): Hash => {
  if (index >= size) throw new Error(`a tree of ${size} leaves has no leaf ${index}`)
  let hashed = leafHash(leaf)
  const rest = [...siblings]
  for (let at = index, last = size - 1; last > 0; at >>>= 1, last >>>= 1) {
    const isRight = (at & 1) === 1
    // One without a neighbour goes up as it is.
    if (!isRight && at === last) continue
    const sibling = rest.shift()
    if (sibling === undefined) throw new Error('the path is too short')
    hashed = isRight ? nodeHash(sibling, hashed) : nodeHash(hashed, sibling)
  }
  if (rest.length > 0) throw new Error('the path is too long')
  return hashed
}
