import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { render, valuesAt } from '../../../src/cli/output/jsonpath/evaluate.ts'
import { parsePath, parseTemplate } from '../../../src/cli/output/jsonpath/parse.ts'

const LIST = {
  kind: 'List',
  items: [
    {
      metadata: { name: 'a', annotations: { 'x.io/y': '1' } },
      spec: { port: 80, tls: true },
      status: { codes: [1, 2, 3] },
    },
    { metadata: { name: 'b' }, spec: { port: 443, routingKey: "it's" }, status: { codes: [4] } },
  ],
}

const rendered = (template: string): string => render(parseTemplate(template), LIST)

describe('a jsonpath template', () => {
  // What kubectl 1.32 prints for the same template and list.
  for (const [template, text] of [
    ['{.kind}', 'List'],
    ['{$.kind}', 'List'],
    ["{['kind']}", 'List'],
    ['kind: {.kind}.', 'kind: List.'],
    ['{.items[0].metadata.name}', 'a'],
    ['{.items[-1].metadata.name}', 'b'],
    ['{.items[*].metadata.name}', 'a b'],
    ['{.items[*].spec.port}', '80 443'],
    ['{.items[0].status.codes[0:2]}', '1 2'],
    ['{.items[0].status.codes[1:]}', '2 3'],
    ['{.items[0].status.codes[::2]}', '1 3'],
    ['{.items[0].status.codes[0,2]}', '1 3'],
    ['{.items[0].status.codes}', '[1,2,3]'],
    ['{.items[0].spec}', '{"port":80,"tls":true}'],
    ["{.items[0]['metadata','spec'].name}", 'a'],
    ['{.items[0].metadata.annotations.x\\.io/y}', '1'],
    ['{..name}', 'a b'],
    ['{.items[?(@.spec.port==443)].metadata.name}', 'b'],
    ['{.items[?(@.spec.port > 80)].metadata.name}', 'b'],
    ['{.items[?(@.metadata.name!="b")].metadata.name}', 'a'],
    ["{.items[?(@.metadata.name=='b')].spec.port}", '443'],
    ['{.items[?(@.spec.tls)].metadata.name}', 'a'],
    ['{.items[?(@.spec.tls==true)].metadata.name}', 'a'],
    ['{.items[?(@.spec.port=="443")].metadata.name}', ''],
    ['{range .items[*]}{.metadata.name}={.spec.port}{"\\n"}{end}', 'a=80\nb=443\n'],
    ['{range .items[*]}{range .status.codes[*]}{@},{end};{end}', '1,2,3,;4,;'],
    ['{.items[1].spec.routingKey}', "it's"],
    ['{.items[0].missing.key}', ''],
    ['{.items[7]}', ''],
    ['{"{"}', '{'],
  ] as const) {
    it(`prints ${JSON.stringify(text)} for ${template}`, () => assert.equal(rendered(template), text))
  }

  for (const [template, message] of [
    ['{.kind', '"}" is missing, found the end at character 7 of {.kind'],
    ['{kind}', 'a path begins with ".", "[", "$" or "@", not "k" at character 2 of {kind}'],
    ['{.items[}', 'an index, a quoted name, "*" or a filter is missing, found "}" at character 9 of {.items[}'],
    ['{.items[0}', '"]" is missing, found "}" at character 10 of {.items[0}'],
    ['{.items.}', 'a name is missing, found "}" at character 9 of {.items.}'],
    [
      '{.items[?(port==1)]}',
      'a value or a path that begins with "@" is missing, found "p" at character 11 of {.items[?(port==1)]}',
    ],
    ['{.items[?(@.a==1]}', '")" is missing, found "]" at character 17 of {.items[?(@.a==1]}'],
    ['{range .items[*]}a', '{range} without {end} at character 18 of {range .items[*]}a'],
    ['{end}', '{end} without {range} at character 2 of {end}'],
    ['{"a}', 'a quote without its end at character 2 of {"a}'],
    ['{.codes[::0]}', 'a step below 1 at character 12 of {.codes[::0]}'],
  ] as const) {
    it(`reports the position of the fault in ${template}`, () =>
      assert.throws(() => parseTemplate(template), { message }))
  }
})

describe('parsePath', () => {
  for (const path of ['.items[0].spec.port', 'items[0].spec.port', '{.items[0].spec.port}', '$.items[0].spec.port']) {
    it(`reads ${path}`, () => assert.deepEqual(valuesAt(parsePath(path), LIST), [80]))
  }

  it('rejects what follows a path', () => {
    assert.throws(() => parsePath('.spec port'), { message: 'unexpected " " at character 6 of .spec port' })
  })
})

describe('a value in a jsonpath template', () => {
  it('has no control characters, unlike the text around it', () => {
    const document = { message: 'a\u001b]0;title\u0007b\u202e' }
    assert.equal(render(parseTemplate('{.message}{"\\n"}'), document), 'a ]0;title b<U+202E>\n')
  })
})
