import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openBook } from '../../store/book/book.ts'
import { attachDue } from './attach.ts'
import { type EvidenceRig, evidenceRig, second } from './room.fixture.ts'
import { verifyEvidence } from './verify.ts'

let rig: EvidenceRig | undefined
afterEach(() => rig?.remove())

/** Raises alerts with evidence, one after the other, and says how far it is, until it is killed. */
const WORKER = `
import { attachDue } from ${JSON.stringify(join(import.meta.dirname, 'attach.ts'))}
import { evidenceRig, parked, ruleAt, second } from ${JSON.stringify(join(import.meta.dirname, 'room.fixture.ts'))}
const rig = await evidenceRig()
process.send({ folder: rig.at.folder })
await rig.see([0, 60])
await rig.apply(ruleAt(2, { rule: 'parking', each: 'object' }))
for (let n = 0; ; n++) {
  await rig.stills.put('cam-1', second(0), new TextEncoder().encode('first ' + n))
  await rig.stills.put('cam-1', second(60), new TextEncoder().encode('then ' + n))
  await rig.apply(parked(10 + n, { alert: 'a-' + n }))
  process.send({ raised: n })
  await attachDue(rig.deps(), second(70))
}
`

describe('evidence of a platform that is killed in the middle', () => {
  it.each([0, 4, 9])('is whole where it is attached, comes where it was not, and leaves no halves (%i ms after a raise)', { timeout: 60_000 }, async (delay) => {
    const script = join(await mkdtemp(join(tmpdir(), 'wanglou-kill-')), 'worker.ts')
    await writeFile(script, WORKER)
    let [folder, raised] = ['', 0]
    try {
      const child = fork(script, { execArgv: [] })
      child.on('message', (message: { folder?: string; raised?: number }) => {
        folder = message.folder ?? folder
        raised = message.raised ?? raised
        // Somewhere between the files of this alert and their lines in the book.
        if (message.raised === 25) setTimeout(() => child.kill('SIGKILL'), delay)
      })
      await once(child, 'exit')
    } finally {
      await rm(dirname(script), { recursive: true })
    }
    const book = await openBook(join(folder, 'book.db'))
    rig = await evidenceRig({
      book,
      folder,
      reopen: () => Promise.reject(new Error('unused')),
      remove: async () => void (await Promise.all([book.close(), rm(folder, { recursive: true })])),
    })
    const { files } = rig
    const check = async (id: string): Promise<{ ok: boolean; kinds: string[] }> => {
      const kinds = (await book.evidence.of(id)).map(({ kind }) => kind)
      const manifest = (await book.evidence.of(id)).find(({ kind }) => kind === 'manifest')
      const bytes = manifest && (await files.get(manifest.id as never))
      if (!bytes) return { ok: kinds.length === 0, kinds }
      return { ok: (await verifyEvidence(bytes, undefined, (_, file) => files.get(file as never), [rig?.deps().signer.publicKey ?? ''])).ok, kinds }
    }
    const ids = Array.from({ length: raised + 1 }, (_, n) => `a-${n}`)
    for (const id of ids) expect([id, (await check(id)).ok]).toEqual([id, true])
    await attachDue(rig.deps({ looks: async () => [] }), second(9000))
    for (const id of ids) expect(await check(id)).toMatchObject({ ok: true, kinds: expect.arrayContaining(['manifest', 'readings', 'still']) })
    expect(await readdir(join(folder, 'evidence', 'partial'))).toEqual([])
  })
})
