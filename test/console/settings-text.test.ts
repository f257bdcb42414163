import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { settingsText } from '../../src/console/resources/settings-text.ts'

describe('settingsText', () => {
  test('states names and values', () => {
    assert.equal(settingsText({ linkAccess: 'default', ha: true }), 'linkAccess: default, ha: true')
    assert.equal(settingsText(undefined), '')
  })

  test('states what is nested', () =>
    assert.equal(
      settingsText({ ha: true, settings: { name: 'x', 'router-mode': 'y' } }),
      'ha: true, settings: (name: x, router-mode: y)',
    ))
})
