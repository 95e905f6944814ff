let context: AudioContext | undefined

/** Two short notes, made here: no file to load, and silent where the browser forbids sound before the first click. */
export function tone(): void {
  context ??= new AudioContext()
  const { currentTime } = context
  for (const [index, hertz] of [880, 1174.66].entries()) {
    const note = context.createOscillator()
    const volume = context.createGain()
    const start = currentTime + index * 0.16
    note.frequency.value = hertz
    volume.gain.setValueAtTime(0.0001, start)
    volume.gain.exponentialRampToValueAtTime(0.2, start + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.15)
    note.connect(volume).connect(context.destination)
    note.start(start)
    note.stop(start + 0.16)
  }
}
