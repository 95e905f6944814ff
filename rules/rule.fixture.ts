/** A rule file for tests; `more` is any further YAML. */
export function ruleText({ on, when, id = 'r', params, more = '' }: { on: string; when: string; id?: string; params?: string; more?: string }): string {
  return [
    `rule: ${id}`,
    'title: { zh: 试, en: test }',
    `on: ${on}`,
    ...(params ? [`params: { ${params} }`] : []),
    `when: >-\n  ${when}`,
    ...(more.includes('severity:') ? [] : ['severity: major']),
    more,
  ].join('\n')
}
