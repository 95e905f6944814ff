import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { IdSchema } from '../../domain/asset.ts'
import { CodedError, messageOf } from '../../domain/errors.ts'
import { FITS } from '../letterbox.ts'

const TripleSchema = z.tuple([z.number(), z.number(), z.number()])

const InputSchema = z.strictObject({
  name: z.string().min(1),
  width: z.number().int().min(8).max(4096),
  height: z.number().int().min(8).max(4096),
  layout: z.literal('nchw').default('nchw'),
  colour: z.enum(['rgb', 'bgr']),
  /** Value = (byte × scale − mean) ÷ std, with mean and std in the order of the model's colours. */
  scale: z.number().positive().default(1),
  mean: TripleSchema.default([0, 0, 0]),
  std: TripleSchema.refine((std) => std.every((value) => value !== 0), 'must not be 0').default([1, 1, 1]),
  fit: z.enum(FITS),
  /** Grey of the padding, 0–255. */
  padValue: z.number().int().min(0).max(255).default(114),
})
export type ModelInput = z.infer<typeof InputSchema>

export const HEAD_NAMES = ['yolox', 'yolov8'] as const
export type HeadName = (typeof HEAD_NAMES)[number]

export const ManifestSchema = z.strictObject({
  id: IdSchema,
  title: z.string().max(200).default(''),
  /** Where the ONNX file lies: beside the manifest, else in one of the model folders. */
  file: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits'),
  input: InputSchema,
  head: z.enum(HEAD_NAMES),
  /** Names of the classes in their order, or `metadata`: they stand in the ONNX file. */
  labels: z.union([z.array(z.string().min(1).max(64)).min(1), z.literal('metadata')]),
  /** From this score on the model means it; weaker objects are kept as sub-threshold objects. */
  score: z.number().min(0).max(1).default(0.35),
  /** Boxes of one class that overlap more are one thing. */
  iou: z.number().min(0).max(1).default(0.45),
  licence: z.string().min(1),
  source: z.string().default(''),
})
/** What a model file is and how to feed and read it; written by whoever drops the file in. */
export type Manifest = z.infer<typeof ManifestSchema>

/** A manifest whose file was found. */
export interface ModelFile {
  manifest: Manifest
  path: string
}

const invalid = (why: string, details: { where?: string; why: string }[] = []) => new CodedError('model.invalid', why, { details })

/** Reads one manifest; throws `model.invalid` with every error in it, and when the ONNX file is nowhere. */
export async function readManifest(path: string, folders: readonly string[] = []): Promise<ModelFile> {
  const manifest = await parseManifest(path)
  const places = [dirname(path), ...folders].map((folder) => resolve(folder, manifest.file))
  const file = places.find((place) => existsSync(place))
  if (!file) throw invalid(`${path}: the model file ${manifest.file} is neither beside the manifest nor in the model folders`)
  return { manifest, path: file }
}

async function parseManifest(path: string): Promise<Manifest> {
  let document: unknown
  try {
    document = parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw invalid(`${path}: ${messageOf(error)}`)
  }
  const parsed = ManifestSchema.safeParse(document)
  if (parsed.success) return parsed.data
  const details = parsed.error.issues.map((issue) => ({ where: `${path}: ${issue.path.join('.')}`, why: issue.message }))
  throw invalid(`${path}: ${details.map(({ why }, i) => `${parsed.error.issues[i]?.path.join('.')} ${why}`).join('; ')}`, details)
}

export interface ModelListing {
  path: string
  manifest: Manifest | null
  /** Why it cannot be used; null if it can, as far as the files tell. */
  error: string | null
}

/** Every manifest (`*.yaml`) in the folders, with what is wrong with it. */
export async function listModels(folders: readonly string[]): Promise<ModelListing[]> {
  const listings: ModelListing[] = []
  for (const path of await manifestPaths(folders)) {
    const manifest = await parseManifest(path).catch((error: unknown) => messageOf(error))
    if (typeof manifest === 'string') listings.push({ path, manifest: null, error: manifest })
    else
      listings.push({
        path,
        manifest,
        error: await readManifest(path, folders).then(
          () => null,
          (error: unknown) => messageOf(error),
        ),
      })
  }
  return listings
}

async function manifestPaths(folders: readonly string[]): Promise<string[]> {
  const names = await Promise.all(folders.map(async (folder) => (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.yaml')).map((name) => join(folder, name))))
  return names.flatMap((paths) => paths.toSorted())
}

/** The model of this id; the first folder wins. Throws `model.invalid`. */
export async function findModel(id: string, folders: readonly string[]): Promise<ModelFile> {
  const listing = (await listModels(folders)).find(({ manifest }) => manifest?.id === id)
  if (!listing) throw invalid(`no manifest of the model ${id} in ${folders.join(', ')}`)
  return readManifest(listing.path, folders)
}

/** The bytes of a model file, only if they are those that its manifest names. Throws `model.invalid`. */
export async function readModel({ manifest, path }: ModelFile): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw invalid(`${path}: ${messageOf(error)}`)
  })
  const hash = createHash('sha256').update(bytes).digest('hex')
  if (hash !== manifest.sha256) throw invalid(`${path}: its SHA-256 is ${hash}, the manifest of ${manifest.id} says ${manifest.sha256}`)
  return bytes
}

/** What scenes call the model: its id and the first 12 digits of the hash of its file. */
export function modelName({ id, sha256 }: Manifest): string {
  return `${id}@${sha256.slice(0, 12)}`
}
