import { join } from 'node:path'
import { checkModel } from '../../inference/check.ts'
import { listModels } from '../../inference/models/manifest.ts'

/** The manifests that come with the product. */
export const MODELS_DIR = join(import.meta.dirname, '../../inference/models')

export async function commandModelsList(dir: string | undefined): Promise<number> {
  for (const listing of await listModels(dir === undefined ? [MODELS_DIR] : [dir, MODELS_DIR])) process.stdout.write(`${JSON.stringify(listing)}\n`)
  return 0
}

export async function commandModelsCheck(file: string, pictures: readonly string[], { json }: { json?: boolean }): Promise<number> {
  const check = await checkModel(file, { pictures, clock: () => performance.now() })
  process.stdout.write(`${JSON.stringify(check, null, json ? undefined : 2)}\n`)
  return 0
}
