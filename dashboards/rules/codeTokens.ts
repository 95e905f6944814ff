export type TokenKind = 'text' | 'string' | 'number' | 'name' | 'function' | 'param' | 'word' | 'sign' | 'comment'
export interface Token {
  kind: TokenKind
  text: string
}
export type CodeLanguage = 'condition' | 'yaml'

const WORDS = new Set(['true', 'false', 'null', 'in'])
const CONDITION = /("(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)|(\d+(?:\.\d+)?)|(params\.\w*)|([A-Za-z_]\w*)(?=(\s*\()?)|([-+*/%<>=!&|?:]+)|(\s+|.)/g
const YAML = /(#.*)|^(\s*(?:- )?[\w.-]+)(?=:(?:\s|$))|([{,]\s*)([\w.-]+)(?=:\s)|("(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?)|(?<![\w.-])(-?\d+(?:\.\d+)?)(?![\w.])|(\s+|[\w.]+|.)/gm

/** A text cut into coloured pieces; put together again they are the text. It colours, it does not judge. */
export function tokensOf(text: string, language: CodeLanguage): Token[] {
  return language === 'condition' ? [...text.matchAll(CONDITION)].map(conditionToken) : [...text.matchAll(YAML)].flatMap(yamlTokens)
}

function conditionToken([text, string, number, param, name, call, sign]: RegExpMatchArray): Token {
  if (string !== undefined) return { kind: 'string', text }
  if (number !== undefined) return { kind: 'number', text }
  if (param !== undefined) return { kind: 'param', text }
  if (name !== undefined) return { kind: WORDS.has(name) ? 'word' : call === undefined ? 'name' : 'function', text }
  return { kind: sign === undefined ? 'text' : 'sign', text }
}

function yamlTokens([text, comment, key, before, inner, string, number]: RegExpMatchArray): Token[] {
  if (comment !== undefined) return [{ kind: 'comment', text }]
  if (key !== undefined) return [{ kind: 'name', text }]
  if (before !== undefined && inner !== undefined)
    return [
      { kind: 'sign', text: before },
      { kind: 'name', text: inner },
    ]
  return [{ kind: string !== undefined ? 'string' : number !== undefined ? 'number' : 'text', text }]
}
