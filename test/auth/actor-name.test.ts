import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isActorName } from '../../src/auth/actor-name.ts'

describe('isActorName', () => {
  for (const name of [
    'alice',
    'ci@example.org',
    'auth0|5f7c8ec7c33c6c004bbafe82',
    'system:serviceaccount:west:deployer',
    'https://id.example.org/users/7',
    'Jürgen Müller',
    '山田太郎',
    'Алиса',
    'agent-7',
    'agents',
    'x',
    'x'.repeat(255),
  ])
    it(`accepts ${name.slice(0, 60)}`, () => assert.ok(isActorName(name)))

  for (const name of [
    '',
    'agent',
    'Agent',
    'AGENT',
    'ágent',
    'аgent',
    'аɡеnт',
    'ａｇｅｎｔ',
    'a.gent',
    'agent ',
    ' alice',
    'ag\u200bent',
    'alice\u202etxt.exe',
    'al\u00adice',
    'alice\u2066',
    'alice\ufe0f',
    'alice\n',
    'alice\ud800',
    'Anonymous',
    'аnоnуmоus',
    'a'.repeat(256),
  ])
    it(`rejects ${JSON.stringify(name).slice(0, 40)}`, () => assert.ok(!isActorName(name)))
})
