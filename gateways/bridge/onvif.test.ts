import { describe, expect, it } from 'vitest'
import { PAYLOAD_SCHEMAS } from '../../domain/observation.ts'
import { onvifReport } from './onvif.ts'

const CAMERAS = { BoschCam1: 'cam-1', 'site/00075fd1': 'cam-2' }
const AT = '2026-11-21T01:45:00Z'
const tell = (topic: string, rest: object) => onvifReport(CAMERAS, topic, { UtcTime: AT, ...rest })

describe('ONVIF events over MQTT', () => {
  it.each<[string, string, object, object]>([
    [
      'an object in a field',
      'BoschCam1/onvif-ej/RuleEngine/FieldDetector/ObjectsInside/&1/Kerb',
      { Source: { VideoSource: '1', Rule: 'Kerb' }, Key: { ObjectId: '1207' }, Data: { IsInside: 'true', ClassTypes: 'Vehicle' } },
      { kind: 'scene', device: 'cam-1', payload: { camera: 'cam-1', objects: [{ label: 'vehicle', score: 1, box: [0, 0, 1, 1], track: '1207', zones: ['Kerb'] }] } },
    ],
    [
      'an object that left the field',
      'BoschCam1/onvif-ej/RuleEngine/FieldDetector/ObjectsInside/&1/Kerb',
      { Source: { Rule: 'Kerb' }, Data: { IsInside: false, ObjectId: 1207 } },
      { kind: 'scene', device: 'cam-1', payload: { objects: [] } },
    ],
    [
      'a plate',
      'BoschCam1/onvif-ej/RuleEngine/Recognition/LicensePlate',
      { Data: { PlateNumber: '鲁F12345', Likelihood: '0.87' } },
      { kind: 'scene', payload: { objects: [{ label: 'vehicle', score: 0.87, plate: '鲁F12345' }] } },
    ],
    [
      'a count',
      'BoschCam1/onvif-ej/RuleEngine/CountAggregation/Counter/&1/Entry',
      { Source: { VideoSource: '1', Rule: 'Entry' }, Data: { Count: '17' } },
      { kind: 'sensor', device: 'cam-1', payload: { values: { 'Counter.Entry.Count': 17 } } },
    ],
    [
      'a relay, with name spaces and items written out, as older firmware does',
      'site/00075fd1/onvif-ej/Device/tns1:Trigger/tns1:Relay/&Relay-1',
      { Source: { SimpleItem: [{ Name: 'RelayToken', Value: 'Relay-1' }] }, Data: { SimpleItem: { Name: 'LogicalState', Value: 'true' } } },
      { kind: 'sensor', device: 'cam-2', payload: { values: { 'Relay.Relay-1.LogicalState': true } } },
    ],
    [
      'a dark picture',
      'BoschCam1/onvif-ej/VideoSource/ImageTooDark/AnalyticsService',
      { Data: { State: 'true' } },
      { kind: 'presence', payload: { state: 'online', picture: 'dark' } },
    ],
    [
      'a picture that is well again',
      'BoschCam1/onvif-ej/tns1:VideoSource/tns1:ImageTooDark',
      { Data: { State: false } },
      { kind: 'presence', payload: { state: 'online', picture: 'ok' } },
    ],
    ['tampering', 'BoschCam1/onvif-ej/RuleEngine/TamperDetector/Tamper/&1', { Data: { IsTamper: true } }, { kind: 'presence', payload: { picture: 'covered' } }],
    ['a lost signal', 'BoschCam1/onvif-ej/VideoSource/SignalLoss', { Data: { State: true } }, { kind: 'presence', payload: { state: 'offline' } }],
  ])('%s', (_, topic, rest, expected) => {
    const report = tell(topic, rest)
    expect(report).toMatchObject(expected)
    if (typeof report === 'string') return
    expect(report.payload.at).toBe('2026-11-21T01:45:00.000Z')
    expect(PAYLOAD_SCHEMAS[report.kind].safeParse(report.payload).error).toBeUndefined()
  })

  it.each([
    ['another topic', 'BoschCam1/status', { UtcTime: AT }, 'unreadable'],
    ['a camera that is not ours', 'attic/onvif-ej/VideoSource/SignalLoss', { UtcTime: AT }, 'unknown_camera'],
    ['no event', 'BoschCam1/onvif-ej/VideoSource/SignalLoss', undefined, 'unreadable'],
    ['a time without zone', 'BoschCam1/onvif-ej/Device/Trigger/Relay', { UtcTime: '2026-11-21T01:45:00', Data: { a: 1 } }, 'unreadable'],
    ['an event that says nothing', 'BoschCam1/onvif-ej/Device/Trigger/Relay', { UtcTime: AT }, 'unreadable'],
  ])('passes over %s', (_, topic, payload, why) => {
    expect(onvifReport(CAMERAS, topic, payload)).toBe(why)
  })
})
