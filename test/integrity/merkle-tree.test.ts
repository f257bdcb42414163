import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MerkleTree, rootOf } from '../../src/integrity/checkpoints/merkle-tree.ts'
import fc from '../support/fast-check.ts'

/** Leaves and roots that implementations of Certificate Transparency are tested with. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

const treeOf = (leaves: readonly string[]): MerkleTree => {
  const tree = new MerkleTree()
  for (const [index, leaf] of leaves.entries()) tree.set(index, leaf)
  return tree
}

const leaves = fc.array(fc.string(), { minLength: 1, maxLength: 70 })

describe('MerkleTree', () => {
  test('computes the roots of the Certificate Transparency test vectors (RFC 6962)', () => {
    const texts = LEAVES.map(hex => Buffer.from(hex, 'hex').toString('latin1'))
    for (const [size, root] of ROOTS.entries()) assert.equal(treeOf(texts.slice(0, size)).root, root)
  })

  test('returns a path that leads from its leaf, and from no other, to the root', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), fc.string(), (all, at, other) => {
        const tree = treeOf(all)
        const index = at % all.length
        const path = tree.path(index)
        assert.equal(rootOf(all[index] as string, path), tree.root)
        if (other !== all[index]) assert.notEqual(rootOf(other, path), tree.root)
      }),
    )
  })

  test('has the same root whether leaves are added together or one by one', () => {
    fc.assert(
      fc.property(leaves, fc.array(fc.tuple(fc.nat(), fc.string(), fc.boolean())), (all, changes) => {
        const tree = treeOf(all)
        const now = [...all]
        for (const [at, leaf, looks] of changes) {
          const index = at % (now.length + 1)
          now[index] = leaf
          tree.set(index, leaf)
          if (looks) assert.equal(tree.root, treeOf(now).root)
        }
        assert.equal(tree.root, treeOf(now).root)
      }),
    )
  })

  test('rejects a path that is too short, too long or of another index', () => {
    const tree = treeOf(['a', 'b', 'c', 'd', 'e'])
    const path = tree.path(1)
    const [first, ...others] = path.siblings as [string, ...string[]]
    assert.throws(() => rootOf('b', { ...path, siblings: others }), /too short/)
    assert.throws(() => rootOf('b', { ...path, siblings: [...path.siblings, first] }), /too long/)
    assert.throws(() => rootOf('b', { ...path, index: 5 }), /no leaf 5/)
    assert.notEqual(rootOf('b', { ...path, index: 2 }), tree.root)
  })
})
