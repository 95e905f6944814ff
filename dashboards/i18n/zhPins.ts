/** Words of a camera’s calibration and of what its zones show. */
export const zhPins = {
  'pins.title': '标定',
  'pins.open': '对点',
  'pins.close': '完成',
  'pins.clear': '清除',
  'pins.picture': '画面中的标定点',
  'pins.map': '地图上的标定点',
  'pins.few': '在画面中点一个地面上的点,再在地图上点它的位置;还需 {n} 对,散布在路面上,最好 8 对。',
  'pins.fits': '吻合,单点误差约 {m} 米',
  'pins.refused': '不能使用:{why}',
  'pins.metres': '差 {m} 米',
  'pins.remove': '删除第 {n} 对',
  'zone.asset': '显示的资产',
  'zone.inertia': '确认次数',
  'zone.inertiaHelp': '连续这么多次查看都在区域内才算数,时间从第一次算起。',
} as const
