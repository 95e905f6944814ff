import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { IdSchema } from '../../domain/asset.ts'
import { CodedError, type Detail, messageOf } from '../../domain/errors.ts'
import { FITS } from '../letterbox.ts'

const TripleSchema = z.tuple([z.number(), z.number(), z.number()])

/** What a further input of a model is told of the picture's size. */
export const SIZE_INPUTS = ['width-height', 'height-width', 'one'] as const
export type SizeInput = (typeof SIZE_INPUTS)[number]

const InputSchema = z.strictObject({
  name: z.string().min(1),
  width: z.number().int().min(8).max(4096),
  height: z.number().int().min(8).max(4096),
  /** Colours as planes one after another, or side by side in each pixel. */
  layout: z.enum(['nchw', 'nhwc']).default('nchw'),
  colour: z.enum(['rgb', 'bgr']),
  /** Value = (byte × scale − mean) ÷ std, with mean and std in the order of the model's colours. */
  scale: z.number().positive().default(1),
  mean: TripleSchema.default([0, 0, 0]),
  std: TripleSchema.refine((std) => std.every((value) => value !== 0), 'must not be 0').default([1, 1, 1]),
  fit: z.enum(FITS),
  /** Grey of the padding, 0–255. */
  padValue: z.number().int().min(0).max(255).default(114),
  /**
   * Further inputs that ask for the size of the picture (DETR's `orig_target_sizes`: width-height; Paddle's `im_shape`:
   * height-width, and `scale_factor`: one). They are told the size of the input, so that boxes come back in its pixels.
   */
  sizes: z.array(z.strictObject({ name: z.string().min(1), as: z.enum(SIZE_INPUTS) })).default([]),
})
export type ModelInput = z.infer<typeof InputSchema>

/** The likelier ones first: of a file without a manifest the first that fits is proposed. */
export const HEAD_NAMES = ['yolov8', 'yolox', 'yolov5', 'nanodet', 'fastestdet', 'end2end', 'detr'] as const
export type HeadName = (typeof HEAD_NAMES)[number]

const COMMON = {
  id: IdSchema,
  title: z.string().max(200).default(''),
  /** Where the ONNX file lies: beside the manifest, else in one of the model folders. */
  file: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits'),
  input: InputSchema,
  licence: z.string().min(1),
  source: z.string().default(''),
  /** What it was trained on: whoever reads an alert may ask what the model has ever seen. */
  training: z.string().default(''),
  /** Its model card, a file beside the manifest or an address. */
  card: z.string().optional(),
}

export const ManifestSchema = z.strictObject({
  ...COMMON,
  kind: z.literal('detector').default('detector'),
  head: z.enum(HEAD_NAMES),
  /** Names of the classes in their order, or `metadata`: they stand in the ONNX file. */
  labels: z.union([z.array(z.string().min(1).max(64)).min(1), z.literal('metadata')]),
  /** From this score on the model means it; weaker objects are kept as sub-threshold objects. */
  score: z.number().min(0).max(1).default(0.35),
  /** Boxes of one class that overlap more are one thing. */
  iou: z.number().min(0).max(1).default(0.45),
})
/** What a model file is and how to feed and read it; written by whoever drops the file in. */
export type Manifest = z.infer<typeof ManifestSchema>

export const ReaderManifestSchema = z.strictObject({
  ...COMMON,
  kind: z.literal('reader'),
  /** One output [1, places, characters + blank] for the text, and perhaps one [1, colours]. */
  head: z.literal('ctc'),
  /** In their order, without the blank. */
  characters: z.string().min(1),
  /** Index of the blank. */
  blank: z.number().int().min(0).default(0),
  /** Names of the colours in their order, or none. */
  colours: z.array(z.string().min(1).max(16)).default([]),
  /** Labels of the objects that it reads. */
  reads: z.array(z.string().min(1).max(64)).min(1).default(['plate']),
  /** A text of another form is not believed. */
  pattern: z.string().refine(isPattern, 'must be a regular expression').optional(),
  /** From this confidence on a reading is meant. */
  score: z.number().min(0).max(1).default(0.8),
})
/** A second stage: a model that reads a text, and perhaps a colour, from a part of the picture. */
export type ReaderManifest = z.infer<typeof ReaderManifestSchema>
export type AnyManifest = Manifest | ReaderManifest

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text, 'u'))
  } catch {
    return false
  }
}

/** A manifest whose file was found. */
export interface ModelFile<M extends AnyManifest = Manifest> {
  manifest: M
  path: string
}
export type ReaderFile = ModelFile<ReaderManifest>

/** All that is wrong with a model, in one error. */
export function invalidModel(what: string, problems: readonly Detail[]): CodedError {
  const told = problems.map(({ where, why }) => (where === undefined ? why : `${where}: ${why}`))
  return new CodedError('model.invalid', `${what}: ${told.join('; ')}`, { details: problems })
}

/** Reads one manifest; throws `model.invalid` with every error in it, and when the ONNX file is nowhere. */
export async function readAnyManifest(path: string, folders: readonly string[] = []): Promise<ModelFile<AnyManifest>> {
  const document = await readDocument(path)
  const parsed = schemaOf(document).safeParse(document)
  const problems = parsed.success ? [] : parsed.error.issues.flatMap(problemsOf)
  const name = (document as { file?: unknown } | null)?.file
  const file = typeof name === 'string' ? [dirname(path), ...folders].map((folder) => resolve(folder, name)).find((place) => existsSync(place)) : undefined
  if (typeof name === 'string' && name !== '' && !file) problems.push({ where: 'file', why: `${name} is neither beside the manifest nor in the model folders` })
  if (!parsed.success || !file || problems.length > 0) throw invalidModel(path, problems)
  return { manifest: parsed.data, path: file }
}

/** Reads the manifest of a detector. Throws `model.invalid`. */
export async function readManifest(path: string, folders: readonly string[] = []): Promise<ModelFile> {
  return detectorOf(await readAnyManifest(path, folders))
}

function schemaOf(document: unknown): typeof ManifestSchema | typeof ReaderManifestSchema {
  return (document as { kind?: unknown } | null)?.kind === 'reader' ? ReaderManifestSchema : ManifestSchema
}

function problemsOf(issue: z.core.$ZodIssue): Detail[] {
  const names = issue.code === 'unrecognized_keys' ? issue.keys : [undefined]
  return names.map((name) => {
    const where = [...issue.path, ...(name === undefined ? [] : [name])].join('.')
    return { ...(where !== '' && { where }), why: name === undefined ? issue.message : 'there is no such field' }
  })
}

async function readDocument(path: string): Promise<unknown> {
  try {
    return parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw invalidModel(path, [{ why: messageOf(error) }])
  }
}

export interface ModelListing {
  path: string
  manifest: AnyManifest | null
  /** Why it cannot be used; null if it can, as far as the files tell. */
  error: string | null
}

/** Every manifest (`*.yaml`) in the folders, with what is wrong with it. */
export async function listModels(folders: readonly string[]): Promise<ModelListing[]> {
  const listings: ModelListing[] = []
  for (const path of await manifestPaths(folders)) {
    const document = await readDocument(path).catch(() => null)
    const manifest = schemaOf(document).safeParse(document).data ?? null
    const error = await readAnyManifest(path, folders).then(
      () => null,
      (why: unknown) => messageOf(why),
    )
    listings.push({ path, manifest, error })
  }
  return listings
}

async function manifestPaths(folders: readonly string[]): Promise<string[]> {
  const names = await Promise.all(folders.map(async (folder) => (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.yaml')).map((name) => join(folder, name))))
  return names.flatMap((paths) => paths.toSorted())
}

/** The first manifest of this id that can be used; of one that cannot it tells why. */
async function findManifest(id: string, folders: readonly string[]): Promise<ModelFile<AnyManifest>> {
  let bad: CodedError | undefined
  for (const path of await manifestPaths(folders)) {
    const document = await readDocument(path).catch(() => null)
    if ((document as { id?: unknown } | null)?.id !== id) continue
    try {
      return await readAnyManifest(path, folders)
    } catch (error) {
      bad ??= error as CodedError
    }
  }
  throw bad ?? invalidModel(id, [{ why: `no manifest of the model ${id} in ${folders.join(', ')}` }])
}

/** The detector of this id; the first folder wins. Throws `model.invalid`. */
export async function findModel(id: string, folders: readonly string[]): Promise<ModelFile> {
  return detectorOf(await findManifest(id, folders))
}

/** The reader of this id; the first folder wins. Throws `model.invalid`. */
export async function findReader(id: string, folders: readonly string[]): Promise<ReaderFile> {
  const { manifest, path } = await findManifest(id, folders)
  if (manifest.kind !== 'reader') throw invalidModel(id, [{ where: 'kind', why: 'it is a detector and reads nothing' }])
  return { manifest, path }
}

function detectorOf({ manifest, path }: ModelFile<AnyManifest>): ModelFile {
  if (manifest.kind !== 'detector') throw invalidModel(manifest.id, [{ where: 'kind', why: 'it is a reader, the second stage of a camera, and finds no boxes by itself' }])
  return { manifest, path }
}

/** The bytes of a model file, only if they are those that its manifest names. Throws `model.invalid`. */
export async function readModel({ manifest, path }: ModelFile<AnyManifest>): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw invalidModel(path, [{ why: messageOf(error) }])
  })
  const hash = createHash('sha256').update(bytes).digest('hex')
  if (hash !== manifest.sha256) throw invalidModel(path, [{ where: 'sha256', why: `its SHA-256 is ${hash}, the manifest of ${manifest.id} says ${manifest.sha256}` }])
  return bytes
}

/** What scenes call the model: its id and the first 12 digits of the hash of its file. */
export function modelName({ id, sha256 }: Pick<AnyManifest, 'id' | 'sha256'>): string {
  return `${id}@${sha256.slice(0, 12)}`
}
