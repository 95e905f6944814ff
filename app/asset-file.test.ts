import { describe, expect, it } from 'vitest'
import type { CodedError } from '../domain/errors.ts'
import { parseAssetFile } from './asset-file.ts'

/** Every error as the command line prints it; empty when there is none. */
function errors(text: string): string[] {
  try {
    parseAssetFile('file', text)
    return []
  } catch (thrown) {
    const { code, details } = thrown as CodedError
    expect(code).toBe('assets.invalid')
    return details.map(({ where, why }) => `${where}: ${why}`)
  }
}

const feature = (words: string): string => `{ "type": "FeatureCollection",\n  "features": [\n    ${words}\n  ] }`
const properties = '"id": "z-1", "properties": { "type": "banned" }'
const square = '[[1, 1], [2, 1], [2, 2], [1, 1]]'

describe('CSV', () => {
  it('columns are fields, labels and devices; an empty cell is not given', () => {
    const text = '\uFEFFid,kind,name,lon,lat,devices,labels.fleet,matter\r\n\r\nc-1,cover,"One, ""the first""\nof all",121.4,37.5,d-1 d-2,north,01002\r\nc-2,cover,,,,,,\r\n'
    expect(parseAssetFile('file', text)).toMatchObject([
      { id: 'c-1', name: 'One, "the first"\nof all', lon: 121.4, lat: 37.5, devices: ['d-1', 'd-2'], labels: { fleet: 'north' }, matter: { code: '01002' } },
      { id: 'c-2', name: '', lon: null, lat: null, devices: [], labels: {}, matter: null },
    ])
  })

  it.each<[string, string, string[]]>([
    ['nothing', '', ['file: there is no asset in the file']],
    ['a header alone', 'id,kind\n', ['file: there is no asset in the file']],
    [
      'columns that nobody knows, each with the nearest right one',
      'id,kind,laat,labels,Name\nc-1,cover,37.5,x,y\n',
      ['file:1: "laat": unknown column; did you mean lat?', 'file:1: "labels": unknown column', 'file:1: "Name": unknown column; did you mean name?'],
    ],
    [
      'a needed column that is not there, once and not in each row',
      '\nid,name\nc-1,One\nbad id,Two\n',
      ['file:2: there is no column kind', 'file:4: id: must match [A-Za-z0-9][A-Za-z0-9_.-]{0,63} without ".."'],
    ],
    ['a column that stands twice', 'id,kind,kind\nc-1,cover,cover\n', ['file:1: "kind" stands twice']],
    ['a row with more cells than the header', 'id,kind\nc-1,cover,One\n', ['file:2: the row has 3 cells, the header 2']],
    ['a quote that nothing closes', 'id,kind,name\nc-1,cover,"One\nc-2,cover,Two\n', ['file:2: a quote is opened here that nothing closes']],
    [
      'wrong values in their rows, behind a cell of two lines',
      'id,kind,name,lon\nc-1,cover,"a\nb",121\nc-2,lid,,121\nc-1,cover,,east\nc-3,cover,,999\n',
      [
        'file:4: kind: "lid" is not one of cover, vehicle, camera, zone, sensor, other',
        'file:5: lon: must be a number',
        'file:5: c-1 stands in line 2 too',
        'file:6: lon: must be at most 180',
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(errors(text)).toEqual(expected)
  })
})

describe('GeoJSON', () => {
  it.each<[string, string, object]>([
    [
      'a point is a place, its height left out',
      '{ "type": "Feature", "id": 7, "properties": { "kind": "cover" }, "geometry": { "type": "Point", "coordinates": [121.4, 37.5, 3] } }',
      { id: '7', lon: 121.4, lat: 37.5 },
    ],
    [
      'a line is a route',
      `{ ${properties}, "geometry": { "type": "LineString", "coordinates": ${square} } }`,
      {
        kind: 'zone',
        zone: {
          type: 'banned',
          polygon: [],
          line: [
            [1, 1],
            [2, 1],
            [2, 2],
            [1, 1],
          ],
        },
      },
    ],
    [
      'a polygon is a zone',
      `{ ${properties}, "geometry": { "type": "Polygon", "coordinates": [${square}] } }`,
      {
        kind: 'zone',
        zone: {
          type: 'banned',
          polygon: [
            [
              [1, 1],
              [2, 1],
              [2, 2],
              [1, 1],
            ],
          ],
        },
      },
    ],
    ['so are several', `{ ${properties}, "geometry": { "type": "MultiPolygon", "coordinates": [[${square}], [${square}]] } }`, { kind: 'zone', zone: { polygon: [{}, {}] } }],
    [
      'without a geometry it has no place',
      '{ "properties": { "id": "v-1", "kind": "vehicle", "labels": { "fleet": "north" } }, "geometry": null }',
      { id: 'v-1', lon: null, labels: { fleet: 'north' } },
    ],
  ])('%s', (_, words, expected) => {
    expect(parseAssetFile('file', feature(words))).toMatchObject([expected])
  })

  it.each<[string, string, (string | RegExp)[]]>([
    ['no JSON', '{ "type": "FeatureCollection",\n  "features": [ { } }', [/^file:2: the file is not JSON: /]],
    ['JSON that breaks off', '{\n"features": [\n', [/^file:2: the file is not JSON: /]],
    ['a list', '[1]', ['file:1: must be a FeatureCollection, whose `features` are a list']],
    ['features that are none', '{ "features": 5 }', ['file:1: must be a FeatureCollection, whose `features` are a list']],
    ['an empty list', '{ "features": [] }', ['file: there is no asset in the file']],
    ['null as a feature', feature('null'), ['file:3 (feature 1): must be a Feature']],
    ['properties that are a list', feature('{ "properties": [] }'), ['file:3 (feature 1): properties: must be a map']],
    [
      'a point that is nowhere',
      feature('{ "id": "c-1", "properties": { "kind": "cover" }, "geometry": { "type": "Point" } }'),
      ['file:3 (feature 1): geometry: the coordinates of a Point are [lon, lat]'],
    ],
    [
      'a geometry of a misspelt type',
      feature('{ "id": "c-1", "properties": { "kind": "cover" }, "geometry": { "type": "point", "coordinates": [1, 2] } }'),
      ['file:3 (feature 1): geometry: "point" is not one of Point, LineString, Polygon, MultiPolygon; did you mean Point?'],
    ],
    ['a geometry that is a text', feature('{ "id": "c-1", "properties": { "kind": "cover" }, "geometry": "here" }'), [/^file:3 \(feature 1\): geometry: "" is not one of Point/]],
    [
      'a polygon without rings',
      feature(`{ ${properties}, "geometry": { "type": "Polygon", "coordinates": [] } }`),
      ['file:3 (feature 1): geometry: the coordinates of a Polygon are rings of positions'],
    ],
    [
      'a zone of no sort',
      feature(`{ "id": "z-1", "properties": {}, "geometry": { "type": "Polygon", "coordinates": [${square}] } }`),
      ['file:3 (feature 1): properties.type: is missing: what sort of zone it is, such as banned, depot, site or route'],
    ],
    [
      'every fault of every feature, where it begins, whatever stands in texts and in properties',
      feature(
        '{ "id": "c-1", "properties": { "kind": "cover", "name": "a \\"features\\": [", "x": [1,\n 2] } },\n{ "properties": { "kind": "cover", "nmae": "Two" } }, { "id": "c-1", "properties": { "kind": "lid" } }',
      ),
      [
        'file:3 (feature 1): x: unknown word',
        'file:5 (feature 2): id: is missing',
        'file:5 (feature 2): nmae: unknown word; did you mean name?',
        'file:5 (feature 3): kind: "lid" is not one of cover, vehicle, camera, zone, sensor, other',
        'file:5 (feature 3): c-1 stands in line 3 too',
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(errors(text)).toEqual(expected.map((each) => (typeof each === 'string' ? each : expect.stringMatching(each))))
  })
})
