import { hasOpenCase } from '../../city.ts'
import type { LanguageFunction } from '../function.ts'

export const REGISTER: readonly LanguageFunction[] = [
  {
    name: 'openCase',
    signatures: ['openCase(string): bool'],
    help: { zh: '该资产有此类未结案件', en: 'a case of this type is open for the asset' },
    example: 'openCase("maintenance")',
    compile(args, build) {
      const type = args[0] && build.compile(args[0])
      return (context) => hasOpenCase(context.run.state, context.run.asset.id, String(type?.(context)))
    },
  },
]
