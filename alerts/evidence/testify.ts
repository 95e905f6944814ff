import { createHash } from 'node:crypto'
import { canonical } from '../../domain/canonical.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import type { AlertRecord } from '../../store/book/alerts.ts'
import type { EvidenceDeps } from './deps.ts'
import type { Held } from './held.ts'
import { type Known, manifestOf } from './manifest.ts'
import type { Found, Keep, Witness } from './pictures.ts'
import { signedText } from './signature.ts'

/** A new manifest where it would say something else than the present one. */
export async function testify(deps: EvidenceDeps, alert: AlertRecord, witness: Witness | undefined, held: Held, found: Found, keep: Keep, now: Instant): Promise<void> {
  const body = manifestOf(await testimonyOf(deps, alert, witness, filesAfter(held, found), found))
  const { signature: _signature, signedAt: _signedAt, ...before } = (held.manifest?.body ?? {}) as Record<string, unknown>
  if (canonical(before) === canonical(body)) return
  const file = await keep(new TextEncoder().encode(signedText({ ...body, signedAt: formatInstant(now) }, deps.signer)), 'json')
  if (!file) return
  found.pieces.push({ ...file, kind: 'manifest', at: alert.openedAt, shows: null, receivedAt: null })
  if (held.manifest) found.replaced.push(held.manifest.id)
}

function filesAfter(held: Held, { pieces, replaced }: Found): Known[] {
  return [...held.files, ...pieces].filter(({ id }) => !replaced.includes(id))
}

async function testimonyOf(deps: EvidenceDeps, alert: AlertRecord, witness: Witness | undefined, files: readonly Known[], { missing, failures }: Found) {
  const { book, modelSha256, clockOf } = deps
  const rule = await book.rules.find(alert.rule, alert.ruleVersion)
  const device = witness?.id ?? alert.devices[0]
  const clock = device === undefined ? null : await clockOf(device)
  const [, digits] = /@([0-9a-f]{8,64})$/.exec(alert.model ?? '') ?? []
  return {
    alert,
    ruleSha256: rule
      ? createHash('sha256')
          .update(rule.base ?? '')
          .update(rule.source)
          .digest('hex')
      : null,
    modelSha256: alert.model === null ? null : ((await modelSha256(alert.model)) ?? digits ?? null),
    camera: witness ? { id: witness.id, version: witness.version, zones: witness.config?.zones ?? [] } : null,
    clock: clock && device !== undefined ? { device, ...clock } : null,
    verdict: (await book.alerts.timeline(alert.id)).findLast(({ what }) => what === 'verdict') ?? null,
    files,
    missing: [...missing.map(({ why }) => why), ...failures],
  }
}
