import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DISPATCHER, NINE, transitionOf } from '../../fixtures/records.ts'
import { openEvidenceKey, publicEvidenceKey } from '../../store/evidence-key.ts'
import { attachDue } from './attach.ts'
import { exportEvidence } from './export.ts'
import { type EvidenceRig, evidenceRig } from './room.fixture.ts'
import { verifyEvidence } from './verify.ts'
import { unzip } from './zip.ts'

let rig: EvidenceRig
let original: Map<string, Uint8Array>
let copy: Map<string, Uint8Array>
let own: string
beforeEach(async () => {
  rig = await evidenceRig()
  await rig.apply(transitionOf(10))
  await attachDue(rig.deps(), NINE)
  const bundle = async (asIs: boolean): Promise<Map<string, Uint8Array>> => unzip(await exportEvidence(rig.deps(), 'a-1', { original: asIs }, DISPATCHER))
  ;[original, copy] = [await bundle(true), await bundle(false)]
  own = publicEvidenceKey(join(rig.at.folder, 'evidence-key.pem')) ?? ''
})
afterEach(() => rig.remove())

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)
const changed = (files: Map<string, Uint8Array>, name: string, change: (text: string) => string): Map<string, Uint8Array> =>
  new Map([...files, [name, new TextEncoder().encode(change(text(files.get(name))))]])
const check = (files: Map<string, Uint8Array>, trusted = [own]) =>
  verifyEvidence(files.get('manifest.json') ?? new Uint8Array(), files.get('export.json'), async (name) => files.get(name), trusted)

describe('a check of evidence', () => {
  it('finds that all is as it was signed, of the originals and of the copy', async () => {
    expect(await check(original)).toMatchObject({ ok: true, alert: 'a-1', signature: 'good', faults: [], files: [{ name: 'readings.json', found: 'same' }] })
    expect(await check(copy)).toMatchObject({ ok: true, signature: 'good', faults: [] })
  })

  it.each<[string, () => Map<string, Uint8Array>, RegExp]>([
    ['a file that was changed', () => changed(original, 'readings.json', (before) => before.replace('32.5', '12.5')), /readings\.json: its SHA-256 is/],
    ['a file that was taken out', () => new Map([...original].filter(([name]) => name !== 'readings.json')), /readings\.json: the file is not there/],
    ['a manifest that was changed', () => changed(original, 'manifest.json', (before) => before.replace('cover-0001', 'cover-0002')), /the signature is not that of this text/],
    ['a manifest without a signature', () => changed(original, 'manifest.json', (before) => before.replace(/,"signature":\{[^}]*\}/, '')), /bears no signature/],
    ['a manifest that is none', () => changed(original, 'manifest.json', () => '{}'), /no manifest of this platform/],
    ['a copy whose statement was changed', () => changed(copy, 'export.json', (before) => before.replace('lin', 'wang')), /export\.json: the signature/],
    ['a statement of another manifest', () => new Map([...copy, ['manifest.json', original.get('manifest.json') as Uint8Array], ['export.json', foreign()]]), /export\.json/],
  ])('names %s', async (_, files, fault) => {
    const checked = await check(files())
    expect(checked.ok).toBe(false)
    expect(checked.faults.join('; ')).toMatch(fault)
  })

  it('vouches for no key that it was not told to trust', async () => {
    const stranger = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
    for (const trusted of [[], [stranger]])
      expect(await check(original, trusted)).toMatchObject({ ok: false, signature: 'unknown', faults: [expect.stringContaining('none of those trusted')] })
  })
})

function foreign(): Uint8Array {
  return new TextEncoder().encode(text(copy.get('export.json')).replace(/"manifest":"[0-9a-f]{64}"/, `"manifest":"${'0'.repeat(64)}"`))
}

describe('the key of the platform', () => {
  it('is made once, read by its owner alone, and never replaced by another', () => {
    const path = join(rig.at.folder, 'key.pem')
    expect(publicEvidenceKey(path)).toBeUndefined()
    const first = openEvidenceKey(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(openEvidenceKey(path).keyId).toBe(first.keyId)
    expect(createPublicKey(first.publicKey).asymmetricKeyType).toBe('ed25519')
    expect(publicEvidenceKey(path)).toBe(first.publicKey)
    writeFileSync(path, 'something else')
    expect(() => openEvidenceKey(path)).toThrow(expect.objectContaining({ code: 'data.broken' }))
  })
})
